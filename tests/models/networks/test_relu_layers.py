"""A predictor's layers as arrays compute what the predictor does."""

from itertools import pairwise

import numpy as np
import pytest

from models import Column, ColumnKind, Encoding, Ensemble, EnsemblePredictor
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Network
from models.networks.relu_layers import relu_layers

RELU, TANH = ACTIVATIONS["relu"], ACTIVATIONS["tanh"]


@pytest.fixture(scope="module")
def encoding():
    """Two numbers, one of which never varied, around a category of three."""
    columns = (
        Column("a", ColumnKind.NUMERIC),
        Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")),
        Column("still", ColumnKind.NUMERIC),
    )
    return Encoding(columns, np.array([10.0, 0.0, 4.0]), np.array([2.0, 1.0, 0.0]), outcome_mean=7.0, outcome_std=3.0)


def weights(rng, n_in, n_out):
    return rng.normal(size=(n_in, n_out)).astype(np.float32), rng.normal(size=n_out).astype(np.float32)


def predictor_of(encoding, *layers):
    return EnsemblePredictor(encoding, Ensemble((Network(5, layers),)))


def outputs(layers, X):
    values = np.where(
        np.isnan(layers.codes),
        (X[:, layers.columns] - layers.means) * layers.scales,
        X[:, layers.columns] == layers.codes,
    )
    for kernel, bias in zip(layers.kernels[:-1], layers.biases[:-1], strict=True):
        values = np.maximum(values @ kernel + bias, 0)
    return (values @ layers.kernels[-1] + layers.biases[-1])[:, 0] * layers.outcome_scale + layers.outcome_shift


@pytest.mark.parametrize("stands_alone", [True, False])
def test_the_arrays_predict_what_the_predictor_does(encoding, stands_alone):
    rng = np.random.default_rng(2)
    hidden, last = weights(rng, 5, 6), weights(rng, 6, 1)
    first = (Dense(*hidden), Activate(RELU)) if stands_alone else (Dense(*hidden, RELU),)
    predictor = predictor_of(encoding, *first, Dense(*last), Activate(ACTIVATIONS["linear"]))
    X = np.column_stack([rng.uniform(0, 20, 50), rng.integers(0, 3, 50), rng.uniform(0, 9, 50)])
    layers = relu_layers(predictor)
    np.testing.assert_allclose(outputs(layers, X), predictor.predict(X), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(layers.columns, [0, 1, 1, 1, 2])
    assert layers.scales[4] == 0  # a feature that never varied says nothing


@pytest.mark.parametrize("widths", [(5, 6, 4, 1), (5, 3, 1), (5, 1)])
def test_the_arrays_of_an_ensemble_predict_its_mean(encoding, widths):
    rng = np.random.default_rng(4)
    names = ["relu"] * (len(widths) - 2) + ["linear"]

    def member():
        pairs = zip(pairwise(widths), names, strict=True)
        return Network(5, tuple(Dense(*weights(rng, *pair), ACTIVATIONS[name]) for pair, name in pairs))

    predictor = EnsemblePredictor(encoding, Ensemble(tuple(member() for _ in range(3))))
    X = np.column_stack([rng.uniform(0, 20, 50), rng.integers(0, 3, 50), rng.uniform(0, 9, 50)])
    layers = relu_layers(predictor)
    np.testing.assert_allclose(outputs(layers, X), predictor.predict(X), rtol=1e-5, atol=1e-5)
    expected = [5] + [3 * width for width in widths[1:-1]] + [1]
    assert [kernel.shape for kernel in layers.kernels] == list(pairwise(expected))


def test_a_layer_without_bias_has_zeros(encoding):
    kernel = np.ones((5, 1), dtype=np.float32)
    np.testing.assert_array_equal(relu_layers(predictor_of(encoding, Dense(kernel))).biases[0], [0.0])


@pytest.mark.parametrize("kind", ["tanh", "tanh alone", "affine", "relu at the end", "two relus", "linear between"])
def test_other_layers_are_refused_by_name(encoding, kind):
    rng = np.random.default_rng(2)
    hidden, last = weights(rng, 5, 6), weights(rng, 6, 1)
    ones = np.ones(6, dtype=np.float32)
    layers = {
        "tanh": (Dense(*hidden, TANH), Dense(*last)),
        "tanh alone": (Dense(*hidden), Activate(TANH), Dense(*last)),
        "affine": (Dense(*hidden), Affine(ones, ones), Activate(RELU), Dense(*last)),
        "relu at the end": (Dense(*hidden, RELU), Dense(*last, RELU)),
        "two relus": (Dense(*hidden, RELU), Activate(RELU), Dense(*last)),
        "linear between": (Dense(*hidden), Dense(*last)),
    }[kind]
    with pytest.raises(ValueError, match="Expected"):
        relu_layers(predictor_of(encoding, *layers))
