"""Weighted, unitless costs of unrealistic candidates: they stay in the search, but pay."""

from optimizer.problem.penalties.density import DensityPenalty
from optimizer.problem.penalties.distance import DistancePenalty
from optimizer.problem.penalties.penalty import GradientPenalty, Penalty
from optimizer.problem.penalties.plausibility import PlausibilityPenalty
