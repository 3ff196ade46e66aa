"""The engine: several different optima of any function of arrays, found by lineages.

It knows NumPy, SciPy and scikit-learn; no files, tables, models or screens.
"""

from optimizer.checks import AskTellError, SpaceError
from optimizer.constraints import (
    CardinalityConstraint,
    Constraint,
    ForbiddenConstraint,
    OrderConstraint,
    RatioConstraint,
    SumConstraint,
    check_feasible,
)
from optimizer.features.features import DEFAULT_WEIGHT, Categorical, Feature, Numeric
from optimizer.methods.asktell import ImmigrantSource
from optimizer.methods.lineages import LineageSearch, LineageSettings
from optimizer.methods.method import Method, is_steerable
from optimizer.plausibility import DEFAULT_MEASURE, MEASURES, MeasureName, Plausibility, disagrees
from optimizer.polish import Polished, polish
from optimizer.problem.candidates import Candidates
from optimizer.problem.gate import Gate
from optimizer.problem.objective import Curve, Goal, Objective, Predict, PredictWithUncertainty, Summary
from optimizer.problem.penalties import (
    DensityPenalty,
    DistancePenalty,
    GradientPenalty,
    Penalty,
    PlausibilityPenalty,
)
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace
from optimizer.results import CHOICES, DEFAULT_PERCENT, Choice, FloorKind, QualityFloor, representatives
from optimizer.results.diversity import Diversity, min_distance, solow_polasky
from optimizer.search import DEFAULT_METHOD, METHODS, Optimum, method_of, optimize, search
from optimizer.trace.outcome import (
    NO_HOOKS,
    Budget,
    Decide,
    Hooks,
    SearchOutcome,
    StopReason,
    check_first_generation,
    first_as_good,
    found_by,
    replaying,
)
from optimizer.trace.trace import Decision, DecisionKind, Events, Generation, LineageState, is_end

__all__ = [
    "CHOICES",
    "DEFAULT_MEASURE",
    "DEFAULT_METHOD",
    "DEFAULT_PERCENT",
    "DEFAULT_WEIGHT",
    "MEASURES",
    "METHODS",
    "NO_HOOKS",
    "AskTellError",
    "Budget",
    "Candidates",
    "CardinalityConstraint",
    "Categorical",
    "Choice",
    "Constraint",
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
    "ForbiddenConstraint",
    "Gate",
    "Generation",
    "Goal",
    "GradientPenalty",
    "Hooks",
    "ImmigrantSource",
    "LineageSearch",
    "LineageSettings",
    "LineageState",
    "MeasureName",
    "Method",
    "Numeric",
    "Objective",
    "Optimum",
    "OrderConstraint",
    "Penalty",
    "Plausibility",
    "PlausibilityPenalty",
    "Polished",
    "Predict",
    "PredictWithUncertainty",
    "Problem",
    "QualityFloor",
    "RatioConstraint",
    "SearchOutcome",
    "SearchSpace",
    "SpaceError",
    "StopReason",
    "SumConstraint",
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
