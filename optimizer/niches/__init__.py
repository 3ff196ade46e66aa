"""Niches: lineages that are good local searches, each on a hill of its own."""
