"""Networks as a JSON line and one array of float32: how a sandboxed process hands them on.

Whoever takes them in does not trust whoever gave them: everything is counted and checked before it is allocated.
"""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.errors import ModelFileError
from models.keras.file import MAXIMUM_PARAMETERS
from models.keras.layers import MAXIMUM_LAYERS, MAXIMUM_WIDTH
from models.keras.writer import name_of
from models.networks.activations import ACTIVATIONS
from models.networks.network import Activate, Affine, Dense, Layer, Network

MAXIMUM_MEMBERS = 64
MAXIMUM_BYTES = 4 * MAXIMUM_PARAMETERS + 1_000_000
"""Of networks handed on: as many numbers as a file may hold, and room for their description."""

_MAXIMUM_LINE = 900_000


def pack_networks(networks: Sequence[Network]) -> bytes:
    """Return networks as bytes that `unpack_networks` takes apart."""
    members = [
        {"n_inputs": network.n_inputs, "layers": [_described(layer) for layer in network.layers]}
        for network in networks
    ]
    arrays = [array.ravel() for network in networks for layer in network.layers for array in _arrays(layer)]
    numbers = np.concatenate([np.empty(0, dtype=np.float32), *arrays]).astype("<f4")
    packed = io.BytesIO()
    packed.write(json.dumps(members).encode() + b"\n")
    np.save(packed, numbers, allow_pickle=False)
    return packed.getvalue()


def unpack_networks(data: bytes) -> tuple[Network, ...]:
    """Return the networks that bytes hold.

    Raises:
        ModelFileError: they are not what `pack_networks` makes, however they came about.
    """
    try:
        line, _, array = data.partition(b"\n")
        if len(line) > _MAXIMUM_LINE:
            raise ValueError("the description is too long")
        members = json.loads(line)
        plans = [_plan(member) for member in members]
        if not 1 <= len(plans) <= MAXIMUM_MEMBERS or len({n_inputs for n_inputs, _ in plans}) > 1:
            raise ValueError("expected members with one number of inputs")
        n_numbers = sum(rows * columns for _, layers in plans for _, shapes in layers for rows, columns in shapes)
        if n_numbers > MAXIMUM_PARAMETERS:
            raise ValueError(f"{n_numbers} numbers are too many")
        pieces = iter(_pieces(_numbers(array, n_numbers), plans))
        return tuple(Network(n_inputs, tuple(_layer(*layer, pieces) for layer in layers)) for n_inputs, layers in plans)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelFileError("What was read from the model cannot be used: save the model anew.") from error


Shapes = list[tuple[int, int]]
Plan = tuple[int, list[tuple[dict[str, Any], Shapes]]]


def _described(layer: Layer) -> dict[str, Any]:
    match layer:
        case Dense(kernel, bias, activation):
            n_out = kernel.shape[1]
            return {"kind": "Dense", "n_out": n_out, "has_bias": bias is not None, "activation": name_of(activation)}
        case Affine():
            return {"kind": "Affine"}
        case Activate(activation):
            return {"kind": "Activate", "activation": name_of(activation)}


def _arrays(layer: Layer) -> list[np.ndarray]:
    match layer:
        case Dense(kernel, bias):
            return [kernel] if bias is None else [kernel, bias]
        case Affine(scale, shift):
            return [scale, shift]
        case Activate():
            return []


def _plan(member: dict[str, Any]) -> Plan:
    """Return a member's number of inputs, and each layer with the shapes of its arrays."""
    width = n_inputs = _whole(member["n_inputs"])
    layers: list[tuple[dict[str, Any], Shapes]] = []
    if not isinstance(member["layers"], list) or not 1 <= len(member["layers"]) <= MAXIMUM_LAYERS:
        raise ValueError("too many layers")
    for layer in member["layers"]:
        shapes: Shapes = []
        if layer["kind"] == "Dense":
            n_out = _whole(layer["n_out"])
            shapes = [(width, n_out)] + [(1, n_out)] * (layer["has_bias"] is True)
            width = n_out
        elif layer["kind"] == "Affine":
            shapes = [(1, width), (1, width)]
        elif layer["kind"] != "Activate":
            raise ValueError("unknown kind of layer")
        layers.append((layer, shapes))
    if width != 1:
        raise ValueError("expected one output")
    return n_inputs, layers


def _whole(given: object) -> int:
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ValueError("width out of range")
    return given


def _numbers(array: bytes, n_numbers: int) -> np.ndarray:
    """Return the (n,) numbers of an .npy file that declares exactly these."""
    file = io.BytesIO(array)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("unknown format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if shape != (n_numbers,) or dtype != np.dtype("<f4"):
        raise ValueError(f"declares {shape} of {dtype}")
    numbers = np.frombuffer(array, dtype="<f4", offset=file.tell())
    if len(numbers) != n_numbers or not np.isfinite(numbers).all():
        raise ValueError("not as many finite numbers as declared")
    return numbers


def _pieces(numbers: np.ndarray, plans: list[Plan]) -> list[np.ndarray]:
    """Return the numbers as the arrays of all layers, in order; vectors as one row."""
    shapes = [shape for _, layers in plans for _, shapes in layers for shape in shapes]
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    return [piece.reshape(shape) for piece, shape in zip(np.split(numbers, ends[:-1]), shapes, strict=True)]


def _layer(layer: dict[str, Any], shapes: Shapes, pieces: Iterator[np.ndarray]) -> Layer:
    """Return one layer with its own arrays."""
    arrays = [np.ascontiguousarray(next(pieces), dtype=np.float32) for _ in shapes]
    match layer["kind"]:
        case "Dense":
            bias = arrays[1][0] if len(arrays) > 1 else None
            return Dense(arrays[0], bias, ACTIVATIONS[layer["activation"]])
        case "Affine":
            return Affine(arrays[0][0], arrays[1][0])
    return Activate(ACTIVATIONS[layer["activation"]])
