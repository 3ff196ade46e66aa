"""The outcomes of a run: what models and formulas say of each, limits, and several goals as one."""
