"""The engine: several different optima of any function of arrays, found by lineages.

It knows NumPy, SciPy and scikit-learn; no files, tables, models or screens.
"""

from optimizer.candidates import Candidates
from optimizer.checks import AskTellError, SpaceError
from optimizer.diversity import Diversity, min_distance, solow_polasky
from optimizer.features import DEFAULT_WEIGHT, Categorical, Feature, Numeric
from optimizer.methods import DEFAULT_METHOD, METHODS, method_of
from optimizer.methods.lineages import LineageSearch, LineageSettings
from optimizer.methods.method import Method
from optimizer.methods.newcomers import NewcomersFrom
from optimizer.objective import Curve, Goal, Objective, Predict, Summary
from optimizer.optimize import Optimum, optimize
from optimizer.outcome import Budget, SearchOutcome, StopReason, check_first_generation, first_as_good
from optimizer.penalties import DensityPenalty, DistancePenalty, GradientPenalty, Penalty
from optimizer.polish import Polished, polish
from optimizer.problem import Problem
from optimizer.representatives import CHOICES, DEFAULT_PERCENT, Choice, FloorKind, QualityFloor, representatives
from optimizer.rules import CardinalityRule, ForbiddenRule, OrderRule, RatioRule, Rule, SumRule, check_feasible
from optimizer.search import search
from optimizer.space import SearchSpace
from optimizer.trace import Events, Generation, LineageState, is_end

__all__ = [
    "CHOICES",
    "DEFAULT_METHOD",
    "DEFAULT_PERCENT",
    "DEFAULT_WEIGHT",
    "METHODS",
    "AskTellError",
    "Budget",
    "Candidates",
    "CardinalityRule",
    "Categorical",
    "Choice",
    "Curve",
    "DensityPenalty",
    "DistancePenalty",
    "Diversity",
    "Events",
    "Feature",
    "FloorKind",
    "ForbiddenRule",
    "Generation",
    "Goal",
    "GradientPenalty",
    "LineageSearch",
    "LineageSettings",
    "LineageState",
    "Method",
    "NewcomersFrom",
    "Numeric",
    "Objective",
    "Optimum",
    "OrderRule",
    "Penalty",
    "Polished",
    "Predict",
    "Problem",
    "QualityFloor",
    "RatioRule",
    "Rule",
    "SearchOutcome",
    "SearchSpace",
    "SpaceError",
    "StopReason",
    "SumRule",
    "Summary",
    "check_feasible",
    "check_first_generation",
    "first_as_good",
    "is_end",
    "method_of",
    "min_distance",
    "optimize",
    "polish",
    "representatives",
    "search",
    "solow_polasky",
]
