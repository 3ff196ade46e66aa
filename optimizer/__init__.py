"""The engine: several different optima of any function of arrays, found by lineages.

It knows NumPy, SciPy and scikit-learn; no files, tables, models or screens.
"""

from optimizer.checks import AskTellError, SpaceError
from optimizer.constraints.categories import ForbiddenConstraint
from optimizer.constraints.constraint import (
    CardinalityConstraint,
    ConditionalConstraint,
    Constraint,
    OrderConstraint,
    RatioConstraint,
    SumConstraint,
)
from optimizer.constraints.feasibility import check_feasible
from optimizer.constraints.subspace import SubspaceConstraint
from optimizer.features import DEFAULT_STRENGTH, MAX_STRENGTH, Categorical, Feature, Numeric
from optimizer.methods.asktell import ImmigrantSource
from optimizer.methods.lineages import LineageSearch, LineageSettings
from optimizer.methods.method import Method, is_steerable, uses_strengths
from optimizer.niches.front.results import (
    FrontOutcome,
    FrontResults,
    front_results,
    most_different,
    most_hypervolume,
)
from optimizer.niches.front.settings import FrontSettings, search_front
from optimizer.niches.settings import NicheSettings
from optimizer.plausibility.plausibility import DEFAULT_MEASURE, MEASURES, MeasureName, Plausibility, disagrees
from optimizer.polish.polish import Polished, polish
from optimizer.problem.candidates import Candidates
from optimizer.problem.front import FrontCandidates, FrontProblem
from optimizer.problem.gate import Gate
from optimizer.problem.limits import Limit, Limits
from optimizer.problem.measured import MeasuredRows, settings_of
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
from optimizer.results import (
    DEFAULT_PERCENT,
    Choice,
    Diversity,
    FloorKind,
    QualityFloor,
    representatives,
    solow_polasky,
)
from optimizer.search import DEFAULT_METHOD, METHODS, Optimum, method_of, optimize, search
from optimizer.trace import (
    NO_HOOKS,
    Budget,
    Climb,
    Decide,
    Decision,
    DecisionKind,
    Events,
    FrontPlaces,
    Generation,
    Hooks,
    LineageState,
    SearchOutcome,
    StopReason,
    check_first_generation,
    first_as_good,
    found_by,
    is_end,
    replaying,
)
