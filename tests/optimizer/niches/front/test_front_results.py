import numpy as np
import pytest

from optimizer import (
    FrontCandidates,
    FrontOutcome,
    SearchSpace,
    SpaceError,
    StopReason,
    front_results,
    most_different,
    most_hypervolume,
)

SPACE = SearchSpace.from_bounds([(0, 1)] * 2)


def candidates(X, scores):
    zeros = np.zeros(len(X))
    return FrontCandidates(np.array(X, dtype=float), np.array(scores, dtype=float), np.array(scores), zeros, zeros)


def arc(n, x2=0.1):
    t = np.linspace(0, np.pi / 2, n)
    return candidates(np.column_stack([t / 2, np.full(n, x2)]), 1 - np.column_stack([np.cos(t), np.sin(t)]))


def outcome_of(front, archive=None):
    archive = front if archive is None else archive
    hills = (archive.X[:, 1] > 0.5).astype(int)
    front_hills = (front.X[:, 1] > 0.5).astype(int)
    directions = np.arange(len(archive))
    return FrontOutcome(front, front_hills, archive, directions, hills, (), StopReason.BUDGET, 1.0, 0.5)


def test_results_dominate_most_of_what_the_front_does():
    front = arc(200)
    results = front_results(outcome_of(front), SPACE, 10)
    assert len(results.chosen) == 10 and (results.like == -1).all()
    assert 0.9 < results.share < 1.0
    assert results.share < front_results(outcome_of(front), SPACE, 20).share
    assert front_results(outcome_of(front), SPACE, 3).chosen.X.tolist() == results.chosen.X[:3].tolist()


def test_results_differ_by_the_least_distance():
    results = front_results(outcome_of(arc(200)), SPACE, 10, distinct=0.4)
    scaled = SPACE.scaled(results.chosen.X)
    distances = np.linalg.norm(scaled[:, None] - scaled, axis=2)[np.triu_indices(len(scaled), 1)]
    assert distances.min() >= 0.4 * (1 - 1e-6)
    assert 1 < len(results.chosen) < 10  # fewer differ, and none is invented


def test_spare_places_go_to_other_settings_of_equal_outcomes():
    front, twins = arc(5), arc(5, x2=0.9)
    results = front_results(outcome_of(front, FrontCandidates.concatenate([front, twins])), SPACE, 8, distinct=0.3)
    others = np.flatnonzero(results.like >= 0)
    assert len(results.chosen) == 8 and len(others) >= 3
    np.testing.assert_array_equal(results.chosen.scores[others], results.chosen.scores[results.like[others]])
    assert (results.chosen.X[others, 1] != results.chosen.X[results.like[others], 1]).all()


def test_of_one_candidate_and_of_none_there_are_no_more():
    assert len(front_results(outcome_of(arc(1)), SPACE).chosen) == 1
    empty = arc(1).take(np.zeros(0, dtype=int))
    results = front_results(outcome_of(empty), SPACE)
    assert len(results.chosen) == 0 and results.share == 0.0


def test_what_is_out_of_range_is_refused():
    with pytest.raises(SpaceError, match="number of results"):
        front_results(outcome_of(arc(3)), SPACE, 0)
    with pytest.raises(SpaceError, match="least difference"):
        front_results(outcome_of(arc(3)), SPACE, 3, -1.0)


def test_most_hypervolume_takes_no_dominated_row():
    front = arc(50)
    worse = candidates(front.X, front.scores + 0.5)
    chosen = most_hypervolume(FrontCandidates.concatenate([worse, front]), 10)
    assert len(chosen) == 10
    assert {row.tobytes() for row in chosen.scores} <= {row.tobytes() for row in front.scores}
    assert len(most_hypervolume(arc(5), 10)) == 5


def test_most_different_spreads_settings():
    X = np.array([[0.0, 0.0], [0.01, 0.0], [1.0, 1.0], [0.0, 1.0]])
    chosen = most_different(candidates(X, np.zeros((4, 2))), SPACE, 3)
    assert sorted(map(tuple, chosen.X)) == [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
