"""Constraints: what every candidate meets, and how samples, mutants and repaired rows are made to."""
