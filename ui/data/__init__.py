"""Pieces of the page Data."""
