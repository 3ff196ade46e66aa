"""The cleaned table as arrays, its encoding, and how its rows are split."""
