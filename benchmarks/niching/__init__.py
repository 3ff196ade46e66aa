"""Functions with several global maxima, and how many of them a search finds."""
