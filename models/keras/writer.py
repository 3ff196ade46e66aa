"""A .keras file written from arrays alone, as Keras writes it and reads it, without Keras.

What somebody uploads is never kept: its numbers are taken out in a sandbox, and a file of our own is written from them.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.networks.network import Activate, Affine, Dense, Layer, Network

KERAS_VERSION = "3.15.1"
"""Whose layout is written."""

_POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
_HALF = 0.5
"""Epsilon and variance of a batch normalisation that only scales and shifts: together they make exactly 1."""


def keras_file_of(networks: Sequence[Network]) -> bytes:
    """The bytes of a .keras file that holds one network, or the mean of several as one Functional model.

    A fixed scale and shift becomes a batch normalisation that does just that.

    Raises:
        ValueError: there is no network, or they take different numbers of inputs.
    """
    if not networks or len({network.n_inputs for network in networks}) > 1:
        raise ValueError(f"Expected networks with one number of inputs, got {[n.n_inputs for n in networks]}.")
    layers = _written_layers(networks)
    weights = io.BytesIO()
    _write_weights(weights, layers)
    metadata = {"keras_version": KERAS_VERSION, "date_saved": "2026-01-01@00:00:00"}  # equal networks, equal files
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (
            ("metadata.json", json.dumps(metadata).encode()),
            ("config.json", json.dumps(_config(networks[0].n_inputs, layers, len(networks))).encode()),
            ("model.weights.h5", weights.getvalue()),
        ):
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class _WrittenLayer:
    """A layer of the file.

    Attributes:
        n_in: values per row that go in.
        n_out: values per row that come out.
        before: names of the layers that it takes its values from.
        settings: what its configuration says beside name and type.
        arrays: its weights, in the order of the file.
    """

    kind: str
    name: str
    n_in: int
    n_out: int
    before: tuple[str, ...]
    settings: dict[str, Any]
    arrays: tuple[np.ndarray, ...] = ()


def _written_layers(networks: Sequence[Network]) -> list[_WrittenLayer]:
    """The layers in the order of Keras' own: by distance from the end, farthest first, then by member."""
    found: list[tuple[int, int, _WrittenLayer]] = []
    last = []
    for member, network in enumerate(networks):
        before, width = "inputs", network.n_inputs
        for place, layer in enumerate(network.layers):
            name = f"hidden_{place + 1}" if place + 1 < len(network.layers) else "outcome"
            written = _written(layer, f"member_{member + 1}_{name}" if len(networks) > 1 else name, width, before)
            found.append((len(network.layers) - place, member, written))
            before, width = written.name, written.n_out
        last.append(before)
    ordered = [written for *_, written in sorted(found, key=lambda entry: (-entry[0], entry[1]))]
    if len(networks) > 1:
        ordered.append(_WrittenLayer("Average", "outcome", 1, 1, tuple(last), {}))
    return ordered


def _written(layer: Layer, name: str, width: int, before: str) -> _WrittenLayer:
    match layer:
        case Dense(kernel, bias, activation):
            settings = {"units": kernel.shape[1], "activation": activation.name, "use_bias": bias is not None}
            arrays = (kernel,) if bias is None else (kernel, bias)
            return _WrittenLayer("Dense", name, width, kernel.shape[1], (before,), settings, arrays)
        case Affine(scale, shift):
            settings = {"axis": -1, "momentum": 0.99, "epsilon": _HALF, "center": True, "scale": True}
            fixed = np.zeros(width), np.full(width, _HALF)
            return _WrittenLayer("BatchNormalization", name, width, width, (before,), settings, (scale, shift, *fixed))
        case Activate(activation):
            return _WrittenLayer("Activation", name, width, width, (before,), {"activation": activation.name})


def _config(n_inputs: int, layers: list[_WrittenLayer], n_members: int) -> dict[str, Any]:
    shape = [None, n_inputs]
    given = {"batch_shape": shape, "dtype": "float32", "sparse": False, "ragged": False, "name": "inputs"}
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": given, "registered_name": None}
    entries: list[dict[str, Any]] = [first, *map(_entry, layers)]
    if n_members == 1:
        config = {"name": "model", "trainable": True, "dtype": _POLICY, "layers": entries, "build_input_shape": shape}
        kind = {"module": "keras", "class_name": "Sequential", "registered_name": None}
        return kind | {"config": config, "build_config": {"input_shape": shape}}
    widths = {"inputs": n_inputs} | {layer.name: layer.n_out for layer in layers}
    entries[0] |= {"name": "inputs", "inbound_nodes": []}
    for entry, layer in zip(entries[1:], layers, strict=True):
        tensors = [_tensor(name, widths[name]) for name in layer.before]
        arguments = [tensors] if layer.kind == "Average" else tensors
        entry |= {"name": layer.name, "inbound_nodes": [{"args": arguments, "kwargs": {}}]}
    ends = {"input_layers": ["inputs", 0, 0], "output_layers": ["outcome", 0, 0]}
    kind = {"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional"}
    config = {"name": "model", "trainable": True, "layers": entries} | ends
    return kind | {"config": config, "build_config": {"input_shape": None}}


def _tensor(name: str, width: int) -> dict[str, Any]:
    config = {"shape": [None, width], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def _entry(layer: _WrittenLayer) -> dict[str, Any]:
    shape: list[Any] = [None, layer.n_in]
    return {
        "module": "keras.layers",
        "class_name": layer.kind,
        "config": {"name": layer.name, "trainable": True, "dtype": _POLICY} | layer.settings,
        "registered_name": None,
        "build_config": {"input_shape": [shape] * len(layer.before) if layer.kind == "Average" else shape},
    }


def _write_weights(target: io.BytesIO, layers: list[_WrittenLayer]) -> None:
    """Write the weights where Keras looks for them: by class, counted in the order of the layers."""
    import h5py

    counts: dict[str, int] = {}
    with h5py.File(target, "w") as file:
        file.create_group("vars").attrs["name"] = "model"
        groups = {"Dense": "dense", "BatchNormalization": "batch_normalization"}
        for layer in layers:
            group = groups.get(layer.kind, layer.kind.lower())
            number = counts.get(group, 0)
            counts[group] = number + 1
            place = file.create_group(f"layers/{group}{f'_{number}' if number else ''}/vars")
            place.attrs["name"] = layer.name
            for index, array in enumerate(layer.arrays):
                place.create_dataset(str(index), data=np.ascontiguousarray(array, dtype="<f4"))
