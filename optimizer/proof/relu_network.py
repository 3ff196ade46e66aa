"""A ReLU network as arrays, and its bounds over many boxes: of hidden layers, of the output, and of all rounding.

Each hidden layer's values are a zonotope: a linear function of the inputs plus a sum of bounded noise terms, one for
each ReLU whose sign is not fixed in the box (Singh et al. 2018, Fast and effective robustness certification). A ReLU
of ``z`` in ``[l, u]`` lies between ``slope * z`` and ``slope * z + gap``, slope ``u / (u - l)`` and gap ``-slope * l``.
With these bounds, one linear function of the inputs below the output is found going back through the layers (CROWN,
Zhang et al. 2018), and raised by moving the lower lines of its ReLUs (alpha-CROWN, Xu et al. 2021).

Products and sums of n numbers in arithmetic of unit roundoff u err by at most ``n u / (1 - n u)`` times the sum of the
sizes, in any order (Higham 2002, Accuracy and stability of numerical algorithms, section 3.1). Two things are bounded
with it: what float64 loses in the bounds themselves, and by how much the shipped predictor, which computes in float32,
may differ from the exact network.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_matrix

FLOAT32_ROUNDOFF = 2.0**-24
FLOAT64_ROUNDOFF = 2.0**-53


@dataclass(frozen=True, eq=False)
class ReluNetwork:
    """Layers of a dense network from candidates to the outcome; ReLU after each layer but the last.

    Input i is ``(x - means[i]) * scales[i]`` of the candidate's column ``columns[i]``, or, where ``codes[i]`` is not
    NaN, 1 if that column holds this code and else 0.

    Attributes:
        columns: (p,) which column of a candidate each input comes from.
        codes: (p,) the code that a one-hot input stands for, NaN for a number.
        means: (p,) what is subtracted from a number; 0 for one-hot inputs.
        scales: (p,) what a number is multiplied with then; 1 for one-hot inputs.
        kernels: one (n_in, n_out) matrix a layer; the last one has a single output.
        biases: one (n_out,) vector a layer.
        outcome_scale: the network's output is multiplied with this,
        outcome_shift: and this is added, to give the outcome in its unit.
        roundoff: unit roundoff of the arithmetic that predicts (float32 in the shipped predictor); 0 for an exact one.

    Raises:
        SpaceError: shapes do not fit each other, or a number is not finite.
    """

    columns: np.ndarray
    codes: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    outcome_scale: float = 1.0
    outcome_shift: float = 0.0
    roundoff: float = FLOAT32_ROUNDOFF

    def __post_init__(self) -> None:
        for name in ("codes", "means", "scales"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        object.__setattr__(self, "columns", np.asarray(self.columns, dtype=int))
        object.__setattr__(self, "kernels", tuple(np.asarray(kernel, dtype=float) for kernel in self.kernels))
        object.__setattr__(self, "biases", tuple(np.asarray(bias, dtype=float) for bias in self.biases))
        if len(self.kernels) != len(self.biases) or not self.kernels:
            raise SpaceError(
                f"A network needs one bias a layer, got {len(self.kernels)} layers and {len(self.biases)} biases."
            )
        n_values = self.n_inputs
        for number, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True), start=1):
            if kernel.ndim != 2 or kernel.shape[0] != n_values or bias.shape != (kernel.shape[1],):
                raise SpaceError(
                    f"Layer {number} must take {n_values} values, got a kernel {kernel.shape} and a bias {bias.shape}."
                )
            n_values = kernel.shape[1]
        if n_values != 1:
            raise SpaceError(f"The last layer must leave one value, got {n_values}.")
        numbers = (self.means, self.scales, *self.kernels, *self.biases)
        if not all(np.isfinite(array).all() for array in numbers):
            raise SpaceError("A weight of the network is not finite, so nothing can be proven: train the model again.")

    @property
    def n_inputs(self) -> int:
        """How many numbers the first layer takes (p)."""
        return len(self.columns)

    @cached_property
    def is_one_hot(self) -> np.ndarray:
        """Which inputs stand for a category, (p,)."""
        return ~np.isnan(self.codes)

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """The inputs (n, p) of candidates ``X`` (n, d)."""
        values = X[:, self.columns]
        return np.where(self.is_one_hot, values == self.codes, (values - self.means) * self.scales)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes of candidates ``X`` (n, d), in float64, (n,)."""
        check_matrix("X", X, X.shape[-1])
        values = self.inputs(X)
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ kernel + bias, 0.0)
        return (values @ self.kernels[-1] + self.biases[-1])[:, 0] * self.outcome_scale + self.outcome_shift


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
        """The layer whose units have these bounds, with the lines above its ReLUs."""
        is_open = (low < 0) & (high > 0)
        width = np.where(is_open, high - low, 1.0)
        slope = np.where(is_open, high / width, low >= 0)
        gap = np.where(is_open, -slope * low, 0.0)
        return cls(low, high, slope, gap, reach)


def bound_layers(network: ReluNetwork, center: np.ndarray, radius: np.ndarray, errors: list[float]) -> list[Layer]:
    """The bounds of every hidden layer over n boxes of inputs.

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


@dataclass(frozen=True, slots=True)
class LinearBound:
    """Linear functions of the inputs below the (signed, scaled) output, one for each of n boxes.

    Attributes:
        weights: (n, p) of the inputs.
        constants: (n,).
        units: for every hidden layer (n, m) the weight of each unit's value in the bound.
    """

    weights: np.ndarray
    constants: np.ndarray
    units: list[np.ndarray]


def best_linear_bound(
    network: ReluNetwork,
    layers: list[Layer],
    weights: np.ndarray,
    constants: np.ndarray,
    lowest: Callable[[LinearBound], tuple[np.ndarray, np.ndarray]],
    steps: Sequence[float],
) -> LinearBound:
    """Linear functions of the inputs below the output whose minima are highest among those that a few steps reach.

    Args:
        network: the network.
        layers: bounds of its hidden layers.
        weights: (n, m) of the last hidden layer's values in the output.
        constants: (n,) that are added.
        lowest: maps linear functions to their minima (n,) and the inputs (n, p) where these lie.
        steps: by how much slopes are changed, step after step.
    """
    # CROWN's choice for the lines below open ReLUs: z itself where most of the box is on, else 0
    slopes = [np.where(layer.gap > 0, layer.high > -layer.low, layer.slope) for layer in layers]
    best = found = _linear_bound(network, layers, slopes, weights, constants)
    highest, where = lowest(found)
    for step in steps if layers else ():
        slopes = _raised_slopes(network, layers, slopes, found, where, step)
        found = _linear_bound(network, layers, slopes, weights, constants)
        minima, where = lowest(found)
        is_higher = minima > highest
        highest = np.where(is_higher, minima, highest)
        best = LinearBound(
            np.where(is_higher[:, None], found.weights, best.weights),
            np.where(is_higher, found.constants, best.constants),
            [np.where(is_higher[:, None], new, old) for new, old in zip(found.units, best.units, strict=True)],
        )
    return best


def _linear_bound(
    network: ReluNetwork,
    layers: list[Layer],
    slopes: list[np.ndarray],
    weights: np.ndarray,
    constants: np.ndarray,
) -> LinearBound:
    """The function with these slopes (n, m a layer, 0 to 1) of the lines below ReLUs, going back from the output.

    A unit of positive weight is replaced by the line below its ReLU, one of negative weight by the line above it.
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
    return LinearBound(weights, constants, units)


def _raised_slopes(
    network: ReluNetwork,
    layers: list[Layer],
    slopes: list[np.ndarray],
    found: LinearBound,
    inputs: np.ndarray,
    step: float,
) -> list[np.ndarray]:
    """Slopes moved towards a higher bound at the inputs (n, p) where it is lowest now.

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


_CHAINS = 64.0
"""Chains of products that are allowed for: a bound takes fewer than 16, each of them of at most twice the size."""
_SECOND_ORDER = 1.01
"""For products of rounding errors, which are some 1e5 times smaller than the errors."""


def bound_rounding(network: ReluNetwork, largest: np.ndarray) -> list[float]:
    """For every layer how much float64 may round its bounds, in any box within the largest inputs.

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
    """How far the predictor's output may lie from the exact network's, in each of n boxes, (n,).

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
