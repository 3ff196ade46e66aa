"""The bounds of hidden layers over many boxes at once, by a zonotope.

Each hidden layer's values are a linear function of the inputs plus a sum of bounded noise terms: one for each ReLU
whose sign is not fixed in the box (Singh et al. 2018, Fast and effective robustness certification). A ReLU of ``z`` in
``[l, u]`` lies between ``slope * z`` and ``slope * z + gap`` with slope ``u / (u - l)`` and gap ``-slope * l``.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.proof.relu_network import ReluNetwork


@dataclass(frozen=True, slots=True)
class Layer:
    """One hidden layer over n boxes, before its ReLU.

    Attributes:
        low: (n, m) least value of each unit.
        high: (n, m) largest value.
        slope: (n, m) of the line above its ReLU, 1 where that is always on, 0 where it is always off.
        gap: (n, m) height of the line above ``slope * z``.
        reach: (n, p, m) by how much each input alone moves the unit over the box.
    """

    low: np.ndarray
    high: np.ndarray
    slope: np.ndarray
    gap: np.ndarray
    reach: np.ndarray

    @classmethod
    def between(cls, low: np.ndarray, high: np.ndarray, reach: np.ndarray) -> "Layer":
        """Return the layer whose units have these bounds, with the lines above its ReLUs."""
        is_open = (low < 0) & (high > 0)
        width = np.where(is_open, high - low, 1.0)
        slope = np.where(is_open, high / width, low >= 0)
        gap = np.where(is_open, -slope * low, 0.0)
        return cls(low, high, slope, gap, reach)


def bound_layers(network: ReluNetwork, center: np.ndarray, radius: np.ndarray, errors: list[float]) -> list[Layer]:
    """Return the bounds of every hidden layer over n boxes of inputs.

    Args:
        network: the network.
        center: (n, p) of the boxes.
        radius: (n, p) at least the half width of the boxes around these centers.
        errors: by how much the bounds of each layer are widened, against rounding.
    """
    layers: list[Layer] = []
    noises: list[np.ndarray] = []  # per layer before: (n, m_before, m) what its noise terms add to each unit
    linear = np.empty((0, 0, 0))
    middle = center
    for k, (kernel, bias) in enumerate(zip(network.kernels[:-1], network.biases[:-1], strict=True)):
        if not layers:
            middle = middle @ kernel + bias
            linear = radius[:, :, None] * kernel
            spread = radius @ np.abs(kernel)
        else:
            before = layers[-1]
            half = 0.5 * before.gap
            middle = (before.slope * middle + half) @ kernel + bias
            linear = (linear * before.slope[:, None, :]) @ kernel
            noises = [(noise * before.slope[:, None, :]) @ kernel for noise in noises]
            spread = np.abs(linear).sum(axis=1) + half @ np.abs(kernel)
            for noise in noises:
                spread += np.abs(noise).sum(axis=1)
            if k + 2 < len(network.kernels):
                noises.append(half[:, :, None] * kernel)
        layers.append(Layer.between(middle - spread - errors[k], middle + spread + errors[k], np.abs(linear)))
    return layers
