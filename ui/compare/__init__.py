"""Pieces of the comparisons on the page Runs."""
