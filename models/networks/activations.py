"""The activations that a network may have, with their slopes, as in-place NumPy functions equal to those of Keras."""

from collections.abc import Callable

import numpy as np

Activation = Callable[[np.ndarray], None]
"""Replaces the values of a float32 array; NaN stays NaN."""

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
LEAKY_SLOPE = 0.2


Slope = Callable[[np.ndarray], np.ndarray]
"""From float32 values that an activation is about to replace to its derivative there, an array of its own; at a kink,
the derivative to the left of it."""


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


def _linear_slopes(x: np.ndarray) -> np.ndarray:
    """1."""
    return np.ones_like(x)


def _relu_slopes(x: np.ndarray) -> np.ndarray:
    """1 above 0, 0 below."""
    return (x > 0).astype(np.float32)


def _tanh_slopes(x: np.ndarray) -> np.ndarray:
    """1 - tanh(x)^2."""
    return 1.0 - np.square(np.tanh(x))


def _logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)): the sigmoid itself, and the derivative of softplus."""
    return np.reciprocal(1.0 + np.exp(-x))


def _sigmoid_slopes(x: np.ndarray) -> np.ndarray:
    """Return s (1 - s), s being the sigmoid."""
    gate = _logistic(x)
    return gate * (1.0 - gate)


def _silu_slopes(x: np.ndarray) -> np.ndarray:
    """Return s (1 + x (1 - s)), s being the sigmoid."""
    gate = _logistic(x)
    return gate * (1.0 + x * (1.0 - gate))


def _elu_slopes(x: np.ndarray) -> np.ndarray:
    """1 above 0, exp(x) below."""
    return np.exp(np.minimum(x, 0.0))


def _selu_slopes(x: np.ndarray) -> np.ndarray:
    """Scaled: 1 above 0, alpha exp(x) below."""
    return np.where(x > 0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * _elu_slopes(x)).astype(np.float32)


def _gelu_slopes(x: np.ndarray) -> np.ndarray:
    """Normal distribution function plus x times its density."""
    from scipy.special import ndtr  # 0.1 s that only networks with gelu pay

    return ndtr(x) + x * np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi, dtype=np.float32)


def _leaky_relu(x: np.ndarray) -> np.ndarray:
    """1 above 0, the leak below."""
    return np.where(x > 0, 1.0, LEAKY_SLOPE).astype(np.float32)


SLOPES: dict[Activation, Slope] = {
    ACTIVATIONS["linear"]: _linear_slopes,
    ACTIVATIONS["relu"]: _relu_slopes,
    ACTIVATIONS["tanh"]: _tanh_slopes,
    ACTIVATIONS["sigmoid"]: _sigmoid_slopes,
    ACTIVATIONS["silu"]: _silu_slopes,
    ACTIVATIONS["elu"]: _elu_slopes,
    ACTIVATIONS["selu"]: _selu_slopes,
    ACTIVATIONS["gelu"]: _gelu_slopes,
    ACTIVATIONS["softplus"]: _logistic,
    ACTIVATIONS["leaky_relu"]: _leaky_relu,
}
"""By the activation, every one of ``ACTIVATIONS``."""
