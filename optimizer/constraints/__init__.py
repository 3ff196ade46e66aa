"""Hard rules: what every candidate meets, and how samples, mutants and repaired rows are made to."""

from optimizer.constraints.choice import CardinalityRule, ForbiddenRule
from optimizer.constraints.enforcer import Enforcer
from optimizer.constraints.feasibility import check_feasible
from optimizer.constraints.linear import OrderRule, RatioRule, SumRule
from optimizer.constraints.rule import TOLERANCE, Rule

__all__ = [
    "TOLERANCE",
    "CardinalityRule",
    "Enforcer",
    "ForbiddenRule",
    "OrderRule",
    "RatioRule",
    "Rule",
    "SumRule",
    "check_feasible",
]
