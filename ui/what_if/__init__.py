"""Pieces of the page What if."""
