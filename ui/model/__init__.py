"""Pieces of the pages Model and Quality."""
