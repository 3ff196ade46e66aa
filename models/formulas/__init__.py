"""Outcomes that are calculated and not measured: formulas over features and other outcomes."""
