"""The network's output over many boxes: one linear function below it, as high as it can be made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.proof.layers import Layer
from optimizer.proof.relu_network import ReluNetwork


@dataclass(frozen=True, slots=True)
class Below:
    """Linear functions of the inputs below the (signed, scaled) output, one for each of n boxes.

    Attributes:
        weights: (n, p) of the inputs.
        constants: (n,).
        units: for every hidden layer (n, m) the weight of each unit's value in the bound.
    """

    weights: np.ndarray
    constants: np.ndarray
    units: list[np.ndarray]


def first_slopes(layers: list[Layer]) -> list[np.ndarray]:
    """Return for every layer (n, m) slopes of the lines below its ReLUs: 1 where most of the box is on, else 0.

    Zhang et al. 2018, Efficient neural network robustness certification with general activation functions (CROWN).
    """
    return [np.where(layer.gap > 0, layer.high > -layer.low, layer.slope) for layer in layers]


def below(
    network: ReluNetwork,
    layers: list[Layer],
    slopes: list[np.ndarray],
    weights: np.ndarray,
    constants: np.ndarray,
) -> Below:
    """Return a linear function of the inputs below one of the last of some layers' values, going back from there.

    Args:
        network: the network.
        layers: bounds of its first hidden layers, those that are gone back through.
        slopes: of the lines below their ReLUs, (n, m) a layer, between 0 and 1.
        weights: (n, m) of the last of these layers' values, after its ReLUs.
        constants: (n,) that are added.
    """
    constants = constants.copy()
    units: list[np.ndarray] = []
    for k in reversed(range(len(layers))):
        units.insert(0, weights)
        down = np.minimum(weights, 0.0)
        constants += np.einsum("nm,nm->n", down, layers[k].gap)
        weights = (weights - down) * slopes[k] + down * layers[k].slope
        constants += weights @ network.biases[k]
        weights = weights @ network.kernels[k].T
    return Below(weights, constants, units)


def steeper(
    network: ReluNetwork,
    layers: list[Layer],
    slopes: list[np.ndarray],
    found: Below,
    inputs: np.ndarray,
    step: float,
) -> list[np.ndarray]:
    """Return slopes moved towards a higher bound at the inputs (n, p) where it is lowest now.

    The bound grows with the slope of a unit's lower line where the line's argument is positive there, and falls where
    it is negative (a supergradient; Xu et al. 2021, Fast and complete, alpha-CROWN).
    """
    moved = []
    values = inputs
    for k, layer in enumerate(layers):
        values = values @ network.kernels[k] + network.biases[k]
        is_up = found.units[k] > 0
        change = np.where((layer.gap > 0) & is_up, step * np.sign(values), 0.0)
        moved.append(np.clip(slopes[k] + change, 0.0, 1.0))
        values = np.where(is_up, slopes[k] * values, layer.slope * values + layer.gap)
    return moved


def best_below(
    network: ReluNetwork,
    layers: list[Layer],
    weights: np.ndarray,
    constants: np.ndarray,
    lowest: Callable[[Below], tuple[np.ndarray, np.ndarray]],
    steps: Sequence[float],
) -> Below:
    """Return the functions of `below` whose minima are highest among those that a few steps reach.

    Args:
        network: the network.
        layers: bounds of its first hidden layers.
        weights: (n, m) of the last of these layers' values.
        constants: (n,) that are added.
        lowest: maps linear functions to their minima (n,) and the inputs (n, p) where these lie.
        steps: by how much slopes are changed, step after step.
    """
    slopes = first_slopes(layers)
    best = found = below(network, layers, slopes, weights, constants)
    highest, where = lowest(found)
    for step in steps if layers else ():
        slopes = steeper(network, layers, slopes, found, where, step)
        found = below(network, layers, slopes, weights, constants)
        minima, where = lowest(found)
        is_higher = minima > highest
        highest = np.where(is_higher, minima, highest)
        best = Below(
            np.where(is_higher[:, None], found.weights, best.weights),
            np.where(is_higher, found.constants, best.constants),
            [np.where(is_higher[:, None], new, old) for new, old in zip(found.units, best.units, strict=True)],
        )
    return best
