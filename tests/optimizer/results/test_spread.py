from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer.features.scaling import pairwise_distances
from optimizer.results.choice import SETTLING, WORST_COUNTS, dissimilarity, spread


def smallest(scaled, rows):
    return min(np.linalg.norm(scaled[a] - scaled[b]) for a, b in combinations(rows, 2))


def in_order(*columns):
    """Rows with these columns, and scores in their order."""
    scaled = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    return scaled, np.linspace(0, 1, len(scaled))


@settings(deadline=None, max_examples=150)
@given(
    m=st.integers(2, 11),
    p=st.integers(1, 4),
    n=st.integers(2, 5),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.1, 1.0, 30.0]),
    worst_counts=st.sampled_from([1.0, WORST_COUNTS, 0.1]),
    convergence=st.sampled_from([0.0, SETTLING, 0.5]),
    is_on_grid=st.booleans(),
)
def test_the_smallest_distance_is_a_known_share_of_the_largest_possible(
    m, p, n, seed, size, worst_counts, convergence, is_on_grid
):
    rng = np.random.default_rng(seed)
    scaled = rng.normal(size=(m, p)) * size
    if is_on_grid:
        scaled = np.round(scaled)  # ties and repeats
    rows = spread(scaled, np.sort(rng.normal(size=m)), n, 0.0, worst_counts, convergence)
    assert rows[0] == 0
    if len(rows) < n:
        assert len(rows) == len(np.unique(scaled, axis=0))
    elif m >= n:
        possible = max(smallest(scaled, (0, *others)) for others in combinations(range(1, m), n - 1))
        reached = smallest(scaled, rows)
        assert dissimilarity(reached / (1 - convergence)) >= worst_counts * dissimilarity(possible / 2) - 1e-12
        if worst_counts == 1:
            assert reached >= (1 - convergence) * possible / 2 - 1e-12


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 6))
def test_where_quality_does_not_count_every_row_lies_near_a_chosen_one(seed, n):
    scaled = np.random.default_rng(seed).normal(size=(40, 2))
    rows = spread(scaled, np.linspace(0, 1, 40), n, 0.0, worst_counts=1.0, convergence=0.0)
    # the next pick would have been nearer to the chosen ones than they are to each other
    assert pairwise_distances(scaled)[:, rows].min(axis=1).max() <= smallest(scaled, rows) + 1e-12


def test_where_quality_does_not_count_the_farthest_comes_next():
    scaled, scores = in_order([0, 1, 10, 4, 6])
    assert spread(scaled, scores, 5, 0.0, worst_counts=1.0, convergence=0.0).tolist() == [0, 2, 3, 4, 1]


def test_however_far_apart_the_farthest_of_equals_comes_next():
    scaled, _ = in_order([0, 1e3, 3e3, 2e3])
    assert spread(scaled, np.zeros(4), 4, 0.0).tolist() == [0, 2, 1, 3]


def test_a_better_row_that_is_different_enough_comes_before_a_worse_one_farther_off():
    scaled, scores = in_order([0, 2.0, 0.1, 2.5])
    assert spread(scaled, scores, 2, 0.0).tolist() == [0, 1]
    assert spread(scaled, scores, 2, 0.0, worst_counts=1.0).tolist() == [0, 3]


def test_a_better_row_that_is_too_alike_does_not():
    scaled, scores = in_order([0, 0.3, 0.2, 2.5])
    assert spread(scaled, scores, 2, 0.0).tolist() == [0, 3]


def test_a_pick_settles_on_the_best_within_a_tenth_of_its_distance():
    # the pick at 10 is the worst of its peak; 9.2 is better and near enough, 8 is better still and too far
    scaled, _ = in_order([0, 8, 9.2, 9.6, 10])
    scores = np.array([0, 1, 1.1, 1.2, 1.3]) * 1e-9 + np.array([0, 1, 1, 1, 1])
    assert spread(scaled, scores, 2, 0.0).tolist() == [0, 2]
    assert spread(scaled, scores, 2, 0.0, worst_counts=1.0, convergence=0.0).tolist() == [0, 4]


def test_settling_keeps_the_least_distance():
    scaled, scores = in_order([0, 0.9, 1.1, 1.2])
    assert spread(scaled, scores, 2, 1.15, convergence=0.5).tolist() == [0, 3]


def test_rows_too_near_to_a_chosen_one_are_never_taken():
    scaled, scores = in_order([0, 0.9, 1.1, 1.2])
    assert spread(scaled, scores, 4, 1.0).tolist() == [0, 2]
    assert spread(scaled, scores, 4, 1.15).tolist() == [0, 3]
    assert spread(scaled, scores, 4, 1.3).tolist() == [0]


def test_peaks_give_their_tops_and_not_their_rims():
    x = np.linspace(0, 4, 401)
    height = np.sin(np.pi * x) ** 2  # tops at 0.5, 1.5, 2.5, 3.5
    best = np.argsort(-height, kind="stable")[:150]
    rows = spread(x[best, None], -height[best], 4, 0.4)
    assert np.sort(x[best][rows]) == pytest.approx([0.5, 1.5, 2.5, 3.5])
    assert height[best].min() < 0.8


def test_very_many_candidates_take_no_matrix_of_pairs():
    scaled = np.random.default_rng(0).normal(size=(100_000, 8))  # all pairs would take 80 GB
    rows = spread(scaled, np.linspace(0, 1, len(scaled)), 20, 0.5)
    assert len(set(rows.tolist())) == 20


def test_nothing_to_choose_from_gives_nothing():
    assert spread(np.empty((0, 3)), np.empty(0), 4, 0.5).tolist() == []
