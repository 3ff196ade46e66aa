"""From many good candidates to a few different ones: a quality floor, then a choice."""

from optimizer.results.choice import CHOICES, Choice, representatives
from optimizer.results.floor import DEFAULT_PERCENT, FloorKind, QualityFloor, gaps_to_best

__all__ = ["CHOICES", "DEFAULT_PERCENT", "Choice", "FloorKind", "QualityFloor", "gaps_to_best", "representatives"]
