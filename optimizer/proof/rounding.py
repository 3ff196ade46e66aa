"""How far floating-point numbers may lie from the exact ones, bounded beforehand.

Products and sums of n numbers in arithmetic of unit roundoff u err by at most ``n u / (1 - n u)`` times the sum of the
sizes, in any order (Higham 2002, Accuracy and stability of numerical algorithms, section 3.1). Two things are bounded
with it: what float64 loses in the bounds themselves, and by how much the shipped predictor, which computes in float32,
may differ from the exact network.
"""

import numpy as np

from optimizer.proof.layers import Layer
from optimizer.proof.relu_network import FLOAT64_ROUNDOFF, ReluNetwork

_CHAINS = 64.0
"""Chains of products that are allowed for: a bound takes fewer than 16, each of them of at most twice the size."""
_SECOND_ORDER = 1.01
"""For products of rounding errors, which are some 1e5 times smaller than the errors."""


def bound_rounding(network: ReluNetwork, largest: np.ndarray) -> list[float]:
    """Return for every layer how much float64 may round its bounds, in any box within the largest inputs.

    Every coefficient of a bound is, in size, at most a product of the kernels' absolute values, for slopes are at most
    1, and no value is more than doubled by a gap.

    Args:
        network: whose bounds they are.
        largest: (p,) largest absolute value of each input, and of what it is computed from.
    """
    errors, sizes = [], np.asarray(largest, dtype=float)
    terms = sum(len(kernel) + 4 for kernel in network.kernels)
    for kernel, bias in zip(network.kernels, network.biases, strict=True):
        sizes = 2 * (sizes @ np.abs(kernel) + np.abs(bias))
        errors.append(float(_CHAINS * terms * FLOAT64_ROUNDOFF * sizes.max()) + 1e-300)
    return errors


def prediction_error(network: ReluNetwork, layers: list[Layer], largest: np.ndarray) -> np.ndarray:
    """Return (n,) how far the predictor's output may lie from the exact network's, in each of n boxes.

    A unit that is off in the whole box passes no error on. The predictor may leave the bias of a layer to the next one,
    ``max(z, -b)`` instead of ``max(z + b, 0)``: sizes and biases are counted as large as that makes them.

    Args:
        network: with the roundoff of its predictor.
        layers: bounds of its hidden layers over the boxes.
        largest: (n, p) largest absolute inputs in each box.
    """
    unit = network.roundoff
    if unit == 0:
        return np.zeros(len(largest))
    errors, sizes = 4 * unit * largest + 1e-30, largest
    owed = np.zeros(network.n_inputs)  # biases of the layer before, as far as a predictor may owe them
    for k, (kernel, bias) in enumerate(zip(network.kernels, network.biases, strict=True)):
        share = (len(kernel) + 4) * unit / (1 - (len(kernel) + 4) * unit)
        owed = np.abs(bias + owed @ kernel)
        errors = (errors + share * (sizes + errors)) @ np.abs(kernel) + 2 * share * owed
        if k < len(layers):
            is_off = layers[k].high + errors <= 0
            errors = np.where(is_off, unit * owed, errors)
            sizes = np.maximum(layers[k].high, 0.0) + owed
    return _SECOND_ORDER * errors[:, 0]
