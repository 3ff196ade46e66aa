"""Pieces of the page Optimize."""
