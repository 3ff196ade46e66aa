"""Hard rules: what every candidate meets, and how samples, mutants and repaired rows are made to."""

from optimizer.constraints.choice import CardinalityConstraint, ForbiddenConstraint
from optimizer.constraints.enforcer import ConstraintHandler
from optimizer.constraints.feasibility import check_feasible
from optimizer.constraints.linear import OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.rule import TOLERANCE, Constraint

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
