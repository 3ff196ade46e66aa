"""Models in: an uploaded .keras file, taken apart in a sandbox, its inputs mapped to columns, kept as our own file."""
