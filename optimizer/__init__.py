"""The engine: several different optima of any function of arrays, found by lineages.

It knows NumPy, SciPy and scikit-learn; no files, tables, models or screens.
"""

from optimizer.candidates import Candidates
from optimizer.checks import AskTellError, SpaceError
from optimizer.curve import Curve, Summary
from optimizer.diversity import Diversity, min_distance, solow_polasky
from optimizer.features import DEFAULT_WEIGHT, Categorical, Feature, Numeric
from optimizer.gate import Gate
from optimizer.methods import DEFAULT_METHOD, METHODS, method_of
from optimizer.methods.lineages import LineageSearch, LineageSettings
from optimizer.methods.method import Method, Steerable, is_steerable
from optimizer.methods.newcomers import NewcomersFrom
from optimizer.objective import Goal, Objective
from optimizer.optimize import Optimum, optimize
from optimizer.outcome import Budget, SearchOutcome, StopReason, check_first_generation, first_as_good, found_by
from optimizer.penalties import DensityPenalty, DistancePenalty, GradientPenalty, Penalty, PlausibilityPenalty
from optimizer.plausibility import DEFAULT_MEASURE, MEASURES, MeasureName, Plausibility, SecondCheck, disagrees
from optimizer.polish import Polished, polish
from optimizer.predictions import Predict, PredictWithUncertainty
from optimizer.problem import Problem
from optimizer.representatives import CHOICES, DEFAULT_PERCENT, Choice, FloorKind, QualityFloor, representatives
from optimizer.rules import CardinalityRule, ForbiddenRule, OrderRule, RatioRule, Rule, SumRule, check_feasible
from optimizer.search import search
from optimizer.space import SearchSpace
from optimizer.steering import Decide, Decision, DecisionKind, Steering, replaying
from optimizer.trace import Events, Generation, LineageState, is_end

__all__ = [
    "CHOICES",
    "DEFAULT_MEASURE",
    "DEFAULT_METHOD",
    "DEFAULT_PERCENT",
    "DEFAULT_WEIGHT",
    "MEASURES",
    "METHODS",
    "AskTellError",
    "Budget",
    "Candidates",
    "CardinalityRule",
    "Categorical",
    "Choice",
    "Curve",
    "Decide",
    "Decision",
    "DecisionKind",
    "DensityPenalty",
    "DistancePenalty",
    "Diversity",
    "Events",
    "Feature",
    "FloorKind",
    "ForbiddenRule",
    "Gate",
    "Generation",
    "Goal",
    "GradientPenalty",
    "LineageSearch",
    "LineageSettings",
    "LineageState",
    "MeasureName",
    "Method",
    "NewcomersFrom",
    "Numeric",
    "Objective",
    "Optimum",
    "OrderRule",
    "Penalty",
    "Plausibility",
    "PlausibilityPenalty",
    "Polished",
    "Predict",
    "PredictWithUncertainty",
    "Problem",
    "QualityFloor",
    "RatioRule",
    "Rule",
    "SearchOutcome",
    "SearchSpace",
    "SecondCheck",
    "SpaceError",
    "Steerable",
    "Steering",
    "StopReason",
    "SumRule",
    "Summary",
    "check_feasible",
    "check_first_generation",
    "disagrees",
    "first_as_good",
    "found_by",
    "is_end",
    "is_steerable",
    "method_of",
    "min_distance",
    "optimize",
    "polish",
    "replaying",
    "representatives",
    "search",
    "solow_polasky",
]
