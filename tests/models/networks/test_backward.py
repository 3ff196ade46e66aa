import numpy as np
import pytest
from scipy.special import expit, ndtr

from models import FUNCTIONS, Column, ColumnKind, Encoding, FunctionPredictor, GradientPredictor, MlpPredictor
from models.networks.activations import ACTIVATIONS, SLOPES
from models.networks.network import Activate, Affine, Dense, Network

EXACT = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": expit,
    "silu": lambda z: z * expit(z),
    "swish": lambda z: z * expit(z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * ndtr(z),
    "softplus": lambda z: np.logaddexp(0, z),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
}
"""The activations in double precision, written down a second time."""

ENCODING = Encoding(
    (Column("a"), Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")), Column("b"), Column("constant")),
    np.array([1.0, 0.0, 3000.0, 7.0]),
    np.array([0.5, 1.0, 400.0, 0.0]),
    40.0,
    8.0,
)


def matrix(rng, *shape):
    return rng.normal(0, 0.6, shape).astype(np.float32)


def layers(name):
    rng, act = np.random.default_rng(5), ACTIVATIONS[name]
    return (
        Affine(matrix(rng, 6), matrix(rng, 6)),
        Dense(matrix(rng, 6, 12), matrix(rng, 12), act),
        Dense(matrix(rng, 12, 9), matrix(rng, 9), act),
        Affine(matrix(rng, 9), matrix(rng, 9)),
        Dense(matrix(rng, 9, 7)),
        Activate(act),
        Dense(matrix(rng, 7, 1), matrix(rng, 1)),
    )


def predictor(name="relu"):
    return MlpPredictor(ENCODING, Network(6, layers(name)))


def rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(1, 1, n), rng.integers(0, 3, n), rng.normal(3000, 500, n), np.full(n, 7.0)])


def predict_in_double(name, X):
    """The predictions of `predictor`, in double precision throughout."""
    z = np.column_stack([(X[:, 0] - 1) / 0.5, X[:, [1]] == np.arange(3), (X[:, 2] - 3000) / 400, np.zeros(len(X))])
    for layer in layers(name):
        match layer:
            case Dense(kernel, bias, activation):
                z = z @ kernel.astype(float) + (0 if bias is None else bias.astype(float))
                z = EXACT[name](z) if activation is ACTIVATIONS[name] else z
            case Affine(scale, shift):
                z = z * scale.astype(float) + shift.astype(float)
            case Activate():
                z = EXACT[name](z)
    return z[:, 0] * 8 + 40


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_gradients_are_those_of_the_network_in_double_precision(name):
    X = rows(300)
    outcomes, gradients = predictor(name).predict_with_gradient(X)
    np.testing.assert_allclose(outcomes, predict_in_double(name, X), rtol=1e-5, atol=1e-4)
    assert (gradients.shape, gradients.dtype) == ((300, 4), np.float64)
    for j, h in ((0, 1e-6), (2, 1e-3)):
        step = np.zeros(4)
        step[j] = h
        expected = (predict_in_double(name, X + step) - predict_in_double(name, X - step)) / (2 * h)
        np.testing.assert_allclose(gradients[:, j], expected, rtol=2e-3, atol=2e-4 * np.abs(expected).max())
    assert (gradients[:, [1, 3]] == 0).all()


def test_every_activation_has_a_slope():
    assert set(SLOPES) == set(ACTIVATIONS.values())
    assert set(EXACT) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("n", [0, 1, 2047, 2048, 2049, 5000])
def test_the_outcomes_are_those_of_predict_to_the_bit_and_blocks_do_not_show(name, n):
    model, X = predictor(name), rows(n)
    outcomes, gradients = model.predict_with_gradient(X)
    assert np.array_equal(outcomes, model.predict(X))
    assert gradients.shape == (n, 4)
    some = np.arange(0, n, 97)
    one_by_one = [model.predict_with_gradient(X[i : i + 1])[1][0] for i in some]
    np.testing.assert_allclose(gradients[some], np.reshape(one_by_one, (-1, 4)), rtol=1e-4, atol=1e-6)


def test_a_row_without_an_answer_has_no_gradient_and_the_others_keep_theirs():
    model, X = predictor(), rows(50)
    expected = model.predict_with_gradient(X)[1]
    X[7, 0], X[20, 1] = np.nan, 9.0
    outcomes, gradients = model.predict_with_gradient(X)
    spoilt = np.isin(np.arange(50), [7, 20])
    assert np.isnan(outcomes[spoilt]).all() and np.isnan(gradients[spoilt]).all()
    assert np.array_equal(gradients[~spoilt], expected[~spoilt])


def test_a_second_call_gives_the_same_and_leaves_the_first_answer_alone():
    model, X = predictor(), rows(3000)
    first = model.predict_with_gradient(X)[1]
    kept = first.copy()
    other = model.predict_with_gradient(rows(3000, seed=1))[1]
    assert np.array_equal(first, kept) and not np.array_equal(first, other)
    assert np.array_equal(model.predict_with_gradient(X)[1], kept)


def test_an_unknown_activation_is_refused():
    network = Network(6, (Dense(np.ones((6, 1), np.float32), None, np.sign),))
    with pytest.raises(ValueError, match="derivative of an activation is not known; those of linear, relu"):
        MlpPredictor(ENCODING, network).predict_with_gradient(rows(2))


def test_another_number_of_columns_is_refused():
    with pytest.raises(ValueError, match="rows of 4 feature values"):
        predictor().predict_with_gradient(np.zeros((3, 2)))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_known_functions_know_their_slopes(name):
    model = FunctionPredictor.of(name)
    known = FUNCTIONS[name]
    X = np.random.default_rng(0).uniform(known.low, known.high, (200, len(known.features)))
    values, gradients = model.predict_with_gradient(X)
    assert np.array_equal(values, model.predict(X))
    for j in range(X.shape[1]):
        step = 1e-6 * np.eye(X.shape[1])[j]
        expected = (model.predict(X + step) - model.predict(X - step)) / 2e-6
        np.testing.assert_allclose(gradients[:, j], expected, rtol=1e-6, atol=1e-6)


def test_both_kinds_of_predictor_offer_gradients():
    assert isinstance(predictor(), GradientPredictor)
    assert isinstance(FunctionPredictor.of("bumps"), GradientPredictor)
