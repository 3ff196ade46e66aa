"""Fronts of several goals, and how much of them a search finds beside its peers."""
