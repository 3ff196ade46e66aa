import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from models import FUNCTIONS, Column, Encoding, FunctionPredictor, MlpPredictor, bumps
from models.networks.activations import ACTIVATIONS
from models.networks.network import MAX_BLOCK_ROWS as BLOCK_ROWS, Activate, Affine, Dense, Network

RNG = np.random.default_rng(5)


def matrix(*shape: int) -> np.ndarray:
    return RNG.normal(0, 0.5, shape).astype(np.float32)


def chain(activation: str = "relu", n_inputs: int = 3) -> Network:
    act = ACTIVATIONS[activation]
    layers = (
        Affine(matrix(n_inputs), matrix(n_inputs)),
        Dense(matrix(n_inputs, 11), matrix(11), act),
        Dense(matrix(11, 6)),
        Activate(act),
        Dense(matrix(6, 1), matrix(1)),
    )
    return Network(n_inputs, layers)


def predictor(network: Network | None = None) -> MlpPredictor:
    columns = (Column("a"), Column("b"), Column("c"))
    encoding = Encoding(columns, np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 0.5]), 40.0, 8.0)
    return MlpPredictor(encoding, network or chain())


def rows(n: int) -> np.ndarray:
    return np.random.default_rng(n).normal(2, 3, (n, 3))


def test_by_hand():
    network = Network(
        2, (Dense(np.array([[1.0], [-2.0]], np.float32), np.array([0.5], np.float32), ACTIVATIONS["relu"]),)
    )
    assert network.forward(np.array([[3, 1], [1, 3]], np.float32)).tolist() == [1.5, 0.0]


@pytest.mark.parametrize("n", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 7])
def test_blocks_do_not_show(n):
    model = predictor()
    X = rows(n)
    one_by_one = np.array([model.predict(X[i : i + 1])[0] for i in range(n)])
    got = model.predict(X)
    assert (got.shape, got.dtype) == ((n,), np.float64)
    np.testing.assert_allclose(got, one_by_one, rtol=1e-5, atol=1e-4)


@settings(max_examples=40)
@given(st.sampled_from(sorted(ACTIVATIONS)), st.sets(st.integers(0, 599), min_size=1, max_size=20), st.integers(0, 2))
def test_nan_in_nan_out_and_nowhere_else(activation, spoilt, column):
    model = predictor(chain(activation))
    X = rows(600)
    X[sorted(spoilt), column] = np.nan
    assert set(np.flatnonzero(np.isnan(model.predict(X)))) == spoilt


@given(arrays(float, (9, 3), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_whatever_comes_nothing_raises(X):
    assert predictor().predict(X).shape == (9,)


def test_the_rows_and_weights_are_left_alone():
    model = predictor()
    X = rows(300)
    before = X.copy()
    first = model.predict(X)
    assert np.array_equal(X, before)
    assert np.array_equal(model.predict(X), first)


def test_orders_of_memory_and_integers_are_accepted():
    model = predictor()
    X = np.round(rows(400))
    expected = model.predict(X)
    assert np.array_equal(model.predict(np.asfortranarray(X)), expected)
    assert np.array_equal(model.predict(X.astype(int)), expected)


@pytest.mark.parametrize("X", [np.zeros((4, 2)), np.zeros(3), np.zeros((1, 3, 1))])
def test_another_number_of_columns_is_refused(X):
    with pytest.raises(ValueError, match="rows of 3 feature values"):
        predictor().predict(X)


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="3 network inputs, the network takes 4"):
        predictor(chain(n_inputs=4))


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
        model = FunctionPredictor.of("bumps")
        assert model.feature_names == ("x",)
        assert model.predict(np.array([[2.7], [np.nan]])).round(2).tolist()[0] == 17.48
        assert np.isnan(model.predict(np.array([[np.nan]]))[0])

    def test_unknown_names_are_refused(self):
        with pytest.raises(ValueError, match="there are \\['bumps'\\]"):
            FunctionPredictor.of("hills")

    def test_the_registry_knows_each_by_its_name(self):
        assert all(name == known.name and known.low < known.high for name, known in FUNCTIONS.items())
