from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import Candidates, Events, FrontPlaces, Goal, LineageState
from services.specs.outcomes import OutcomeSpec
from services.specs.results import OutcomeInfo
from services.studies.compare.methods import ComparisonResult, ComparisonSpec, Entry
from ui.charts.convergence import (
    ConvergenceInfo,
    convergence_alt,
    convergence_figure,
    convergence_info,
    method_curves,
    methods_alt,
    methods_figure,
    overlaid_alt,
    overlaid_figure,
    overlaid_info,
)

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
    spec = result.spec.revised(goal=Goal.VALUE, value=40.0)
    wanted = result.model_copy(update={"goal": Goal.VALUE, "spec": spec})
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


def course(outcomes, *, name="area", unit="MPa", recorded=31.0):
    evaluations = 100.0 * np.arange(1, len(outcomes) + 1)
    return ConvergenceInfo(evaluations, np.array(outcomes, dtype=float), True, float("nan"), recorded, name, unit)


def test_every_run_has_a_line_in_its_own_colour_over_one_recorded_row():
    info = overlaid_info([("A", "first", 0, course([1, 2, 3])), ("C", "<b>third</b>", 2, course([2, 5]))])
    figure = overlaid_figure(info)
    assert [trace.name for trace in figure.data] == ["A: first", "C: &lt;b&gt;third&lt;/b&gt;", "best recorded"]
    assert len({trace.line.color for trace in figure.data}) == 3
    assert list(figure.data[2].x) == [0, 300]
    assert (
        overlaid_alt(info) == "Best area so far by evaluations: A ends at 3 MPa after 300; C ends at 5 MPa after 200."
    )


def test_outcomes_in_different_units_never_share_an_axis():
    with pytest.raises(ValueError, match="draw the runs of each apart"):
        overlaid_info([("A", "a", 0, course([1])), ("B", "b", 1, course([1], unit="psi"))])


def test_a_run_without_a_trace_has_no_line():
    nothing = ConvergenceInfo(np.empty(0), np.empty(0), False, float("nan"), 31.0, "area", "MPa")
    assert overlaid_info([("A", "a", 0, nothing)]) == overlaid_info([]) == ()
    assert [letter for letter, *_ in overlaid_info([("A", "a", 0, nothing), ("B", "b", 1, course([1]))])] == ["B"]


def entry(method, seed, evaluations, course, score):
    return Entry(
        method=method,
        seed=seed,
        n_evaluations=evaluations[-1] if evaluations else 0,
        seconds=1.0,
        best=course[-1] if course else None,
        best_score=score,
        evaluations=evaluations,
        course=course,
    )


@pytest.fixture
def comparison(result):
    spec = ComparisonSpec(run=result.spec, methods=("niches", "random_search"), n_seeds=2)
    entries = (
        entry("niches", 0, (100, 400, 1000), (1.0, 5.0, 9.0), -9.0),
        entry("niches", 1, (100, 1000), (3.0, 7.0), -7.0),
        entry("random_search", 0, (50, 900), (1.0, 2.0), -2.0),
    )
    return ComparisonResult.of(spec, entries)


def test_lines_are_medians_and_bands_go_from_the_worst_seed_to_the_best(comparison):
    niches, random = method_curves(comparison)
    assert (niches.method, random.method) == ("niches", "random_search")
    assert (niches.evaluations[0], niches.evaluations[-1]) == (100, 1000)
    before = niches.evaluations < 400
    np.testing.assert_array_equal(niches.middle[before], 2.0)
    assert (niches.low[-1], niches.middle[-1], niches.high[-1]) == (7.0, 8.0, 9.0)
    assert (niches.low <= niches.middle).all()
    assert (niches.middle <= niches.high).all()
    np.testing.assert_array_equal(random.evaluations, [50, 900])


def test_the_figure_has_a_line_and_a_band_per_method(comparison):
    figure = methods_figure(method_curves(comparison), 2, "area", "MPa")
    assert [trace.name for trace in figure.data if trace.mode == "lines"] == ["Niches", "Random search"]
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 2
    assert figure.layout.xaxis.type == "log"
    alone = methods_figure(method_curves(comparison), 1, "area", "MPa")
    assert not [trace for trace in alone.data if trace.fill]


def test_methods_keep_their_colour_whoever_else_is_there(comparison):
    colours = {
        t.name: t.line.color for t in methods_figure(method_curves(comparison), 2, "a", "").data if t.mode == "lines"
    }
    fewer = comparison.model_copy(update={"entries": comparison.entries[2:]})
    alone = methods_figure(method_curves(fewer), 2, "a", "").data[-1]
    assert alone.line.color == colours["Random search"] != colours["Niches"]


def test_before_anything_is_found_there_is_no_picture(comparison):
    assert method_curves(comparison.model_copy(update={"entries": ()})) == ()
    nothing = comparison.model_copy(update={"entries": (entry("niches", 0, (), (), None),)})
    assert method_curves(nothing) == ()


def test_the_sentence_has_where_every_method_ended(comparison):
    assert methods_alt(method_curves(comparison), "area", "MPa") == (
        "Best area by evaluations: Niches 8 MPa after 1,000; Random search 2 MPa after 900."
    )


@pytest.fixture
def front(result):
    """A result of two goals, its events and generations: the front comes nearer, then one breaks a limit."""
    goals = [("strength", Goal.MAXIMUM, 10.0), ("cost", Goal.MINIMUM, 5.0)]
    infos = tuple(OutcomeInfo(name=name, label=name, unit="", goal=goal, scale=scale) for name, goal, scale in goals)
    asked = tuple(OutcomeSpec(name=name, formula="cement", goal=goal) for name, goal, _ in goals)
    outcomes = (result.spec.outcomes[0].model_copy(update={"name": "measured", "goal": None, "curve": None}), *asked)
    spec = result.spec.model_copy(update={"outcomes": outcomes})
    values = np.array([[20, 60], [30, 70], [40, 55], [50, 60], [45, 50], [60, 65], [90, 10]], dtype=float)
    generations, n = np.array([0, 0, 1, 1, 2, 3, 3]), len(values)
    is_last = np.arange(n) == n - 1
    none = np.zeros(n, dtype=int)
    places = FrontPlaces(values, 1.0 * is_last, none, none, ~is_last)
    bests = Candidates(np.zeros((n, 2)), np.zeros(n), values[:, 0], np.zeros(n))
    events = Events(generations, np.arange(n), np.full(n, LineageState.BORN), bests, places=places)
    return events, result.model_copy(update={"spec": spec, "outcomes": infos})


def test_of_several_goals_the_share_of_the_final_front_is_told(front):
    events, result = front
    info = convergence_info(events, GENERATIONS, result)
    np.testing.assert_allclose(info.evaluations, [10, 20, 30, 40])
    assert (np.diff(info.outcomes) > 0).all() and info.outcomes[0] == 0
    assert info.outcomes[-1] == pytest.approx(100)
    # by hand: the first candidates lie outside of what counts; the last front is (50, 60), (45, 50) and (60, 65), in
    # its own unit (2/3, 2/3), (1, 0) and (0, 1)
    whole = (1.1 - 1) * (1.1 - 0) + (1 - 2 / 3) * (1.1 - 2 / 3) + (2 / 3) * (1.1 - 1)
    assert info.outcomes[1] == pytest.approx(100 * (1.1 - 2 / 3) ** 2 / whole)
    assert (info.name, info.unit, info.is_penalised) == ("share of the final front", "%", False)
    figure = convergence_figure(info)
    assert "hypervolume" in figure.layout.xaxis.title.text and len(figure.data) == 1
    assert convergence_alt(info).startswith("Half of the final front, by its hypervolume, was there after ")


def test_a_front_that_is_not_told_has_no_course_and_none_beside_other_runs(front, result):
    events, found = front
    info = convergence_info(replace(events, places=None), GENERATIONS, found)
    assert len(info.evaluations) == 0
    plain = convergence_info(_events([0, 1], [5, 3]), GENERATIONS, result)
    told = convergence_info(events, GENERATIONS, found)
    runs = [("A", "One goal", 0, plain), ("B", "A front", 1, told)]
    assert [letter for letter, *_ in overlaid_info(runs)] == ["A"]
