"""The best with the others: never worse, rules and limits met."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Goal, SpaceError
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


@pytest.fixture(scope="module")
def explore(reactor):
    """Return a function that gives the explorer of a run with these outcomes."""

    def make(*outcomes, **changes):
        spec = reactor.run(*outcomes, **changes)
        return WhatIfModel.of(spec, reactor.model_data(spec))

    return make


LIMITS = (("impurity", {"at_most": 12.0}), ("energy consumption", {"at_most": 2.5, "confidence": None}))
GOALS = (("yield", {"goal": Goal.MAXIMUM}), ("impurity", {"goal": Goal.MINIMUM}))


def kept(explorer, X):
    return explorer.others.outcomes.keeps(X).all(axis=1)


def test_a_setting_that_keeps_its_limits_gets_better_and_keeps_them(explore):
    explorer = explore(("yield", {"goal": Goal.MAXIMUM}), *LIMITS)
    rows = np.array([explorer.within(x) for x in explorer.table.X])
    x = rows[kept(explorer, rows)][0]
    best = best_with_the_others(explorer, x, {0})
    assert not np.array_equal(best, x) and best[0] == x[0]
    assert kept(explorer, best[None]).all()
    assert explorer.outcomes(best[None]).mean[0] > explorer.outcomes(x[None]).mean[0]


def test_a_setting_that_breaks_a_limit_is_brought_to_keep_all(explore):
    explorer = explore(("yield", {"goal": Goal.MAXIMUM}), *LIMITS)
    rows = np.array([explorer.within(x) for x in explorer.table.X])
    broken = rows[~kept(explorer, rows)]
    x = broken[np.argmax(explorer.outcomes(broken).mean)]
    best = best_with_the_others(explorer, x, set())
    assert kept(explorer, best[None]).all()


@pytest.mark.parametrize("goal", ["yield", "impurity"])
def test_one_goal_of_a_front_is_improved_and_no_other_gets_worse(explore, goal):
    explorer = explore(*GOALS, LIMITS[1])
    signs = {"yield": 1, "impurity": -1}
    rows = np.array([explorer.within(x) for x in explorer.table.X])
    gained = []
    for x in rows[kept(explorer, rows)][:3]:
        best = best_with_the_others(explorer, x, set(), goal=goal)
        values = explorer.others.outcomes.values(np.array([x, best]), signs)
        gains = {name: signs[name] * float(np.diff(values[name])[0]) for name in signs}
        assert min(gains.values()) >= -1e-6
        assert kept(explorer, best[None]).all()
        gained.append(gains[goal])
    assert max(gained) > 0.5


def test_a_goal_that_the_run_does_not_have_is_refused(explore):
    front, single = explore(*GOALS), explore(GOALS[0], LIMITS[0])
    x = front.within(front.table.X[0])
    with pytest.raises(SpaceError, match="no goal 'energy consumption': choose one of yield, impurity"):
        best_with_the_others(front, x, set(), goal="energy consumption")
    with pytest.raises(SpaceError, match="The run has one goal"):
        best_with_the_others(single, x, set(), goal="yield")
    np.testing.assert_array_equal(
        best_with_the_others(front, x, set()), best_with_the_others(front, x, set(), goal="yield")
    )


def test_a_desirability_of_nothing_is_left_for_one_of_something(explore):
    explorer = explore(*GOALS, combine="desirability")
    rows = np.array([explorer.within(x) for x in explorer.table.X])
    x = rows[np.argmin(explorer.outcomes(rows).mean)]
    best = best_with_the_others(explorer, x, set())
    assert explorer.outcomes(best[None]).mean[0] > max(0.3, explorer.outcomes(x[None]).mean[0])
