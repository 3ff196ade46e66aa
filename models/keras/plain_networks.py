"""Networks as a JSON line and the bytes of their float32 numbers: how a sandboxed process hands them on.

Whoever takes them in does not trust whoever gave them: numbers are looked at where they lie, and copied when the
description was found to fit them.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.errors import ModelFileError
from models.keras.file import MAXIMUM_CHAINS, MAXIMUM_LAYERS, MAXIMUM_PARAMETERS, MAXIMUM_WIDTH
from models.networks.ensemble import Ensemble
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Layer, Network, arrays_of

MAXIMUM_BYTES = 4 * MAXIMUM_PARAMETERS + 1_000_000
"""Of networks handed on: as many numbers as a file may hold, and room for their description."""

_MAXIMUM_LINE = 900_000


def pack_networks(networks: Sequence[Network]) -> bytes:
    """Networks as bytes that `unpack_networks` takes apart."""
    line = [[network.n_inputs, [_described(layer) for layer in network.layers]] for network in networks]
    arrays = [array for network in networks for layer in network.layers for array in arrays_of(layer)]
    return json.dumps(line).encode() + b"\n" + b"".join(array.astype("<f4").tobytes() for array in arrays)


def _described(layer: Layer) -> list[Any]:
    match layer:
        case Dense(kernel, bias, activation):
            return ["Dense", activation.name, kernel.shape[1], bias is not None]
        case Affine():
            return ["Affine"]
        case Activate(activation):
            return ["Activate", activation.name]


def unpack_networks(data: bytes) -> Ensemble:
    """The networks that bytes hold.

    Raises:
        ModelFileError: they are not what `pack_networks` makes, however they came about.
    """
    try:
        line, _, rest = data.partition(b"\n")
        if len(line) > _MAXIMUM_LINE:
            raise ValueError("the description is too long")
        described, left = json.loads(line), np.frombuffer(rest, dtype="<f4")
        if not np.isfinite(left).all():
            raise ValueError("numbers are not finite")

        def take(*shape: int) -> np.ndarray:
            """The next numbers."""
            nonlocal left
            n = int(np.prod(shape, dtype=object))
            if n > len(left):
                raise ValueError("fewer numbers than described")
            taken, left = left[:n], left[n:]
            return taken.reshape(shape).astype(np.float32)

        if not 1 <= len(described) <= MAXIMUM_CHAINS:
            raise ValueError("expected members")
        networks = Ensemble(tuple(_network(_whole(n_inputs), layers, take) for n_inputs, layers in described))
        if len(left):
            raise ValueError("more numbers than described")
        return networks
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelFileError("What was read from the model cannot be used: save the model anew.") from error


def _network(n_inputs: int, described: list[list[Any]], take: Callable[..., np.ndarray]) -> Network:
    if not isinstance(described, list) or not 1 <= len(described) <= MAXIMUM_LAYERS:
        raise ValueError("too many layers")
    width, layers = n_inputs, list[Layer]()
    for layer in described:
        match layer:
            case ["Dense", activation, n_out, bool(has_bias)]:
                kernel = take(width, _whole(n_out))
                width = n_out
                layers.append(Dense(kernel, take(width) if has_bias else None, ACTIVATIONS[activation]))
            case ["Affine"]:
                layers.append(Affine(take(width), take(width)))
            case ["Activate", activation]:
                layers.append(Activate(ACTIVATIONS[activation]))
            case _:
                raise ValueError("unknown kind of layer")
    if width != 1:
        raise ValueError("expected one output")
    return Network(n_inputs, tuple(layers))


def _whole(given: object) -> int:
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ValueError("width out of range")
    return given
