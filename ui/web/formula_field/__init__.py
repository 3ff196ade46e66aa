"""The field in which a formula is typed: names are completed, and what is wrong is marked at its place."""
