"""What a result keeps of a search with several outcomes, to tell what other limits would cost."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer import Goal
from services.results.outcomes import MAX_ARCHIVE, spread_along
from services.results.search import run_spec
from services.specs.outcomes import OutcomeSpec

PRICE = "2 * sand + 3 * water"


@pytest.fixture(scope="module")
def several(mixed):
    """The small table with its formula as a run with several outcomes is given it."""
    return replace(mixed, table=mixed.dataset, measured={mixed.dataset.outcome.name: mixed})


@pytest.fixture(scope="module")
def outcomes_of(plain_spec, mixed):
    """Return a function that gives the small run outcomes: its own, with changes, and a price with others."""
    own = plain_spec.objective.model_copy(update={"name": mixed.dataset.outcome.name})

    def make(measured, price):
        outcomes = (
            OutcomeSpec(name=own.name, model=own.model, confidence=None, **measured),
            OutcomeSpec(name="price", formula=PRICE, unit="€", **price),
        )
        return plain_spec.revised(
            outcomes=outcomes, method={"name": "niches"}, is_compared=False, distinct=0.3, plausibility=None
        )

    return make


@pytest.fixture(scope="module")
def limited(outcomes_of, several):
    """The cheapest with an outcome of at least the median recorded one."""
    spec = outcomes_of({"at_least": float(np.median(several.dataset.y))}, {"goal": Goal.MINIMUM})
    return run_spec(spec, several, is_beside_random=False).result


def best_by_archive(result, bound):
    """The price of the best candidate of the archive with an outcome of at least so much: they come best first."""
    kept = np.array(result.archive.kept)[:, 0] >= bound
    return float(np.array(result.archive.outcomes)[kept, 1][0])


def test_the_archive_of_one_goal_tells_what_a_tighter_limit_costs(limited, several):
    info = limited.outcomes[0]
    now, tighter = (best_by_archive(limited, info.at_least + step * info.scale) for step in (0.0, 0.5))
    assert now == pytest.approx(limited.results.outcomes[0], rel=0.03)
    asked = limited.spec.outcomes[0].model_copy(update={"at_least": info.at_least + 0.5 * info.scale})
    again = run_spec(
        limited.spec.revised(outcomes=(asked, *limited.spec.outcomes[1:])), several, is_beside_random=False
    ).result
    assert now < tighter
    assert tighter == pytest.approx(again.results.outcomes[0], rel=0.05)


def test_it_tells_what_a_looser_limit_brings(limited):
    info = limited.outcomes[0]
    assert len(limited.archive) <= MAX_ARCHIVE
    assert best_by_archive(limited, info.at_least - 0.5 * info.scale) < limited.results.outcomes[0]


def test_the_archive_of_a_front_begins_with_its_results(outcomes_of, several):
    spec = outcomes_of({"goal": Goal.MAXIMUM}, {"goal": Goal.MINIMUM})
    result = run_spec(spec, several, is_beside_random=False).result
    n = len(result.results)
    assert n and set(result.archive.X[:n]) == set(result.results.X)
    assert all(result.archive.is_front[:n]) and len(result.archive) <= MAX_ARCHIVE
    names = [outcome.name for outcome in result.outcomes]
    assert np.array(result.archive.outcomes).shape == (len(result.archive), len(names))


def test_candidates_are_spread_along_a_front_after_those_that_are_chosen():
    t = np.linspace(0, 1, 101)
    scores = np.column_stack([t, 1 - t])
    assert spread_along(scores, 5, np.array([50]))[0] == 50
    assert sorted(spread_along(scores, 5, np.array([50]))) == [0, 25, 50, 75, 100]
    assert list(spread_along(scores, 1, np.array([7, 8]))) == [7]
