"""The bounds hold for a predictor in float32, and in spite of float64's own rounding."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from optimizer.proof import FLOAT32_ROUNDOFF
from optimizer.proof.relu_network import bound_layers, bound_rounding, prediction_error


def in_float32(network, inputs, is_owing):
    """The network's output as the shipped predictor computes it, or with a bias left to the next layer."""
    values, owed = inputs.astype(np.float32), np.zeros(network.n_inputs)
    for k, (kernel, bias) in enumerate(zip(network.kernels, network.biases, strict=True)):
        total = (bias + owed @ kernel if is_owing else bias).astype(np.float32)
        values = values @ kernel.astype(np.float32)
        if k == len(network.kernels) - 1:
            return (values + total)[:, 0]
        values = np.maximum(values, -total) if is_owing else np.maximum(values + total, 0)
        owed = total.astype(float) if is_owing else owed
    raise AssertionError


def exact(network, inputs):
    """The output without any rounding."""
    outputs = []
    for row in inputs:
        values = [Fraction(float(v)) for v in row]
        for k, (kernel, bias) in enumerate(zip(network.kernels, network.biases, strict=True)):
            columns = zip(kernel.T, bias, strict=True)
            values = [
                sum((v * Fraction(float(w)) for v, w in zip(values, column, strict=True)), Fraction(float(b)))
                for column, b in columns
            ]
            values = values if k == len(network.kernels) - 1 else [max(v, Fraction(0)) for v in values]
        outputs.append(values[0])
    return outputs


def test_float32_predictions_lie_within_the_error(network_of):
    for seed in range(5):
        network = network_of(seed, widths=(16, 16, 16), roundoff=FLOAT32_ROUNDOFF)
        network = replace(network, kernels=tuple(k.astype(np.float32) for k in network.kernels))
        rng = np.random.default_rng(seed)
        inputs = rng.uniform(-3, 3, (2_000, 3))
        layers = bound_layers(network, inputs, np.zeros_like(inputs), [1e-12] * 4)
        error = prediction_error(network, layers, np.abs(inputs))
        values = inputs
        for kernel, bias in zip(network.kernels[:-1], network.biases[:-1], strict=True):
            values = np.maximum(values @ kernel + bias, 0)
        true = (values @ network.kernels[-1] + network.biases[-1])[:, 0]
        for is_owing in (False, True):
            assert (np.abs(in_float32(network, inputs, is_owing) - true) <= error).all()
        assert error.max() < 1e-3 * np.abs(true).max()


def test_an_exact_predictor_has_no_error(network_of):
    assert (prediction_error(network_of(1), [], np.ones((4, 3))) == 0).all()


def test_the_rounding_of_bounds_covers_that_of_float64(network_of):
    network = network_of(3, widths=(8, 8))
    inputs = np.random.default_rng(3).uniform(-5, 5, (20, 3))
    errors = bound_rounding(network, np.full(3, 5.0))
    layers = bound_layers(network, inputs, np.zeros_like(inputs), errors)
    values = inputs
    for layer, kernel, bias in zip(layers, network.kernels, network.biases, strict=False):
        values = np.maximum(values, 0) @ kernel + bias if layer is not layers[0] else values @ kernel + bias
        assert (layer.low <= values).all() and (values <= layer.high).all()
        assert (layer.high - layer.low < 1e-9).all()
    computed = (np.maximum(values, 0) @ network.kernels[-1] + network.biases[-1])[:, 0]
    for value, true in zip(computed, exact(network, inputs), strict=True):
        assert abs(Fraction(float(value)) - true) <= Fraction(errors[-1])
