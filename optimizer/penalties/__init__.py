"""Weighted, unitless costs of unrealistic candidates: they stay in the search, but pay."""

from optimizer.penalties.density import DensityPenalty
from optimizer.penalties.distance import DistancePenalty
from optimizer.penalties.penalty import GradientPenalty, Penalty
from optimizer.penalties.plausibility import PlausibilityPenalty

__all__ = ["DensityPenalty", "DistancePenalty", "GradientPenalty", "Penalty", "PlausibilityPenalty"]
