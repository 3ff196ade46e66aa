import numpy as np
import pytest

from optimizer import Candidates, Events, LineageState, Objective, Problem, QualityFloor, SearchSpace
from services.results.choosing import ends_of, lineages_behind
from services.results.search import run_spec, salvage

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


def test_a_merged_lineage_ends_where_that_ended_whose_hill_it_climbed():
    told = [(0, BORN, 1, -1), (1, BORN, 2, -1), (2, BORN, 3, -1), (3, BORN, 4, -1)]
    told += [(0, MERGED, 1, 1), (1, MERGED, 2, 2), (2, BETTER, 9, -1), (3, MERGED, 4, -1)]
    assert ends_of(events(*told)).X[:, 0].tolist() == [9, 9, 9, 4]
    assert ends_of(events(*told, is_told_into=False)).X[:, 0].tolist() == [1, 2, 9, 4]


def test_without_a_trace_nothing_ended():
    assert len(ends_of(Events.of([], 1))) == 0


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
