"""What a predictor made of dense ReLU layers computes, as plain arrays: for those who reason about it."""

from dataclasses import dataclass

import numpy as np

from models.networks.ensemble import Ensemble
from models.networks.network import LINEAR, RELU, Activate, Dense, Layer
from models.networks.predictor import EnsemblePredictor


@dataclass(frozen=True, slots=True)
class ReluLayers:
    """Layers of a network with a ReLU after each but the last, and what its inputs and its output mean.

    Attributes:
        columns: (p,) column of a row that each input comes from.
        codes: (p,) the code for which a one-hot input is 1, NaN for a number.
        means: (p,) subtracted from a number; 0 for one-hot inputs.
        scales: (p,) a number is multiplied with then; 1 for one-hot inputs.
        kernels: (n_in, n_out) a layer.
        biases: (n_out,) a layer.
        outcome_scale: the output is multiplied with, to give the outcome in its unit.
        outcome_shift: and this is added.
    """

    columns: np.ndarray
    codes: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    outcome_scale: float
    outcome_shift: float


def relu_layers(predictor: EnsemblePredictor) -> ReluLayers:
    """The layers of a predictor, which computes them in float32.

    Those of an ensemble are one network of all its members: side by side, so that kernels are block-diagonal, and the
    last one takes the mean.

    Raises:
        ValueError: it has other layers than dense ones, or other activations than ReLU.
    """
    encoding, networks = predictor.encoding, predictor.networks
    if not isinstance(networks, Ensemble):
        raise ValueError("this model is a graph of other operations.")
    inputs: list[tuple[float, float, float, float]] = []  # column, code, mean and scale of each
    for j, (column, mean, std) in enumerate(zip(encoding.features, encoding.means, encoding.stds, strict=True)):
        if column.is_categorical:
            inputs += [(j, code, 0.0, 1.0) for code in range(len(column.categories))]
        else:
            inputs.append((j, np.nan, mean, 1 / std if std > 0 else 0.0))
    columns, codes, means, scales = np.array(inputs).T
    kernels, biases = _side_by_side([_dense_layers(member.layers) for member in networks.members])
    return ReluLayers(
        columns=columns.astype(int),
        codes=codes,
        means=means,
        scales=scales,
        kernels=kernels,
        biases=biases,
        outcome_scale=encoding.outcome_std,
        outcome_shift=encoding.outcome_mean,
    )


def _side_by_side(members: list[list[Dense]]) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Kernels and biases of one network that computes the mean of all members."""
    from scipy.linalg import block_diag

    kernels, biases = [], []
    for number, layers in enumerate(zip(*members, strict=True)):
        each = [layer.kernel.astype(float) for layer in layers]
        kernels.append(np.hstack(each) if number == 0 else block_diag(*each))
        given = [np.zeros(layer.kernel.shape[1]) if layer.bias is None else layer.bias for layer in layers]
        biases.append(np.concatenate(given).astype(float))
    mean = np.full((len(members), 1), 1 / len(members))
    kernels[-1], biases[-1] = kernels[-1] @ mean, biases[-1] @ mean
    return tuple(kernels), tuple(biases)


def _dense_layers(layers: tuple[Layer, ...]) -> list[Dense]:
    dense: list[Dense] = []
    is_open = False  # whether the last dense layer has no activation yet
    for number, layer in enumerate(layers, start=1):
        if isinstance(layer, Activate) and layer.activation == RELU and is_open:
            is_open = False
        elif isinstance(layer, Dense) and layer.activation in (RELU, LINEAR) and not is_open:
            dense.append(layer)
            is_open = layer.activation == LINEAR
        elif not (isinstance(layer, Activate) and layer.activation == LINEAR):
            what = type(layer).__name__ if not isinstance(layer, Dense) else "dense"
            raise ValueError(
                "Expected dense layers with a ReLU after each but the last, and found another activation or a layer "
                f"of another kind (layer {number}, {what})."
            )
    if not is_open:
        raise ValueError("Expected no activation after the last layer, and found a ReLU there.")
    return dense
