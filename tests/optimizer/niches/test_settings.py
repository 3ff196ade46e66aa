import numpy as np
import pytest

from optimizer import (
    Budget,
    Categorical,
    Hooks,
    LineageState,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    search,
)
from optimizer.methods.asktell import ImmigrantSource
from optimizer.niches.settings import NicheSettings
from optimizer.problem.objective import Goal

SQUARE = SearchSpace.from_bounds([(0, 1)] * 2)


def found(function, space, budget, **given):
    problem = Problem(space, function, Objective(goal="minimum"))
    return search(problem, NicheSettings(**given), Budget(budget), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n_lineages": 0}, ["number of lineages", "at least 1", "got 0"]),
        ({"spread": -0.1}, ["share of the budget", "between 0 and", "-0.1"]),
        ({"spread": 1.0}, ["share of the budget", "got 1.0"]),
        ({"immigrants_from": "elsewhere"}, ["random", "recorded", "both", "elsewhere"]),
    ],
)
def test_settings_out_of_range_say_what_is_expected(given, words):
    with pytest.raises(SpaceError) as refused:
        NicheSettings(**given)
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_source_may_be_given_by_its_name(bowl):
    assert NicheSettings(immigrants_from="recorded").immigrants_from is ImmigrantSource.RECORDED
    with pytest.raises(SpaceError, match="need recorded rows"):
        found(bowl, SQUARE, 500, immigrants_from="recorded")


def test_where_nothing_is_numeric_plain_lineages_search():
    table = np.random.default_rng(0).standard_normal((5, 6))
    space = SearchSpace((Categorical("a", (0.2,) * 5), Categorical("b", (1 / 6,) * 6), Numeric("z", 3, 3, std=1.0)))
    outcome = found(lambda X: table[X[:, 0].astype(int), X[:, 1].astype(int)], space, 600)
    assert outcome.found.scores[0] == table.min()
    assert outcome.trace[0].covariances is None


SPACE = SearchSpace.from_bounds([(-1.0, 1.0)] * 4)
CENTRES = np.random.default_rng(3).uniform(-0.8, 0.8, (60, 4))


def many_kinked_hills(X):
    """The lower of sixty cones: every centre is a local minimum with a kink, number 0 the deepest."""
    distances = np.linalg.norm(X[:, None] - CENTRES, axis=2)
    return (distances + 0.002 * np.arange(60)).min(axis=1)


def with_slopes(X):
    offsets = X[:, None] - CENTRES
    distances = np.linalg.norm(offsets, axis=2)
    nearest = (distances + 0.002 * np.arange(60)).argmin(axis=1)
    rows = np.arange(len(X))
    return many_kinked_hills(X), offsets[rows, nearest] / np.maximum(distances[rows, nearest], 1e-12)[:, None]


def problem_of(has_gradient):
    return Problem(
        SPACE,
        many_kinked_hills,
        Objective(Goal.MINIMUM, scale=0.2),
        predict_with_gradient=with_slopes if has_gradient else None,
    )


@pytest.mark.parametrize("seed", range(3))
def test_known_slopes_lead_to_more_of_the_hills_and_never_to_a_worse_best(seed):
    plain, helped = (
        search(problem_of(has_gradient), NicheSettings(), Budget(4000), np.random.default_rng(seed))
        for has_gradient in (False, True)
    )
    assert helped.found.scores[0] <= plain.found.scores[0] + 1e-6
    near = [
        (np.linalg.norm(outcome.found.X[:, None] - CENTRES, axis=2) < 1e-3).any(axis=0).sum()
        for outcome in (plain, helped)
    ]
    assert near[1] > near[0]


def test_the_polish_is_one_more_generation_within_the_budget():
    heard = []
    outcome = search(
        problem_of(True),
        NicheSettings(),
        Budget(4000),
        np.random.default_rng(0),
        hooks=Hooks(heard.append),
    )
    last, before = outcome.trace[-1], outcome.trace[-2]
    assert tuple(heard) == outcome.trace
    assert before.evaluations < last.evaluations == outcome.n_evaluations <= 4000
    born = last.states == LineageState.BORN
    assert born.any() and (last.ids[born] > before.ids.max()).all()
    assert set(last.states[~born]) <= {LineageState.STALLED}
    np.testing.assert_array_equal(np.sort(last.bests.scores), np.sort(outcome.living.scores))
    assert 0 < outcome.seconds_evaluating <= outcome.seconds


def test_the_last_phase_tells_where_every_climb_began_and_where_it_led():
    outcome = search(problem_of(True), NicheSettings(), Budget(4000), np.random.default_rng(0))
    last = outcome.trace[-1]
    climb, born = last.climb, last.ids[last.states == LineageState.BORN]
    assert all(generation.climb is None for generation in outcome.trace[:-1])
    assert 0 < climb.is_fresh.sum() < len(climb)
    arrived = climb.lineages[climb.lineages >= 0]
    assert set(arrived) == set(born) and 0 < climb.n_tops <= climb.n_lineages == len(born)
    assert len(arrived) > len(born)  # some came to a top that another one was at already
    tops = last.bests.take(np.searchsorted(last.ids, arrived))
    starts = climb.starts.take(np.flatnonzero(climb.lineages >= 0))
    is_first = np.isin(np.arange(len(arrived)), np.unique(arrived, return_index=True)[1])
    assert (tops.scores <= starts.scores + 1e-3).all() and (tops.scores < starts.scores)[is_first].all()
    known = np.array([any((row == X).all() for X in outcome.found.X) for row in climb.starts.X])
    assert known[~climb.is_fresh].all() and not known[climb.is_fresh].any()


def test_a_stop_is_not_followed_by_a_polish():
    asked = iter([False] * 3 + [True] * 10)
    outcome = search(
        problem_of(True),
        NicheSettings(),
        Budget(4000),
        np.random.default_rng(0),
        hooks=Hooks(should_stop=lambda: next(asked)),
    )
    assert len(outcome.trace) == 3
