import numpy as np
import pytest

from optimizer import SpaceError
from optimizer.problem.answers import Answers, keys_of, signless


def test_a_function_is_asked_for_new_rows_alone_in_their_order():
    answers, asked = Answers(), []

    def sums(X):
        asked.append(X.tolist())
        return X.sum(axis=1)

    X = np.array([[1.0, 2], [3, 4], [1, 2], [-0.0, 1], [0.0, 1]])
    assert answers.of(X, sums).tolist() == [3, 7, 3, 1, 1]
    assert answers.of(X[::-1], sums).tolist() == [1, 1, 3, 7, 3]
    assert answers.of(X[:0], sums).shape == (0,)
    assert asked == [[[1, 2], [3, 4], [0, 1]]] and len(answers) == 3


def test_a_function_that_works_in_place_changes_no_row():
    X = np.ones((2, 2))

    def doubles(rows):
        rows *= 2
        return rows[:, 0]

    answers = Answers()
    assert answers.of(X, doubles).tolist() == [2, 2] == answers.of(X, doubles).tolist()
    assert (X == 1).all()


def test_what_is_not_one_number_per_row_is_refused_and_not_kept():
    answers = Answers()
    with pytest.raises(SpaceError, match=r"one number per row, shape \(2,\), got \(2, 2\)"):
        answers.of(np.array([[1.0, 2], [3, 4]]), lambda X: X)
    assert len(answers) == 0


def test_equal_rows_have_equal_keys():
    first, second, third = keys_of(signless(np.array([[0.0, 1], [-0.0, 1], [0.0, 2]])))
    assert first == second != third
