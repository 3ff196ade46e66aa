"""Niches: lineages that are good local searches, each on a hill of its own."""

from optimizer.niches.archive import LEVEL
from optimizer.niches.settings import NicheSettings

__all__ = ["LEVEL", "NicheSettings"]
