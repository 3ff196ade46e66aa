"""The engine: several different optima of any function of arrays, found by lineages.

It knows NumPy, SciPy and scikit-learn; no files, tables, models or screens.
"""

from optimizer.candidates import Candidates
from optimizer.checks import AskTellError, SpaceError
from optimizer.features import DEFAULT_WEIGHT, Categorical, Feature, Numeric
from optimizer.lineages import LineageSearch, LineageSettings
from optimizer.objective import Curve, Goal, Objective, Predict, Summary
from optimizer.optimize import Optimum, optimize
from optimizer.penalties import DensityPenalty, Penalty
from optimizer.problem import Problem
from optimizer.representatives import FloorKind, QualityFloor, min_distance, representatives
from optimizer.search import Budget, SearchOutcome, StopReason, search
from optimizer.space import SearchSpace
from optimizer.trace import Events, Generation, LineageState

__all__ = [
    "DEFAULT_WEIGHT",
    "AskTellError",
    "Budget",
    "Candidates",
    "Categorical",
    "Curve",
    "DensityPenalty",
    "Events",
    "Feature",
    "FloorKind",
    "Generation",
    "Goal",
    "LineageSearch",
    "LineageSettings",
    "LineageState",
    "Numeric",
    "Objective",
    "Optimum",
    "Penalty",
    "Predict",
    "Problem",
    "QualityFloor",
    "SearchOutcome",
    "SearchSpace",
    "SpaceError",
    "StopReason",
    "Summary",
    "min_distance",
    "optimize",
    "representatives",
    "search",
]
