"""Reading a .keras file as if it were hostile: no TensorFlow, nothing run, an allow-list for everything."""

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ModelFileError
from models.keras.plan import PlannedLayer, plan_layers
from models.networks.ensemble import Ensemble
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Layer, Network

if TYPE_CHECKING:
    import h5py

MAXIMUM_BYTES = 20_000_000
MAXIMUM_CONFIG_BYTES = 1_000_000
MAXIMUM_WEIGHT_BYTES = 64_000_000
MAXIMUM_PARAMETERS = 5_000_000
_MEMBERS = {
    "config.json": MAXIMUM_CONFIG_BYTES,
    "metadata.json": MAXIMUM_CONFIG_BYTES,
    "model.weights.h5": MAXIMUM_WEIGHT_BYTES,
}


def read_networks(data: bytes) -> Ensemble:
    """The networks whose mean the bytes of a .keras file predict; often one alone.

    Understood are chains of InputLayer, Dense, BatchNormalization, Dropout and Activation, in float32, with one output,
    written as Sequential or as Functional models; and Functional models in which several such chains of one shape begin
    at one input and end in an Average. In all there may be 5 million parameters.

    Raises:
        ModelFileError: the bytes are anything else.
    """
    try:
        config, weights = _unpack(data)
        plan = plan_layers(config)
        if plan.n_parameters > MAXIMUM_PARAMETERS:
            raise ModelFileError(
                f"The model has {plan.n_parameters:,} parameters; at most {MAXIMUM_PARAMETERS:,} are read."
            )
        networks = tuple(Network(plan.n_inputs, layers) for layers in _read_chains(weights, plan.chains))
    except ModelFileError:
        raise
    except Exception as error:  # zipfile, json and h5py raise some ten types on malformed bytes
        raise ModelFileError(
            f"The file cannot be read as a Keras model ({type(error).__name__}). Save the model anew with "
            "model.save('name.keras') and upload that file."
        ) from error
    try:
        return Ensemble(networks)
    except ValueError as error:
        raise ModelFileError(f"The chains that are averaged cannot be read together. {error}") from None


def _unpack(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The parsed configuration and the bytes of the weights file."""
    if len(data) > MAXIMUM_BYTES:
        raise ModelFileError(f"The file has {len(data):,} bytes; a model file may have at most {MAXIMUM_BYTES:,}.")
    if not data.startswith(b"PK\x03\x04"):
        raise ModelFileError(
            "The file is no .keras file (it does not begin like one). Older .h5 files, pickles and folders are not "
            "read: save the model anew with model.save('name.keras')."
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = sorted(info.filename for info in archive.infolist())
        if names != sorted(_MEMBERS):
            shown = ", ".join(repr(name[:60]) for name in names[:6]) or "nothing"
            raise ModelFileError(f"A .keras file holds exactly {', '.join(_MEMBERS)}; this one holds {shown}.")
        contents = {info.filename: _read_member(archive, info) for info in archive.infolist()}
    config = json.loads(contents["config.json"])
    if not isinstance(config, dict):
        raise ModelFileError("The model's configuration is no JSON object.")
    return config, contents["model.weights.h5"]


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one member, whatever it declares never more than its limit."""
    limit = _MEMBERS[info.filename]
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelFileError(
            f"'{info.filename}' inside the file is encrypted or packed in a way that Keras never uses."
        )
    if info.file_size > limit:
        raise ModelFileError(f"'{info.filename}' inside the file declares {info.file_size:,} bytes; at most {limit:,}.")
    with archive.open(info) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise ModelFileError(f"'{info.filename}' inside the file has more than {limit:,} bytes.")
    return content


def _read_chains(data: bytes, chains: tuple[tuple[PlannedLayer, ...], ...]) -> list[tuple[Layer, ...]]:
    """The planned layers of each chain with the weights of an HDF5 file.

    Only what the plans name is opened, by hard links, and only if type and shape are as planned.
    """
    import h5py

    with h5py.File(io.BytesIO(data), "r") as file:
        return [tuple(_layer(file, step) for step in planned) for planned in chains]


def _layer(file: "h5py.File", step: PlannedLayer) -> Layer:
    weights = {name: _read_array(file, step, index, name) for index, name in enumerate(step.arrays)}
    if step.kind == "Dense":
        return Dense(weights["kernel"], weights.get("bias"), ACTIVATIONS[step.activation])
    if step.kind == "Activation":
        return Activate(ACTIVATIONS[step.activation])
    return _affine(weights, step.epsilon)


def _affine(weights: dict[str, np.ndarray], epsilon: float) -> Affine:
    """Batch normalisation when predicting: gamma (x - mean) / sqrt(variance + epsilon) + beta."""
    if (weights["variance"] < 0).any():
        raise ModelFileError("A variance of a batch normalisation is negative.")
    scale = weights.get("gamma", np.float32(1)) / np.sqrt(weights["variance"].astype(float) + epsilon)
    shift = weights.get("beta", np.float32(0)) - weights["mean"] * scale
    return Affine(scale.astype(np.float32), shift.astype(np.float32))


def _read_array(file: "h5py.File", step: PlannedLayer, index: int, name: str) -> np.ndarray:
    """One weight as float32, checked before a byte of it is allocated."""
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
