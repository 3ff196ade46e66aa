"""How steep every activation is: what a backward pass multiplies by."""

from collections.abc import Callable

import numpy as np

from models.activations import ACTIVATIONS, LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE, Activation

Slope = Callable[[np.ndarray], np.ndarray]
"""From float32 values that an activation is about to replace to its derivative there, an array of its own; at a kink,
the derivative to the left of it."""


def _linear(x: np.ndarray) -> np.ndarray:
    """1."""
    return np.ones_like(x)


def _relu(x: np.ndarray) -> np.ndarray:
    """1 above 0, 0 below."""
    return (x > 0).astype(np.float32)


def _tanh(x: np.ndarray) -> np.ndarray:
    """1 - tanh(x)^2."""
    return 1.0 - np.square(np.tanh(x))


def _logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)): the sigmoid itself, and the derivative of softplus."""
    return np.reciprocal(1.0 + np.exp(-x))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """Return s (1 - s), s being the sigmoid."""
    gate = _logistic(x)
    return gate * (1.0 - gate)


def _silu(x: np.ndarray) -> np.ndarray:
    """Return s (1 + x (1 - s)), s being the sigmoid."""
    gate = _logistic(x)
    return gate * (1.0 + x * (1.0 - gate))


def _elu(x: np.ndarray) -> np.ndarray:
    """1 above 0, exp(x) below."""
    return np.exp(np.minimum(x, 0.0))


def _selu(x: np.ndarray) -> np.ndarray:
    """Scaled: 1 above 0, alpha exp(x) below."""
    return np.where(x > 0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * _elu(x)).astype(np.float32)


def _gelu(x: np.ndarray) -> np.ndarray:
    """Normal distribution function plus x times its density."""
    from scipy.special import ndtr  # 0.1 s that only networks with gelu pay

    return ndtr(x) + x * np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi, dtype=np.float32)


def _leaky_relu(x: np.ndarray) -> np.ndarray:
    """1 above 0, the leak below."""
    return np.where(x > 0, 1.0, LEAKY_SLOPE).astype(np.float32)


SLOPES: dict[Activation, Slope] = {
    ACTIVATIONS["linear"]: _linear,
    ACTIVATIONS["relu"]: _relu,
    ACTIVATIONS["tanh"]: _tanh,
    ACTIVATIONS["sigmoid"]: _sigmoid,
    ACTIVATIONS["silu"]: _silu,
    ACTIVATIONS["elu"]: _elu,
    ACTIVATIONS["selu"]: _selu,
    ACTIVATIONS["gelu"]: _gelu,
    ACTIVATIONS["softplus"]: _logistic,
    ACTIVATIONS["leaky_relu"]: _leaky_relu,
}
"""By the activation, every one of ``ACTIVATIONS``."""
