"""The weights of planned chains of layers, out of an HDF5 file that is not trusted."""

import io
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelFileError
from models.keras.layers import PlannedLayer
from models.networks.activations import ACTIVATIONS
from models.networks.network import Activate, Affine, Dense, Layer

if TYPE_CHECKING:
    import h5py


def read_chains(data: bytes, chains: tuple[tuple[PlannedLayer, ...], ...]) -> list[tuple[Layer, ...]]:
    """Return the planned layers of each chain with the weights of an HDF5 file.

    Only what the plans name is opened, by hard links, and only if type and shape are as planned.

    Raises:
        ModelFileError: a weight is absent, of another shape, not finite or not in the file itself.
    """
    import h5py

    with h5py.File(io.BytesIO(data), "r") as file:
        return [tuple(_layer(file, step) for step in planned) for planned in chains]


def _layer(file: "h5py.File", step: PlannedLayer) -> Layer:
    """Return one layer with its weights."""
    weights = {name: _read_array(file, step, index, name) for index, name in enumerate(step.arrays)}
    if step.kind == "Dense":
        return Dense(weights["kernel"], weights.get("bias"), ACTIVATIONS[step.activation])
    if step.kind == "Activation":
        return Activate(ACTIVATIONS[step.activation])
    return _affine(weights, step.epsilon)


def _affine(weights: dict[str, np.ndarray], epsilon: float) -> Affine:
    """Return what batch normalisation does when predicting: gamma (x - mean) / sqrt(variance + epsilon) + beta."""
    if (weights["variance"] < 0).any():
        raise ModelFileError("A variance of a batch normalisation is negative.")
    scale = weights.get("gamma", np.float32(1)) / np.sqrt(weights["variance"].astype(float) + epsilon)
    shift = weights.get("beta", np.float32(0)) - weights["mean"] * scale
    return Affine(scale.astype(np.float32), shift.astype(np.float32))


def _read_array(file: "h5py.File", step: PlannedLayer, index: int, name: str) -> np.ndarray:
    """Return one weight as float32, checked before a byte of it is allocated."""
    import h5py

    where = f"the {name} of layer '{step.group}'"
    node: h5py.Group | h5py.Dataset = file
    for key in ("layers", step.group, "vars", str(index)):
        if not isinstance(node, h5py.Group) or not isinstance(node.get(key, getlink=True), h5py.HardLink):
            raise ModelFileError(f"The file does not hold {where} itself.")
        node = node[key]
    if not isinstance(node, h5py.Dataset) or node.is_virtual or node.external or node.chunks is not None:
        raise ModelFileError(f"In the file, {where} is not stored as plain numbers.")
    if node.dtype != np.dtype("<f4") or node.shape != step.shape(name):
        raise ModelFileError(
            f"Expected {where} as float32 of shape {step.shape(name)}; the file declares {node.dtype} {node.shape}."
        )
    values = node[()]
    if not np.isfinite(values).all():
        raise ModelFileError(f"In the file, {where} has missing or infinite values: the training of the model failed.")
    return np.ascontiguousarray(values, dtype=np.float32)
