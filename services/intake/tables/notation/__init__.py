"""How people write things down: encodings, numbers, units, dates. Standard library only."""
