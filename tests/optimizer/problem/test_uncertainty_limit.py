import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import (
    METHODS,
    Budget,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    search,
)

FEATURES = (Numeric("a", -9.0, 9.0, std=1.0), Numeric("b", -9.0, 9.0, std=1.0, step=0.5))
SPACE = SearchSpace(FEATURES)
X = SPACE.sample(200, np.random.default_rng(1))
SLOPES = np.array([1.0, 2.0])


def uphill(rows):
    """The farther out, the better."""
    return rows @ SLOPES


def unsure(rows):
    """The farther out, the less certain."""
    return uphill(rows), 0.1 * (rows**2).sum(axis=1)


def unsure_with_gradient(rows):
    return *unsure(rows), np.tile(SLOPES, (len(rows), 1)), 0.2 * rows


def limited(limit, **changes):
    given = {
        "predict_with_gradient": lambda rows: (uphill(rows), np.tile(SLOPES, (len(rows), 1))),
        "predict_with_uncertainty": unsure,
        "predict_with_uncertainty_and_gradient": unsure_with_gradient,
        "starts": X,
        "uncertainty_limit": limit,
    }
    return Problem(SPACE, uphill, Objective(scale=2.0), **(given | changes))


@given(limit=st.floats(0, 10))
def test_what_passes_is_as_certain_as_asked_for_and_costs_less(limit):
    problem = limited(limit)
    errors = unsure(X)[1] / 2.0
    passes = problem.passes(X)
    assert passes.tolist() == (errors <= limit).tolist()
    costs = problem.evaluate(X).penalties
    assert (np.diff(costs[np.argsort(errors)]) >= 0).all()
    assert (costs[~passes] >= 1).all() and (costs[errors < limit - 0.1] == 0).all()


@pytest.mark.parametrize("risk_aversion", [0.0, 0.7])
def test_the_gradient_is_what_differences_say(risk_aversion):
    problem = limited(1.5, risk_aversion=risk_aversion)
    away = X[np.abs(unsure(X)[1] / 2.0 - 1.5) > 0.05]  # at the limit itself the cost leaps
    candidates, gradients = problem.evaluate_with_gradient(away)
    np.testing.assert_allclose(candidates.scores, problem.evaluate(away).scores)
    for j, unit in enumerate(np.eye(2) * 1e-6):
        differences = (problem.evaluate(away + unit).scores - problem.evaluate(away - unit).scores) / 2e-6
        np.testing.assert_allclose(gradients[:, j], differences, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["niches", "lineages", "cma_es"])
def test_a_search_goes_as_far_as_it_may(name):
    problem = limited(1.0)
    found = problem.passing(search(problem, METHODS[name], Budget(3000), np.random.default_rng(0)).found)
    assert len(found) and (unsure(found.X)[1] <= 2.0).all()
    assert found.outcomes.max() > 9.0  # of 10, where a^2 + b^2 = 20


def test_recorded_rows_that_pass_are_what_a_search_starts_from():
    starts = limited(1.0).passing_starts
    assert 0 < len(starts) < len(X) and limited(1.0).passes(starts).all()
    assert limited(0.0).passing_starts is X  # none of them does


def test_without_penalties_there_is_no_limit():
    problem = limited(1.0)
    assert problem.is_realistic and problem.is_selective and problem.has_gradient
    for free in (problem.without_penalties(), problem.with_penalties_only()):
        assert not free.is_realistic and not free.is_selective
        np.testing.assert_array_equal(free.evaluate(X).penalties, 0)
        assert len(free.passing(free.evaluate(X))) == len(X)


def test_a_limit_that_nothing_can_tell_is_refused():
    with pytest.raises(SpaceError, match="at least 0, got -1"):
        limited(-1.0)
    with pytest.raises(SpaceError, match="give predict_with_uncertainty"):
        Problem(SPACE, uphill, Objective(), uncertainty_limit=1.0)
