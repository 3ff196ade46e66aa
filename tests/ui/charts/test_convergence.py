import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import Candidates, Events, Goal, LineageState
from ui.charts import convergence_alt, convergence_figure, convergence_info

GENERATIONS = np.array([[0, 10], [1, 20], [2, 30], [3, 40]], dtype=float)


def _events(generations, scores, outcomes=None):
    n = len(scores)
    scores = np.array(scores, dtype=float)
    outcomes = -scores if outcomes is None else np.array(outcomes, dtype=float)
    bests = Candidates(np.zeros((n, 2)), scores, outcomes, np.zeros(n))
    return Events(np.array(generations, dtype=int), np.arange(n), np.full(n, LineageState.BORN), bests)


def test_only_generations_that_improved_and_the_last_are_kept(result):
    events = _events([0, 0, 1, 2, 2], [5, 3, 4, 2, 1])
    info = convergence_info(events, GENERATIONS, result)
    np.testing.assert_allclose(info.evaluations, [10, 30, 40])
    np.testing.assert_allclose(info.outcomes, [-3, -1, -1])
    assert info.best_recorded == 31
    assert info.name == "area of strength over age 1 to 28"


def test_best_is_by_score_so_the_outcome_may_fall(result):
    info = convergence_info(_events([0, 1], [5, 3], outcomes=[90, 80]), GENERATIONS, result)
    np.testing.assert_allclose(info.outcomes, [90, 80, 80])
    assert info.is_penalised
    assert "realism" in convergence_figure(info).layout.xaxis.title.text


@pytest.mark.parametrize(
    ("realism", "is_penalised"),
    [
        ({}, False),
        ({"plausibility": {"weight": 1.0}}, True),
        ({"plausibility": {"at_least": 20.0}}, True),
        ({"plausibility": {"extrapolation_limit": 1.0}}, True),
        ({"risk_aversion": 0.5}, True),
        ({"distance": {"weight": 1.0}}, True),
    ],
)
def test_the_outcome_may_fall_for_any_realism(result, realism, is_penalised):
    asked = result.model_copy(update={"spec": result.spec.revised(density=None, **realism)})
    info = convergence_info(_events([0], [1]), GENERATIONS, asked)
    assert info.is_penalised is is_penalised
    assert ("realism" in convergence_figure(info).layout.xaxis.title.text) is is_penalised


def test_infinite_scores_never_count(result):
    info = convergence_info(_events([0, 0, 1], [np.inf, 2, np.inf]), GENERATIONS, result)
    np.testing.assert_allclose(info.outcomes, [-2, -2])


def test_before_the_first_event_there_is_an_empty_picture(result):
    info = convergence_info(_events([], []), np.empty((0, 2)), result)
    assert len(info.evaluations) == 0
    assert convergence_figure(info).layout.height
    assert "nothing" in convergence_alt(info)


def test_a_wanted_value_is_drawn(result):
    wanted = result.model_copy(
        update={"goal": Goal.VALUE, "spec": result.spec.model_copy(update={"goal": Goal.VALUE, "value": 40.0})}
    )
    info = convergence_info(_events([0], [1]), GENERATIONS, wanted)
    assert info.wanted == 40
    assert [trace.name for trace in convergence_figure(info).data] == ["best so far", "wanted", "best recorded"]


def test_the_sentence_has_first_and_last(result):
    text = convergence_alt(convergence_info(_events([0, 2], [-10, -20]), GENERATIONS, result))
    assert "went from 10 to 20 MPa·days within 40 evaluations" in text
    assert "best recorded row has 31 MPa·days" in text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_outcomes_end_with_the_best_of_all(data, result):
    scores = data.draw(st.lists(st.floats(-100, 100), min_size=1, max_size=30))
    numbers = sorted(data.draw(st.lists(st.integers(0, 3), min_size=len(scores), max_size=len(scores))))
    info = convergence_info(_events(numbers, scores), GENERATIONS, result)
    assert info.outcomes[-1] == -min(scores)
    assert (np.diff(info.evaluations) > 0).all()
    assert (np.diff(info.outcomes) >= 0).all()
