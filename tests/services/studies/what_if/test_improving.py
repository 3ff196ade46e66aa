"""The best with the others: never worse, rules and limits met."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import SpaceError
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.improving import best_with_the_others


def inside(explorer, shares):
    """The setting at these shares of every axis."""
    ends = np.array([(axis.low, axis.high) for axis in explorer.axes])
    return explorer.within(ends[:, 0] + np.array(shares) * np.ptp(ends, axis=1))


@pytest.fixture(scope="session")
def steady(plain_spec, mixed, with_feature):
    """The outcome itself, highest at 20 degrees; speed frozen by the run, one rule."""
    spec = with_feature(plain_spec, "speed", is_free=False, value=2.0)
    constraints = [{"kind": "sum", "features": ["sand", "water"], "low": 80, "high": 90}]
    return WhatIfModel.of(spec.revised(constraints=constraints, plausibility=None), mixed)


def test_the_others_go_to_their_best_and_locked_ones_stay(steady):
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 7.0])
    best = best_with_the_others(steady, x, {0, 3})
    assert (best[0], best[3]) == (55.0, 3.0)
    assert best[2] == pytest.approx(20, abs=0.5)
    assert best[4] == 1  # the resin that adds most
    assert best[0] + best[1] <= 90 + 1e-6
    assert steady.answer(best).outcome.mean[0] > steady.answer(x).outcome.mean[0]


def test_what_is_not_locked_moves_where_that_is_better(steady):
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 7.0])
    assert best_with_the_others(steady, x, {0, 1, 2, 4, 5})[3] == 8
    x = np.array([55.0, 30.0, 20.0, 8.0, 1.0, 28.0])
    best = best_with_the_others(steady, x, {0, 1, 4, 5})
    np.testing.assert_allclose(best, x, atol=1e-6)
    with pytest.raises(SpaceError, match="Every feature is locked"):
        best_with_the_others(steady, steady.dataset.X[0], range(6))


def test_a_swept_feature_keeps_its_place(mixed_spec, mixed):
    steady = WhatIfModel.of(mixed_spec.revised(plausibility=None), mixed)
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 9.0])
    assert best_with_the_others(steady, x, {0})[5] == 9.0


@pytest.fixture(scope="session", params=["gates", "caution", "value"])
def strict_explorer(request, mixed_spec, plain_spec, confident):
    """Runs in which what scores better may be expected to be worse, or what is expected to be better may not be."""
    rules = [{"kind": "sum", "features": ["sand", "water"], "low": 80, "high": 90}]
    asked = {"at_least": 30.0, "weight": 1.0}
    given = {
        "gates": mixed_spec.revised(constraints=rules, plausibility=asked),
        "caution": plain_spec.revised(risk_aversion=2.0, goal="minimum", plausibility=asked),
        "value": plain_spec.revised(goal="value", value=150.0, constraints=rules),
    }
    return WhatIfModel.of(given[request.param], confident)


@settings(max_examples=10, deadline=None)
@given(shares=st.lists(st.floats(0, 1), min_size=6, max_size=6), locked=st.sets(st.integers(0, 5), max_size=4))
def test_the_best_with_the_others_is_never_worse_than_what_it_began_with(strict_explorer, shares, locked):
    x = inside(strict_explorer, shares)
    try:
        best = best_with_the_others(strict_explorer, x, locked)
    except SpaceError:  # the rules cannot be met with what is locked, or nothing is left to move
        return
    assert (best[sorted(locked)] == x[sorted(locked)]).all()
    problem, both = strict_explorer.problem, np.array([x, best])
    before, after = problem.objective.scores(strict_explorer.outcomes(both).mean)
    assert after <= before
    scores = problem.evaluate(both).scores
    assert scores[1] <= scores[0]
    if not np.array_equal(best, x):
        assert problem.space.holds(both[1:]).all()
