"""Pieces of the page Results."""
