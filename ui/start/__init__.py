"""Pieces of the pages Start and How it works."""
