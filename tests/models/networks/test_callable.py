"""A Python function in the place of a model: what goes in and out is checked."""

import numpy as np
import pytest

from models import CallablePredictor, Predictor


def test_it_gives_what_the_function_gives_and_hands_over_a_copy():
    def function(X):
        X[:] *= 2
        return X.sum(axis=1, keepdims=True)

    predictor: Predictor = CallablePredictor.of(["a", "b"], function)
    X = np.array([[1.0, 2.0], [3.0, np.nan]])
    np.testing.assert_array_equal(predictor.predict(X), [6, np.nan])
    assert X[0, 0] == 1 and predictor.feature_names == ("a", "b")


@pytest.mark.parametrize("given", [1.0, np.zeros(3), np.zeros((2, 2)), np.zeros((1, 2))])
def test_anything_but_one_number_per_row_says_so(given):
    with pytest.raises(ValueError, match=r"one number per row, shape \(2,\)"):
        CallablePredictor.of(["a"], lambda X: given).predict(np.zeros((2, 1)))


def test_other_rows_say_so():
    with pytest.raises(ValueError, match="rows of 1 feature values"):
        CallablePredictor.of(["a"], lambda X: X[:, 0]).predict(np.zeros((2, 3)))
