import numpy as np

from optimizer import Candidates


def some(scores):
    scores = np.array(scores, dtype=float)
    return Candidates(np.arange(len(scores))[:, None] * [1.0, 10.0], scores, -scores, np.zeros(len(scores)))


def test_by_score_is_best_first_and_keeps_the_order_of_equals():
    ordered = some([2, 1, np.inf, 1, 0]).by_score()
    np.testing.assert_array_equal(ordered.X[:, 0], [4, 1, 3, 0, 2])
    np.testing.assert_array_equal(ordered.scores, [0, 1, 1, 2, np.inf])
    np.testing.assert_array_equal(ordered.outcomes, -ordered.scores)


def test_take_by_rows_or_mask_keeps_all_arrays_together():
    candidates = some([5, 6, 7])
    for rows in (np.array([2, 0]), np.array([True, False, True])):
        taken = candidates.take(rows)
        assert len(taken) == 2
        np.testing.assert_array_equal(taken.scores, taken.X[:, 0] + 5)


def test_concatenate_keeps_the_order_and_nothing_is_nothing():
    joined = Candidates.concatenate([some([1]), Candidates.empty(2), some([2, 3])])
    np.testing.assert_array_equal(joined.scores, [1, 2, 3])
    assert joined.X.shape == (3, 2)
    assert len(Candidates.empty(2)) == 0 and Candidates.empty(2).X.shape == (0, 2)


def test_n_nonfinite_counts_candidates_without_a_score():
    assert some([1, np.inf, 2, np.inf]).n_nonfinite == 2
