import numpy as np

from optimizer.results.choice import kmeans


def rows_of(*columns):
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def test_a_representative_is_a_member_and_never_the_centre_of_its_cluster():
    scaled = rows_of([2, 0, 2, 0], [2, 2, 0, 0])
    assert kmeans(scaled, 1, 0.0, np.random.default_rng(0)).tolist() == [0]


def test_clusters_too_near_to_each_other_are_made_up_for_by_the_next_best_that_differs():
    # eleven near 0 hold the best scores, one far away the worst
    scaled = rows_of([*(0.005 * np.arange(11)), 5])
    assert kmeans(scaled, 3, 0.5, np.random.default_rng(0)).tolist() == [0, 11]


def test_the_best_of_the_rest_may_come_from_a_cluster_that_has_given_one():
    # 50 at 0 and 50 at 0.45 (too near to those), two that are 0.6 apart, and the worst far away
    scaled = rows_of(np.concatenate([np.zeros(50), np.full(50, 0.45), [3.0, 3.6], [5.0]]))
    assert sorted(kmeans(scaled, 4, 0.5, np.random.default_rng(0))) == [0, 100, 101, 102]


def test_nothing_to_choose_from_gives_nothing():
    assert kmeans(np.empty((0, 3)), 4, 0.5, np.random.default_rng(0)).tolist() == []
