"""Pieces of what realism costs, on the page Optimize."""
