"""Graphs as a JSON line and the bytes of their float32 numbers: how a sandboxed process hands them on, and their file.

Whoever takes them in does not trust whoever gave them: numbers are looked at where they lie, and copied when the
description was found to fit them.
"""

import json
import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from models.errors import ModelFileError
from models.networks import operations
from models.networks.graph import Graph, Node, arrays_of
from models.networks.network import ACTIVATIONS, Activation
from models.networks.operations import Operation
from models.networks.read_model import MAXIMUM_OUTPUTS, ReadModel

MARK = b"MIXWRIGHT GRAPH 1\n"
"""What such bytes begin with."""

MAXIMUM_BYTES = 30_000_000
"""Of a model handed on: 5 million numbers, and room for their description."""

_MAXIMUM_LINE, _MAXIMUM_NODES, _MAXIMUM_VALUES = 5_000_000, 4_000, 100_000
_KINDS: dict[str, Callable[..., Operation]] = {
    kind.__name__: kind
    for kind in (
        operations.Multiply,
        operations.Scale,
        operations.Standardise,
        operations.Activate,
        operations.Bend,
        operations.Elu,
        operations.Softmax,
        operations.Normalise,
        operations.Merge,
        operations.Join,
        operations.Columns,
        operations.Look,
        operations.Count,
        operations.Embed,
    )
}


def packed(model: ReadModel) -> bytes:
    """A model as bytes that `unpacked` takes apart."""
    arrays = list[np.ndarray]()
    outputs = {}
    for name, graph in model.outputs.items():
        outputs[name] = [_described(node) for node in graph.nodes]
        arrays += [array for node in graph.nodes for array in arrays_of(node.operation)]
    line = {"n_inputs": model.n_inputs, "outputs": outputs, "vocabularies": model.vocabularies}
    numbers = b"".join(np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays)
    return MARK + json.dumps(line).encode() + b"\n" + numbers


def _described(node: Node) -> list[Any]:
    """Kind, what it takes, and its attributes: of an array the shape, of an activation the name."""
    told = dict[str, Any]()
    for field in fields(node.operation):  # type: ignore[arg-type]
        value = getattr(node.operation, field.name)
        if isinstance(value, np.ndarray):
            told[field.name] = list(value.shape)
        elif isinstance(value, Activation):
            told[field.name] = value.name
        elif isinstance(value, float):
            told[field.name] = repr(value)  # JSON has no infinity
        else:
            told[field.name] = value
    return [type(node.operation).__name__, list(node.takes), told]


def unpacked(data: bytes) -> ReadModel:
    """The model that bytes hold.

    Raises:
        ModelFileError: they are not what `packed` makes, however they came about.
    """
    try:
        if not data.startswith(MARK) or len(data) > MAXIMUM_BYTES:
            raise ValueError("no model")
        line, _, rest = data[len(MARK) :].partition(b"\n")
        if len(line) > _MAXIMUM_LINE:
            raise ValueError("the description is too long")
        described, numbers = json.loads(line), _Numbers(rest)
        n_inputs, outputs = _whole(described["n_inputs"]), described["outputs"]
        if not isinstance(outputs, dict) or not 1 <= len(outputs) <= MAXIMUM_OUTPUTS:
            raise ValueError("expected outputs")
        graphs = {str(name)[:80]: _graph(n_inputs, nodes, numbers) for name, nodes in outputs.items()}
        numbers.end()
        known = tuple(tuple(str(word)[:200] for word in each) for each in described["vocabularies"])
        if known and sum(max(1, len(each)) for each in known) != n_inputs:
            raise ValueError("words do not fit the inputs")
        return ReadModel(graphs, known)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelFileError("What was read from the model cannot be used: save the model anew.") from error


class _Numbers:
    """The numbers of a model, taken one array after the other."""

    def __init__(self, data: bytes) -> None:
        self._left = np.frombuffer(data, dtype="<f4")

    def take(self, shape: object) -> np.ndarray:
        """The next numbers as an array of one or two axes."""
        if not isinstance(shape, list) or not 1 <= len(shape) <= 2:
            raise ValueError("an array has one or two axes")
        sizes = [_whole(size) for size in shape]
        n = math.prod(sizes)
        if n > len(self._left):
            raise ValueError("fewer numbers than described")
        taken, self._left = self._left[:n], self._left[n:]
        if not np.isfinite(taken).all():
            raise ValueError("numbers are not finite")
        return taken.reshape(sizes).astype(np.float32)

    def end(self) -> None:
        """Raise unless all were taken."""
        if len(self._left):
            raise ValueError("more numbers than described")


def _graph(n_inputs: int, described: list[Any], numbers: _Numbers) -> Graph:
    if not isinstance(described, list) or not 1 <= len(described) <= _MAXIMUM_NODES:
        raise ValueError("too many nodes")
    graph = Graph(n_inputs, tuple(_node(each, numbers) for each in described))
    if sum(graph.widths) > _MAXIMUM_VALUES:
        raise ValueError("too many values per row")
    return graph


def _node(described: list[Any], numbers: _Numbers) -> Node:
    kind, takes, told = described
    made = _KINDS[kind]
    given = {field.name: _attribute(field.type, told[field.name], numbers) for field in fields(made)}  # type: ignore[arg-type]
    if not all(type(place) is int for place in takes):
        raise ValueError("places are whole numbers")
    operation = made(**given)
    if isinstance(operation, operations.Standardise) and not (operation.deviation > 0).all():
        raise ValueError("deviations are above 0")
    return Node(operation, tuple(takes))


def _attribute(kind: object, told: object, numbers: _Numbers) -> Any:
    """An attribute of an operation, of the type that it is declared with."""
    if kind is np.ndarray:
        return numbers.take(told)
    if kind is Activation:
        return ACTIVATIONS[str(told)]
    if kind is float:
        return float(str(told))
    if type(told) is not kind:
        raise ValueError("an attribute is of another type")
    return told


def _whole(given: object) -> int:
    if type(given) is not int or not 1 <= given <= 5_000_000:
        raise ValueError("a size is out of range")
    return given
