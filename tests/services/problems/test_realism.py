import numpy as np
import pytest

from optimizer import METHODS
from services.problems.building import build_problem
from services.problems.estimate import plan_words
from services.problems.penalties import realism_parts, without_words
from services.problems.plausibility import build_plausibility, gate_notes
from services.results.salvage import salvage
from services.results.search import run_spec


@pytest.fixture
def gated(mixed_spec):
    """The run over the small table, with results at least as plausible as every fourth recorded row."""
    return mixed_spec.revised(plausibility={"at_least": 25, "measure": "neighbours"}, is_compared=False)


def percents(result, mixed):
    space = build_problem(result.spec, mixed).space
    X = np.array(result.results.X).reshape(len(result.results), space.n_features)
    return build_plausibility(result.spec, mixed.dataset, space.features).percent(X)


@pytest.mark.parametrize("name", list(METHODS))
def test_no_method_gives_a_result_that_fails_the_gate(name, gated, mixed):
    budget = {"evaluations": 60 if name == "bayesian" else 600}
    result = run_spec(gated.revised(method={"name": name}, budget=budget), mixed).result
    assert (percents(result, mixed) >= 25 - 1e-9).all()
    assert len(result.results) or any("plausible enough" in note for note in result.notes)


def test_a_run_that_was_ended_by_force_has_no_result_either_that_fails_the_gate(gated, mixed):
    report = run_spec(gated, mixed)
    saved = salvage(gated, mixed, report.events, report.generations, 1.0)
    assert len(saved.results) == len(report.result.results) == 3
    assert (percents(saved, mixed) >= 25 - 1e-9).all()


def test_where_nothing_is_plausible_there_is_no_result_and_it_says_why_and_how_to_mend_it(gated, mixed, with_feature):
    corner = with_feature(gated, "sand", low=200.0, high=210.0)
    corner = with_feature(corner, "water", low=100.0, high=110.0)
    result = run_spec(corner, mixed).result
    assert len(result.results) == 0 and result.diversity is None
    assert "the most plausible reaches 0.0 %, and a plausibility of at least 25 % is asked for" in result.notes[0]
    assert "widen the bounds towards what was recorded" in result.notes[0]


def test_where_recorded_rows_would_pass_more_evaluations_are_advised(gated, mixed):
    problem = build_problem(gated, mixed)
    far = problem.space.sample(300, np.random.default_rng(0))
    far = far[~problem.gate.passes(far)]
    (note,) = gate_notes(problem, problem.evaluate(far))
    assert "give the search more evaluations" in note
    assert gate_notes(problem, problem.evaluate(np.vstack([far, problem.passing_starts[:1]]))) == ()
    assert gate_notes(problem.without_penalties(), problem.evaluate(far)) == ()


def test_what_a_comparison_leaves_out_is_said(mixed_spec, plain_spec):
    assert realism_parts(plain_spec) == () and without_words(plain_spec) == "without any penalty"
    assert without_words(mixed_spec) == "without the penalty"
    both = mixed_spec.revised(distance={}, plausibility={"weight": 1.0})
    assert without_words(both) == "without the penalties"
    whole = mixed_spec.revised(plausibility={"at_least": 20}, risk_aversion=0.5)
    assert without_words(whole) == (
        "without realism, that is without the penalty, the plausibility of at least 20 % and risk aversion"
    )
    assert "once more without realism, that is" in plan_words(whole, 3.0)
    assert "once more" not in plan_words(whole.revised(is_compared=False), 3.0)


def test_plausibility_gate_and_risk_aversion_count_as_realism(plain_spec):
    assert not plain_spec.is_penalised
    for changes in ({"plausibility": {"weight": 1}}, {"plausibility": {"at_least": 5}}, {"risk_aversion": 0.1}):
        assert plain_spec.revised(**changes).is_penalised
    assert not plain_spec.revised(plausibility={}).is_penalised


def test_the_comparison_without_realism_has_no_gate(gated, mixed):
    free = run_spec(gated.revised(is_compared=True, density=None), mixed).result
    assert free.unpenalised.outcomes[0] > free.results.outcomes[0]
    assert set(free.unpenalised.penalties) == {0.0}
