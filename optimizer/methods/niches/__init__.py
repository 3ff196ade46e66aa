"""Niches: lineages that are good local searches, each on a hill of its own."""

from optimizer.methods.niches.optima import LEVEL
from optimizer.methods.niches.settings import NicheSettings

__all__ = ["LEVEL", "NicheSettings"]
