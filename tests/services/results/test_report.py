from dataclasses import replace

import numpy as np
import pytest

from optimizer import Candidates, Events, LineageState, Objective, Problem, QualityFloor, SearchSpace
from services.problems.building import build_problem
from services.results.report import bound_notes, ends_of, lineages_behind
from services.results.search import run_spec, salvage


@pytest.fixture(scope="module")
def notes(mixed):
    """Return a function that makes results out of a middling one with some features set, and returns their notes."""

    def of(spec, n=5, outcomes=None, **columns):
        names = mixed.dataset.feature_names
        X = np.repeat([[60.0, 30.0, 25.0, 4.0, 0.0, 7.0]], n, axis=0)
        for name, values in columns.items():
            X[:, names.index(name)] = values
        y = np.arange(n, dtype=float) if outcomes is None else np.array(outcomes)
        return bound_notes(build_problem(spec, mixed), mixed.dataset, Candidates(X, -y, y, np.zeros(n)))

    return of


def test_results_within_the_bounds_and_a_single_one_need_no_note(notes, plain_spec, mixed):
    assert notes(plain_spec) == ()
    assert notes(plain_spec, n=1, speed=mixed.dataset.X[:, 3].max()) == ()


def test_most_results_at_an_end_of_the_records(notes, plain_spec, mixed):
    most = mixed.dataset.X[:, 3].max()
    (note,) = notes(plain_spec, speed=[most, most, most, 4, 4])
    assert note == (
        f"The optimum sits on your bound for speed: 3 of 5 results are at the upper end, {most:g}, the largest "
        "recorded value. Record rows beyond it before you relax the bound."
    )
    assert notes(plain_spec, speed=[most, most, 4, 4, 4]) == ()


def test_a_bound_is_one_to_relax_within_the_records_alone(notes, plain_spec, with_feature):
    spec = with_feature(plain_spec, "water", low=25.0, high=35.0)
    (note,) = notes(spec, water=[25.0, 25.0, 25.01, 30, 25.0])
    assert note.startswith("The optimum sits on your bound for water: 4 of 5 results are at the lower end, 25 kg. ")
    assert "The records go on to 2" in note and note.endswith("relax the bound if reality allows it.")
    (note,) = notes(with_feature(plain_spec, "water", high=60.0), water=60.0)
    assert "5 of 5 results are at the upper end, 60 kg. The largest recorded value is" in note
    assert "beyond it the model only guesses" in note


def test_an_amount_of_which_there_is_nothing_has_no_bound_to_relax(mixed, plain_spec, with_feature):
    X = mixed.dataset.X - np.array([0, mixed.dataset.X[:, 1].min(), 0, 0, 0, 0])
    poorer = replace(mixed, dataset=replace(mixed.dataset, X=X))
    problem = build_problem(with_feature(plain_spec, "water", low=0.0), poorer)
    results = problem.evaluate(np.array([[60.0, 0.0, 25.0, 4.0, 0.0, 7.0]] * 3))
    assert bound_notes(problem, poorer.dataset, results) == ()
    assert "water" in bound_notes(problem, mixed.dataset, results)[0]  # whose records stop above 0


def test_steps_count_and_what_does_not_move_has_no_bound(notes, plain_spec, with_feature, mixed_spec):
    spec = with_feature(plain_spec, "water", low=23.0, high=37.0, step=5.0)
    assert len(notes(spec, water=25.0)) == 1
    assert notes(spec, water=30.0) == ()
    spec = with_feature(mixed_spec, "water", is_free=False, value=30.0, low=30.0)
    assert notes(spec, water=30.0, age=1.0) == ()


def test_a_value_that_is_reached_is_held_back_by_nothing(notes, plain_spec, mixed):
    most = mixed.dataset.X[:, 3].max()
    spec = plain_spec.revised(goal="value", value=200.0)
    assert notes(spec, outcomes=[200.0] * 5, speed=most) == ()
    assert len(notes(spec, outcomes=[200.0, 200.0, 150.0, 200.0, 200.0], speed=most)) == 1


BORN, BETTER, DIED, MERGED = (LineageState[name] for name in ("BORN", "IMPROVED", "EXTINCT", "MERGED"))


def candidates(values, scores=None):
    X = np.array(values, dtype=float)[:, None]
    scores = -X[:, 0] if scores is None else np.array(scores, dtype=float)
    return Candidates(X, scores, -scores, np.zeros(len(X)))


def events(*told, is_told_into=True):
    """Events of (lineage, state, x, merged into)."""
    ids, states, values, into = zip(*told, strict=True)
    return Events(
        generations=np.arange(len(told)),
        ids=np.array(ids),
        states=np.array(states),
        bests=candidates(values),
        merged_into=np.array(into) if is_told_into else None,
    )


def test_a_lineage_ends_where_its_last_best_is():
    found = ends_of(events((0, BORN, 1, -1), (1, BORN, 5, -1), (0, BETTER, 2, -1), (1, DIED, 5, -1)))
    assert found.X[:, 0].tolist() == [2, 5]
    assert len(ends_of(Events.of([], 1))) == 0


def test_a_merged_lineage_ends_where_that_ended_whose_hill_it_climbed():
    told = [(0, BORN, 1, -1), (1, BORN, 2, -1), (2, BORN, 3, -1), (3, BORN, 4, -1)]
    told += [(0, MERGED, 1, 1), (1, MERGED, 2, 2), (2, BETTER, 9, -1), (3, MERGED, 4, -1)]
    assert ends_of(events(*told)).X[:, 0].tolist() == [9, 9, 9, 4]
    assert ends_of(events(*told, is_told_into=False)).X[:, 0].tolist() == [1, 2, 9, 4]


@pytest.fixture
def problem():
    return Problem(SearchSpace.from_bounds([(0, 10)]), lambda X: X[:, 0], Objective())


def test_lineages_that_ended_well_enough_count_at_the_nearest_result(problem):
    chosen, ends = candidates([9.9, 7.0], [-10, -9.5]), candidates([9.8, 9.7, 7.5, 8.45, 1], [-10, -9.9, -9.2, -9, -5])
    floor = QualityFloor(amount=10)
    assert lineages_behind(chosen, ends, problem, floor) == (2, 2)
    assert lineages_behind(chosen, candidates([]), problem, floor) == (0, 0)
    assert lineages_behind(candidates([]), ends, problem, floor) == ()


def test_a_run_tells_its_lineages_and_so_does_its_trace(any_spec, mixed):
    report = run_spec(any_spec, mixed, is_beside_random=False)
    result = report.result
    behind = result.results.n_lineages
    assert len(behind) == len(result.results) and sum(behind) > 0
    assert sum(behind) <= result.statistics.n_lineages
    salvaged = salvage(any_spec, mixed, report.events, report.generations, seconds=0)
    assert sum(salvaged.results.n_lineages) == sum(behind)
