"""What the engine costs outside the evaluation of candidates, and how that grows."""
