"""Constraints: what every candidate meets, and how samples, mutants and repaired rows are made to."""

from optimizer.constraints.categories import ForbiddenConstraint
from optimizer.constraints.constraint import TOLERANCE, Constraint
from optimizer.constraints.feasibility import check_feasible
from optimizer.constraints.handler import ConstraintHandler
from optimizer.constraints.numeric import CardinalityConstraint, OrderConstraint, RatioConstraint, SumConstraint

__all__ = [
    "TOLERANCE",
    "CardinalityConstraint",
    "Constraint",
    "ConstraintHandler",
    "ForbiddenConstraint",
    "OrderConstraint",
    "RatioConstraint",
    "SumConstraint",
    "check_feasible",
]
