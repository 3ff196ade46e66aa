"""Hard rules: what every candidate meets, and how samples, mutants and repaired rows are made to."""

from optimizer.rules.choice import CardinalityRule, ForbiddenRule
from optimizer.rules.enforcer import Enforcer
from optimizer.rules.feasibility import check_feasible
from optimizer.rules.linear import OrderRule, RatioRule, SumRule
from optimizer.rules.rule import TOLERANCE, Rule

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
