"""Pieces of the page Tune."""
