"""What is measured: one function for each size that can grow, with the time outside ``evaluate``."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.timing import seconds
from models import Column, Dataset
from optimizer import (
    METHODS,
    Budget,
    Candidates,
    Curve,
    DistancePenalty,
    FloorKind,
    Goal,
    ImmigrantSource,
    LineageSettings,
    Method,
    Objective,
    Problem,
    QualityFloor,
    SearchSpace,
    representatives,
    search,
)
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.problems.defaults import default_spec
from services.problems.projection import MapProjection
from services.specs.run import ModelRef

N_FEATURES = 8
N_EVALUATIONS = 20_000
N_GENERATIONS = 10
N_CANDIDATES = 10_000
N_CURVES = 2_000  # candidates of a search along a sweep
N_STARTED = 2_000  # candidates of a search that starts from recorded rows
ENDLESS = 10**9  # evaluations: a search that is ended by its generations


@dataclass(frozen=True, slots=True)
class Cost:
    """What one size costs.

    Attributes:
        seconds: outside the evaluation of candidates, for as much work as the size stands for.
        n: candidates that this was spent on, 0 where there are none.
    """

    seconds: float
    n: int = 0


def hills(X: np.ndarray) -> np.ndarray:
    """Return (n,) a bowl with dents, which costs next to nothing."""
    return (0.1 * X**2 - np.cos(3 * X)).sum(axis=1)


def features(method: str, size: int) -> Cost:
    """Return the cost of a search of 20,000 candidates by features."""
    outcome = search(_problem(size), METHODS[method], Budget(N_EVALUATIONS), np.random.default_rng(0))
    return Cost(outcome.seconds - outcome.seconds_evaluating, outcome.n_evaluations)


def evaluations(method: str, size: int) -> Cost:
    """Return the cost of a whole search by its budget."""
    outcome = search(_problem(N_FEATURES), METHODS[method], Budget(size), np.random.default_rng(0))
    return Cost(outcome.seconds - outcome.seconds_evaluating, outcome.n_evaluations)


def lineages(method: str, size: int) -> Cost:
    """Return the cost of ten generations by how many lineages live at once."""
    ends: list[int] = []
    outcome = search(
        _problem(N_FEATURES),
        _with_lineages(METHODS[method], size),
        Budget(ENDLESS),
        np.random.default_rng(0),
        on_generation=lambda generation: ends.append(generation.number),
        should_stop=lambda: len(ends) > N_GENERATIONS,
    )
    return Cost(outcome.seconds - outcome.seconds_evaluating, outcome.n_evaluations)


def sweep(method: str, size: int) -> Cost:
    """Return the cost of a search for the area under a curve by its points, which is none outside ``evaluate``."""
    objective = Objective(Goal.MINIMUM, curve=Curve(0, np.linspace(-5, 5, size)))
    problem = replace(_problem(N_FEATURES), objective=objective)
    outcome = search(problem, METHODS[method], Budget(N_CURVES), np.random.default_rng(0))
    return Cost(outcome.seconds - outcome.seconds_evaluating, outcome.n_evaluations)


def starts(method: str, size: int) -> Cost:
    """Return the cost of a search that starts from recorded rows, by their number."""
    settings = METHODS[method]
    if isinstance(settings, LineageSettings):
        settings = replace(settings, immigrants_from=ImmigrantSource.RECORDED)
    problem = replace(_problem(N_FEATURES), starts=_rows(size))
    outcome = search(problem, settings, Budget(N_STARTED), np.random.default_rng(0))
    return Cost(outcome.seconds - outcome.seconds_evaluating, outcome.n_evaluations)


def problem(size: int) -> Cost:
    """Return the cost of a table's first specification and problem, by its rows."""
    dataset = _dataset(size)

    def build() -> None:
        model_data = ModelWithData(dataset, _Predictor(dataset.feature_names))
        build_problem(default_spec(model_data, dataset, ModelRef(name="hills")), model_data)

    return Cost(seconds(build))


def distance(size: int) -> Cost:
    """Return the cost of building the distance penalty, by recorded rows."""
    rows, space = _rows(size), _problem(N_FEATURES).space
    return Cost(seconds(lambda: DistancePenalty.from_rows(rows, space.features)))


def nearest(size: int) -> Cost:
    """Return the cost of asking 10,000 candidates for their nearest recorded row, by recorded rows."""
    space = _problem(N_FEATURES).space
    penalty = DistancePenalty.from_rows(_rows(size), space.features)
    X = space.sample(N_CANDIDATES, np.random.default_rng(1))
    return Cost(seconds(lambda: penalty.cost(X)), N_CANDIDATES)


def projection(size: int) -> Cost:
    """Return the cost of the map of candidates, by recorded rows."""
    rows, space = _rows(size), _problem(N_FEATURES).space
    return Cost(seconds(lambda: MapProjection.of(rows, space)))


def results(size: int) -> Cost:
    """Return the cost of choosing ten representatives, by what was found."""
    space = _problem(N_FEATURES).space
    X = space.sample(size, np.random.default_rng(0))
    found = Candidates(X, hills(X), hills(X), np.zeros(size))
    floor = QualityFloor(FloorKind.BEST_SHARE, 0.5)
    return Cost(seconds(lambda: representatives(found, space, 10, floor, np.random.default_rng(0), 0.3)))


def _problem(n_features: int) -> Problem:
    """Return the bowl with dents over [-5, 5] in every feature."""
    return Problem(SearchSpace.from_bounds([(-5.0, 5.0)] * n_features), hills, Objective(Goal.MINIMUM, scale=3.0))


def _with_lineages(method: Method, n: int) -> Method:
    """Return a method of so many lineages at once."""
    return replace(method, n_lineages=n)  # type: ignore[type-var]


def _rows(n: int) -> np.ndarray:
    """Return (n, 8) recorded rows."""
    return np.random.default_rng(2).uniform(-5, 5, size=(n, N_FEATURES))


def _dataset(n_rows: int) -> Dataset:
    """Return a table of so many rows."""
    X = _rows(n_rows)
    columns = tuple(Column(f"x{j}") for j in range(N_FEATURES))
    return Dataset("hills", columns, Column("y"), X, hills(X), parts=("x1", "x2", "x3"))


@dataclass(frozen=True, slots=True)
class _Predictor:
    """The bowl with dents, as a model."""

    feature_names: tuple[str, ...]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) its values."""
        return hills(X)


@dataclass(frozen=True, slots=True)
class Size:
    """Something that can grow.

    Attributes:
        words: what is timed.
        costs: gives the cost of a size; that of a method if `is_of_method`, whose name comes first then.
        sizes: growing.
        is_of_method: whether every method has a cost of its own.
    """

    words: str
    costs: Callable[..., Cost]
    sizes: tuple[int, ...]
    is_of_method: bool = False


_ROWS = (1_000, 10_000, 100_000, 1_000_000)
SIZES = {
    "features": Size("a search of 20,000 candidates, by features", features, (5, 8, 20, 50, 100, 200), True),
    "lineages": Size("ten generations, by lineages alive at once", lineages, (10, 100, 1_000, 10_000), True),
    "evaluations": Size(
        "a search over 8 features, by its budget", evaluations, (20_000, 60_000, 200_000, 1_000_000), True
    ),
    "sweep": Size("a search of 2,000 curves, by their points", sweep, (2, 10, 100, 1_000), True),
    "starts": Size("a search of 2,000 candidates, by the recorded rows it starts from", starts, _ROWS, True),
    "problem": Size("first specification and problem of a table, by its rows", problem, _ROWS),
    "distance": Size("building the distance penalty, by recorded rows", distance, _ROWS),
    "nearest": Size("the distance penalty of 10,000 candidates, by recorded rows", nearest, _ROWS),
    "projection": Size("the map of candidates, by recorded rows", projection, _ROWS),
    "results": Size("choosing ten representatives, by candidates found", results, _ROWS),
}
"""Everything that is measured, by its name."""
