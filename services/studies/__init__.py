"""What is built of several searches or trainings: tunings, comparisons, quality checks, What if, proofs."""
