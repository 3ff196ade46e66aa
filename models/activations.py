"""The activations that a network may have, as in-place NumPy functions that give what Keras gives."""

from collections.abc import Callable

import numpy as np

Activation = Callable[[np.ndarray], None]
"""Replaces the values of a float32 array; NaN stays NaN."""

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
LEAKY_SLOPE = 0.2


def _linear(x: np.ndarray) -> None:
    """Leave x."""


def _relu(x: np.ndarray) -> None:
    """max(x, 0)."""
    np.maximum(x, 0.0, out=x)


def _tanh(x: np.ndarray) -> None:
    """tanh(x)."""
    np.tanh(x, out=x)


def _sigmoid(x: np.ndarray) -> None:
    """1 / (1 + exp(-x))."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    np.add(x, 1.0, out=x)
    np.reciprocal(x, out=x)


def _silu(x: np.ndarray) -> None:
    """Sigmoid-weighted x, x / (1 + exp(-x))."""
    gate = x.copy()
    _sigmoid(gate)
    np.multiply(x, gate, out=x)


def _elu(x: np.ndarray) -> None:
    """Exponential linear unit: x above 0, exp(x) - 1 below."""
    below = np.expm1(np.minimum(x, 0.0))
    np.maximum(x, 0.0, out=x)
    np.add(x, below, out=x)


def _selu(x: np.ndarray) -> None:
    """Scaled elu, whose constants keep mean 0 and variance 1."""
    below = np.expm1(np.minimum(x, 0.0))
    np.multiply(below, SELU_ALPHA, out=below)
    np.maximum(x, 0.0, out=x)
    np.add(x, below, out=x)
    np.multiply(x, SELU_SCALE, out=x)


def _gelu(x: np.ndarray) -> None:
    """Gaussian error linear unit: x times the normal distribution function of x."""
    from scipy.special import ndtr  # 0.1 s that only networks with gelu pay

    np.multiply(x, ndtr(x), out=x)


def _softplus(x: np.ndarray) -> None:
    """log(1 + exp(x)), without overflow."""
    above = np.maximum(x, 0.0)
    np.abs(x, out=x)
    np.negative(x, out=x)
    np.exp(x, out=x)
    np.log1p(x, out=x)
    np.add(x, above, out=x)


def leaky_relu(slope: float) -> Activation:
    """Return the activation that is x above 0 and slope times x below."""

    def activate(x: np.ndarray) -> None:
        below = np.minimum(x, 0.0)
        np.multiply(below, slope, out=below)
        np.maximum(x, 0.0, out=x)
        np.add(x, below, out=x)

    return activate


ACTIVATIONS: dict[str, Activation] = {
    "linear": _linear,
    "relu": _relu,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "swish": _silu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "softplus": _softplus,
    "leaky_relu": leaky_relu(LEAKY_SLOPE),
}
"""By the name that Keras saves them under."""
