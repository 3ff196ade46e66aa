"""Python functions in the place of a model: what goes in and out is checked."""

import numpy as np
import pytest

from models import FUNCTIONS, CallablePredictor, Predictor
from models.networks.functions import bumps
from models.networks.predictor import GradientPredictor


def test_it_gives_what_the_function_gives_and_hands_over_a_copy():
    def function(X):
        X[:] *= 2
        return X.sum(axis=1, keepdims=True)

    predictor: Predictor = CallablePredictor(("a", "b"), function)
    X = np.array([[1.0, 2.0], [3.0, np.nan]])
    np.testing.assert_array_equal(predictor.predict(X), [6, np.nan])
    assert X[0, 0] == 1 and predictor.feature_names == ("a", "b")


@pytest.mark.parametrize("given", [1.0, np.zeros(3), np.zeros((2, 2)), np.zeros((1, 2))])
def test_anything_but_one_number_per_row_says_so(given):
    with pytest.raises(ValueError, match=r"one number per row, shape \(2,\)"):
        CallablePredictor(("a",), lambda X: given).predict(np.zeros((2, 1)))


def test_other_rows_say_so():
    with pytest.raises(ValueError, match="rows of 1 feature values"):
        CallablePredictor(("a",), lambda X: X[:, 0]).predict(np.zeros((2, 3)))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_known_functions_know_their_slopes(name):
    model = FUNCTIONS[name]
    X = np.random.default_rng(0).uniform(model.low, model.high, (200, len(model.feature_names)))
    assert isinstance(model, GradientPredictor)
    values, gradients = model.predict_with_gradient(X)
    assert np.array_equal(values, model.predict(X))
    for j in range(X.shape[1]):
        step = 1e-6 * np.eye(X.shape[1])[j]
        expected = (model.predict(X + step) - model.predict(X - step)) / 2e-6
        np.testing.assert_allclose(gradients[:, j], expected, rtol=1e-6, atol=1e-6)


class TestBumps:
    def test_several_peaks_and_valleys_of_different_height(self):
        x = np.linspace(0, 10, 10_001)
        y = bumps(x)
        inner = y[1:-1]
        peaks = np.sort(inner[(inner > y[:-2]) & (inner > y[2:])])
        valleys = np.sort(inner[(inner < y[:-2]) & (inner < y[2:])])
        assert (len(peaks), len(valleys)) == (5, 5)
        assert peaks[-1] - peaks[-2] > 2
        assert valleys[1] - valleys[0] > 2
        assert peaks[-1] == y.max()
        assert valleys[0] == y.min()
        assert x[y.argmax()] == pytest.approx(2.70, abs=0.01)
        assert x[y.argmin()] == pytest.approx(7.88, abs=0.01)

    def test_as_a_predictor(self):
        model = FUNCTIONS["bumps"]
        assert model.feature_names == ("x",)
        assert model.predict(np.array([[2.7], [np.nan]])).round(2).tolist()[0] == 17.48
        assert np.isnan(model.predict(np.array([[np.nan]]))[0])
