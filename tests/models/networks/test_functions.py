"""Python functions in the place of a model: what goes in and out is checked."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import FUNCTIONS, CallablePredictor, Predictor
from models.networks.functions import CATALYSTS, bumps, reactor
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


settings_of_a_batch = st.tuples(
    st.floats(70, 130), st.floats(0.5, 8), st.floats(0.5, 3), st.floats(0.2, 2), st.integers(0, len(CATALYSTS) - 1)
)


@given(st.lists(settings_of_a_batch, min_size=1, max_size=10))
def test_a_reactor_makes_no_more_than_it_was_given(batches):
    outcomes = reactor(np.array(batches, dtype=float))
    made, spoilt, energy = outcomes.T
    assert outcomes.shape == (len(batches), 3) and np.isfinite(outcomes).all()
    assert (made > 0).all() and (spoilt > -1e-9).all() and (made + spoilt < 100 + 1e-9).all() and (energy > 0).all()


@given(settings_of_a_batch)
def test_more_time_means_more_impurity(batch):
    times = np.linspace(0.5, 8, 20)
    batches = np.tile(np.array(batch, dtype=float), (20, 1))
    batches[:, 1] = times
    assert (np.diff(reactor(batches)[:, 1]) > 0).all()


def test_each_catalyst_of_the_reactor_has_a_recipe_of_its_own():
    rng = np.random.default_rng(0)
    drawn = rng.uniform([70, 0.5, 0.5, 0.2], [130, 8, 3, 2], (20_000, 4))
    best = [reactor(np.column_stack([drawn, np.full(len(drawn), code)])) for code in range(len(CATALYSTS))]
    places = [int(np.argmax(outcomes[:, 0])) for outcomes in best]
    assert np.ptp(drawn[places, 0]) > 20  # degrees between the best temperatures
    # the most yield has neither the least impurity nor the least energy
    for outcomes, place in zip(best, places, strict=True):
        assert (outcomes[:, 1] < outcomes[place, 1] / 2).any() and (outcomes[:, 2] < outcomes[place, 2] / 2).any()
