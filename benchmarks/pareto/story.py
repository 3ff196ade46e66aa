"""The concrete story with several goals as a problem of the benchmark: strength up, cost and CO2 down, a limit kept.

All search the same predictions within the same bounds, without penalties: peers of pymoo know limits, and no realism.
"""

from functools import cache

import numpy as np

from benchmarks.pareto.functions import FrontFunction
from optimizer import FrontProblem
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.problems.building import build_front
from services.problems.stories import MOST_WATER, story, story_spec
from services.specs.run import NumericSpec, RunSpec

NAME = "concrete"


@cache
def _spec() -> tuple[RunSpec, Catalog]:
    catalog = Catalog.of(Settings.from_environment())
    spec = story_spec(story("front"), catalog)
    features = tuple(
        feature.model_copy(update={"step": None}) if isinstance(feature, NumericSpec) else feature
        for feature in spec.features
    )
    plain = {"density": None, "distance": None, "plausibility": None, "risk_aversion": 0.0, "unmeasured_only": False}
    return spec.revised(features=features, **plain), catalog


@cache
def problem() -> FrontProblem:
    """The story as the app searches it, its goals in the first columns."""
    spec, catalog = _spec()
    return build_front(spec, catalog.model_data(spec))


def _rows(X: np.ndarray) -> np.ndarray:
    """Candidates of all features for those of the free ones."""
    space = problem().space
    rows = np.array([feature.frozen or 0.0 for feature in space.features])[None].repeat(len(X), axis=0)
    rows[:, _free()] = X
    return rows


def _free() -> list[int]:
    return [j for j, feature in enumerate(problem().space.features) if feature.is_free]


def goals(X: np.ndarray) -> np.ndarray:
    """What candidates (n, free features) have of the goals, smaller is better, (n, 3)."""
    return of_outcomes(problem().predict(_rows(X)))


def of_outcomes(outcomes: np.ndarray) -> np.ndarray:
    """The goals (n, 3) of what the problem predicts, smaller is better."""
    return outcomes[:, :3] * [-1.0, 1.0, 1.0]


def limits(X: np.ndarray) -> np.ndarray:
    """By how much candidates (n, free features) break the limit, (n, 1); at most 0 where they keep it."""
    return excess(_rows(X))[:, None]


def excess(rows: np.ndarray) -> np.ndarray:
    """By how much the water/cement ratio of candidates of all features (n, d) is too high, (n,)."""
    names = problem().space.names
    return np.asarray(rows[:, names.index("water")] / rows[:, names.index("cement")] - MOST_WATER)


def concrete() -> FrontFunction:
    """The story as peers search it: its free features are the variables."""
    features = problem().space.features
    bounds = tuple((float(features[j].low), float(features[j].high)) for j in _free())  # type: ignore[union-attr]
    return FrontFunction(NAME, goals, bounds, limits=limits)
