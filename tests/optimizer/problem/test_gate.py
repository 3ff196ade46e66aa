import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    MEASURES,
    METHODS,
    Budget,
    Gate,
    GradientPenalty,
    Hooks,
    ImmigrantSource,
    LineageSettings,
    Numeric,
    Objective,
    Plausibility,
    Problem,
    QualityFloor,
    SearchSpace,
    SpaceError,
    representatives,
    search,
)

FEATURES = (Numeric("a", -9.0, 9.0, std=1.0), Numeric("b", -9.0, 9.0, std=1.0, step=0.5))
SPACE = SearchSpace(FEATURES)
ROWS = np.random.default_rng(0).normal(0, 1, (150, 2))
X = SPACE.sample(200, np.random.default_rng(1))
JUDGES = {name: Plausibility.of_rows(ROWS, FEATURES, measure=name) for name in MEASURES}


def uphill(rows):
    """The farther out, the better: what a model that is wrong out there says."""
    return rows[:, 0] + 2 * rows[:, 1]


def problem(judge, at_least=20.0, **changes):
    slopes = np.array([1.0, 2.0])
    given = {
        "predict_with_gradient": lambda rows: (uphill(rows), np.tile(slopes, (len(rows), 1))),
        "starts": ROWS,
        "gate": Gate(judge, at_least),
    }
    return Problem(SPACE, uphill, Objective(), **(given | changes))


@settings(max_examples=40)
@given(measure=st.sampled_from(list(MEASURES)), at_least=st.floats(0.5, 99))
def test_what_passes_is_as_plausible_as_asked_for_and_what_is_more_plausible_costs_no_more(measure, at_least):
    gate = Gate(JUDGES[measure], at_least)
    percent, cost = JUDGES[measure].percent(X), gate.cost(X)
    passes = gate.passes(X)
    assert (percent[passes] >= at_least - 1e-9).all() and (percent[~passes] <= at_least + 1e-9).all()
    assert (cost[~passes] > 0).all()
    order = np.argsort(JUDGES[measure].unusualness(X))
    assert (np.diff(cost[order]) >= 0).all()


@pytest.mark.parametrize("measure", list(MEASURES))
def test_the_gradient_of_the_cost_is_what_differences_say(measure):
    gate = Gate(JUDGES[measure], 30.0)
    assert isinstance(gate, GradientPenalty)
    costs, gradient = gate.cost_with_gradient(X)
    np.testing.assert_allclose(costs, gate.cost(X))
    for j in range(2):
        step = 1e-7 * np.eye(2)[j]
        differences = (gate.cost(X + step) - gate.cost(X - step)) / 2e-7
        np.testing.assert_allclose(gradient[:, j], differences, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("name", list(METHODS))
def test_no_method_lets_anything_out_that_fails_the_gate(name, measure):
    gated = problem(JUDGES[measure])
    budget = Budget(120 if name == "bayesian" else 1500)
    found = search(gated, METHODS[name], budget, np.random.default_rng(0)).found
    results = representatives(gated.passing(found), SPACE, 5, QualityFloor(), np.random.default_rng(0))
    assert (JUDGES[measure].percent(results.X) >= 20 - 1e-9).all()
    if name != "random_search":
        assert len(results)


def test_an_optimum_that_is_polished_onto_the_gate_passes():
    found = search(problem(JUDGES["neighbours"]), METHODS["niches"], Budget(4000), np.random.default_rng(0)).found
    passes = problem(JUDGES["neighbours"]).gate.passes(found.X)
    assert passes[0]
    assert JUDGES["neighbours"].percent(found.X[:1])[0] < 24  # and it went as far as it was allowed to


def test_without_penalties_there_is_no_gate():
    gated = problem(JUDGES["neighbours"])
    assert gated.is_realistic and not gated.without_penalties().is_realistic
    free = gated.without_penalties().evaluate(X)
    np.testing.assert_array_equal(free.penalties, 0)
    assert len(gated.without_penalties().passing(free)) == len(X)
    assert 0 < len(gated.passing(free)) < len(X)


def test_recorded_rows_that_pass_are_what_a_search_starts_from():
    starts = problem(JUDGES["neighbours"], at_least=40.0).passing_starts
    assert 0 < len(starts) < len(ROWS) and Gate(JUDGES["neighbours"], 40.0).passes(starts).all()
    assert SPACE.contains(starts).all()
    ungated = problem(JUDGES["neighbours"], gate=None)
    assert ungated.passing_starts is ROWS
    far = SearchSpace((Numeric("a", 8.0, 9.0, std=1.0), Numeric("b", 8.0, 9.0, std=1.0)))
    nothing_passes = Problem(far, uphill, Objective(), starts=ROWS, gate=Gate(JUDGES["neighbours"], 40.0))
    assert nothing_passes.passing_starts is ROWS
    assert Problem(SPACE, uphill, Objective(), gate=Gate(JUDGES["neighbours"], 40.0)).passing_starts is None


def test_lineages_begin_at_recorded_rows_too_where_a_gate_is_on():
    def first_of(gate, source=None):
        trace = []
        ran = problem(JUDGES["neighbours"], gate=gate)
        method = LineageSettings(n_lineages=40, n_immigrants=40, immigrants_from=source)
        search(ran, method, Budget(40), np.random.default_rng(0), Hooks(trace.append))
        return trace[0].bests.X

    gate, recorded = Gate(JUDGES["neighbours"], 20.0), problem(JUDGES["neighbours"]).passing_starts
    n_recorded = [
        int((X[:, None] == recorded).all(axis=2).any(axis=1).sum())
        for X in (first_of(gate), first_of(None), first_of(gate, ImmigrantSource.RANDOM))
    ]
    assert n_recorded == [20, 0, 0]


@pytest.mark.parametrize("at_least", [0, 100, -3, np.nan])
def test_a_gate_that_everything_passes_or_nothing_is_refused(at_least):
    with pytest.raises(SpaceError, match="above 0 and below 100 %, got"):
        Gate(JUDGES["neighbours"], at_least)
