"""Reading a .keras file as if it were hostile: no TensorFlow, nothing run, an allow-list for everything.

The layers of its configuration become the operations of a graph, one after the other; only the weights that they need
are read from the file.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from models.errors import ModelFileError
from models.keras.archive import (
    MAXIMUM_BYTES,
    OLDER,
    WEIGHTS,
    OlderWeights,
    Weights,
    as_object,
    config_of,
    older_config_of,
    short,
    unpacked,
    vocabulary_of,
    whole,
)
from models.keras.layers import (
    ARITHMETIC,
    FLATTENING,
    LAYERS,
    LOOKUPS,
    NAMED_FUNCTIONS,
    Given,
    ReadWeight,
    check_kind,
    check_lookup,
    with_constant,
)
from models.networks.ensemble import Ensemble
from models.networks.graph import Graph, Node
from models.networks.network import ACTIVATIONS
from models.networks.operations import Activate, Columns, Merge, Operation
from models.networks.read_model import MAXIMUM_OUTPUTS, ReadModel, fastest

MAXIMUM_PARAMETERS = 5_000_000
MAXIMUM_LAYERS = 640

_MODULES = {
    "Sequential": ("keras", "keras.src.models.sequential"),
    "Functional": ("keras", "keras.src.models.functional"),
    "Model": (),
}
"""The classes of models that are understood, and the modules that they are in; Keras 2 names no module."""

_FUNCTIONS = ("keras.src.ops.numpy", "keras.src.ops.nn")
"""The modules of functions that are called on values in a model."""


def read_keras(data: bytes) -> ReadModel:
    """What the bytes of a .keras file, or of an .h5 file of Keras 2, predict from which inputs.

    Understood are Sequential and Functional models of the layers in `models.keras.layers`, in float32, whose inputs are
    rows of numbers or single words. In all there may be 5 million parameters.

    Raises:
        ModelFileError: the bytes are anything else.
    """
    import h5py

    try:
        if data.startswith(OLDER) and len(data) <= MAXIMUM_BYTES:
            with h5py.File(io.BytesIO(data), "r") as file:
                return _Reader(OlderWeights(file), {}).read(older_config_of(file))
        members = unpacked(data)
        config = config_of(members)
        with h5py.File(io.BytesIO(members[WEIGHTS]), "r") as file:
            return _Reader(Weights(file), members).read(config)
    except ModelFileError:
        raise
    except Exception as error:  # zipfile, json and h5py raise some ten types on malformed bytes
        raise ModelFileError(
            f"The file cannot be read as a Keras model ({type(error).__name__}). Save the model anew with "
            "model.save('name.keras') and upload that file."
        ) from error


def read_networks(data: bytes) -> Ensemble | Graph:
    """What the bytes of a .keras file with a single output predict, computed as fast as can be; see `read_keras`.

    Raises:
        ModelFileError: it cannot be read, or predicts several outcomes.
    """
    outputs = read_keras(data).outputs
    if len(outputs) > 1:
        raise ModelFileError(
            f"The model has {len(outputs)} outputs ({', '.join(outputs)[:120]}): save each as a model of its own, such "
            "as keras.Model(model.inputs, model.outputs[0])."
        )
    return fastest(next(iter(outputs.values())))


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer as its configuration names it, its kind and type checked.

    Attributes:
        group: where its weights are in the weights file, such as "dense_1".
        name: unique in a functional model.
        inbound: what it takes its values from, unchecked; of a functional model only.
        is_function: whether it is a function that was called on values, which has no settings.
    """

    kind: str
    settings: dict[str, Any]
    group: str
    name: str
    inbound: object = None
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class _Value:
    """What a layer gives.

    Attributes:
        place: of its block in the graph.
        is_sequence: whether each row of it is a list of codes' values, which has to be flattened first.
    """

    place: int
    is_sequence: bool = False


@dataclass(slots=True)
class _Reader:
    """Turns the layers of one file into a graph.

    Attributes:
        vocabularies: for each input in turn the words that it takes; nothing for a number.
    """

    weights: Weights
    members: dict[str, bytes]
    nodes: list[Node] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    values: dict[str, _Value] = field(default_factory=dict)
    vocabularies: list[tuple[str, ...]] = field(default_factory=list)
    n_parameters: int = 0

    def read(self, config: dict[str, Any]) -> ReadModel:
        """The model that a parsed configuration describes."""
        kind, module = config.get("class_name"), config.get("module")
        modules: tuple[str | None, ...] = _MODULES.get(str(kind), ())
        if isinstance(self.weights, OlderWeights) and str(kind) in _MODULES:
            modules = (*modules, None)
        if module not in modules or config.get("registered_name") not in (None, kind):
            raise ModelFileError(
                f"Only Sequential models, and Functional ones, can be read; this is '{short(module)}.{short(kind)}'."
            )
        settings = as_object(config.get("config"), "model")
        layers = _layers_of(settings.get("layers"), is_named=kind != "Sequential")
        if kind == "Sequential":
            if any(layer.kind == "InputLayer" for layer in layers[1:]):
                raise ModelFileError("An input layer may come first only.")
            ins, outs = [layers[0].name], [layers[-1].name]
            sources = {after.name: [before.name] for before, after in pairwise(layers)}
        else:
            ins, outs = _ends(settings.get("input_layers"), "input"), _ends(settings.get("output_layers"), "output")
            sources = {layer.name: _sources(layer) for layer in layers if layer.kind != "InputLayer"}
        by_name = {layer.name: layer for layer in layers}
        if not {*ins, *outs} <= by_name.keys():
            raise ModelFileError("The model names an input or an output that is none of its layers.")
        self._add_inputs([by_name[name] for name in ins], layers, sources)
        for layer in _in_order(layers, sources, ins):
            self._add(layer, sources[layer.name])
        return self._outputs(outs)

    def _add_inputs(self, inputs: Sequence[_Layer], layers: Sequence[_Layer], sources: dict[str, list[Any]]) -> None:
        """Give every input its columns, side by side in the order of the model's inputs."""
        if any(layer.kind != "InputLayer" for layer in inputs):
            raise ModelFileError(
                "The first layer has to be an input layer: build the model with keras.Input((n,)) first."
            )
        widths = []
        for layer in inputs:
            n = _input_width(layer)
            if layer.settings.get("dtype") == "string":
                found = {self._vocabulary(each) for each in layers if sources.get(each.name) == [layer.name]}
                if n != 1 or len(found) != 1 or not next(iter(found)):
                    raise ModelFileError(
                        "An input of words has to be one column that StringLookup layers with one list take."
                    )
                self.vocabularies.append(tuple(map(str, found.pop())))
                widths.append(len(self.vocabularies[-1]))
            else:
                self.vocabularies += [()] * n
                widths.append(n)
        self.widths = [sum(widths)]
        whole(self.widths[0], "number of inputs")
        first = 0
        for layer, width in zip(inputs, widths, strict=True):
            place = 0 if len(inputs) == 1 else self._place(Columns(first, first + width), 0)
            self.values[layer.name] = _Value(place)
            first += width

    def _vocabulary(self, layer: _Layer) -> tuple[Any, ...]:
        """The words that a lookup layer knows, without those that stand for unknown ones."""
        if layer.kind not in LOOKUPS:
            return ()
        unknown, told = check_lookup(layer.settings), layer.settings.get("vocabulary")
        if told is None:
            learned = vocabulary_of(self.members, layer.group)
            told = None if learned is None else learned[unknown:]
        if not isinstance(told, list) or not told or not all(isinstance(word, str | int) for word in told):
            raise ModelFileError(
                f"The vocabulary of '{short(layer.name)}' is not in the file: adapt the layer, then save."
            )
        whole(len(told) + 1, "number of words")
        if len(set(told)) < len(told):
            raise ModelFileError(f"The vocabulary of '{short(layer.name)}' holds a word twice.")
        return tuple(told)

    def _add(self, layer: _Layer, sources: Sequence[Any]) -> None:
        """Add what a layer does to the graph."""
        given = [self.values[each] if isinstance(each, str) else each for each in sources]
        values = [each for each in given if isinstance(each, _Value)]
        flattens = layer.kind in FLATTENING and not layer.is_function
        if any(value.is_sequence for value in values) and not flattens:
            raise ModelFileError("What an Embedding gives has to be flattened first: put a Flatten layer after it.")
        if layer.is_function:
            self.values[layer.name] = self._called(layer, given, values)
            return
        widths = tuple(self.widths[value.place] for value in values)
        about = Given(layer.kind, layer.settings, widths, self._weights(layer), self._vocabulary(layer))
        places = [value.place for value in values]
        for operation in LAYERS[layer.kind](about):
            places = [self._place(operation, *places)]
        self.values[layer.name] = _Value(places[0], layer.kind == "Embedding")

    def _called(self, layer: _Layer, given: Sequence[Any], values: Sequence[_Value]) -> _Value:
        """The result of a function that was called on values and numbers."""
        if layer.kind in NAMED_FUNCTIONS and len(given) == len(values) == 1:
            return _Value(self._place(Activate(ACTIVATIONS[NAMED_FUNCTIONS[layer.kind]]), values[0].place))
        if len(given) == 2 and len(values) == 1:
            constant = next(float(each) for each in given if not isinstance(each, _Value))
            width = self.widths[values[0].place]
            operation = with_constant(layer.kind, constant, width, is_first=not isinstance(given[0], _Value))
            return _Value(self._place(operation, values[0].place))
        if layer.kind in ARITHMETIC and len(given) == len(values) == 2:
            return _Value(self._place(Merge(layer.kind.lower()), *(value.place for value in values)))
        raise ModelFileError(f"The operation '{short(layer.kind)}' cannot be read: use a layer for it.")

    def _weights(self, layer: _Layer) -> ReadWeight:
        """What reads the weights of a layer, one after the other, and counts them."""
        index = 0

        def weights(name: str, shape: tuple[int, ...]) -> np.ndarray:
            nonlocal index
            self.n_parameters += prod(shape)
            if self.n_parameters > MAXIMUM_PARAMETERS:
                raise ModelFileError(f"The model has too many parameters: at most {MAXIMUM_PARAMETERS:,} are read.")
            index += 1
            return self.weights.read(layer.name, layer.group, index - 1, name, shape)

        return weights

    def _place(self, operation: Operation, *takes: int) -> int:
        """Add an operation on blocks, and return the place of its result."""
        try:
            width = operation.width([self.widths[place] for place in takes])
        except ValueError as error:
            raise ModelFileError(str(error)) from None
        self.nodes.append(Node(operation, takes))
        self.widths.append(width)
        return len(self.nodes)

    def _outputs(self, names: Sequence[str]) -> ReadModel:
        """A graph for every single output, each with what it needs."""
        found: dict[str, Graph] = {}
        for name in names:
            value = self.values[name]
            width = self.widths[value.place]
            if value.is_sequence or width > MAXIMUM_OUTPUTS:
                raise ModelFileError(f"The model has to end in single outcomes; '{short(name)}' has {width} values.")
            for column in range(width):
                place, title = value.place, name[:60]
                if width > 1:
                    place, title = self._place(Columns(column, column + 1), place), f"{title} {column + 1}"
                found[title] = Graph(self.widths[0], _needed(self.nodes, place))
        if len(found) > MAXIMUM_OUTPUTS:
            raise ModelFileError(f"The model has {len(found)} outputs; at most {MAXIMUM_OUTPUTS} are read.")
        return ReadModel(found, tuple(self.vocabularies))


def _needed(nodes: Sequence[Node], place: int) -> tuple[Node, ...]:
    """The nodes that the result at a place needs, in order, with their places counted anew."""
    wanted = {place}
    for number in range(len(nodes), 0, -1):
        if number in wanted:
            wanted |= {*nodes[number - 1].takes}
    new = {0: 0}
    kept = []
    for number, node in enumerate(nodes, start=1):
        if number in wanted:
            kept.append(Node(node.operation, tuple(new[each] for each in node.takes)))
            new[number] = len(kept)
    if not kept:
        raise ModelFileError("The model gives back its input: there is nothing that it predicts.")
    return tuple(kept)


def _layers_of(layers: object, *, is_named: bool) -> list[_Layer]:
    """The layers of a configuration; those of a Functional model have names of their own."""
    if not isinstance(layers, list) or not 2 <= len(layers) <= MAXIMUM_LAYERS:
        raise ModelFileError(f"Expected a list of 2 to {MAXIMUM_LAYERS} layers.")
    counts, found, names = Counter[str](), list[_Layer](), set[str]()
    for number, layer in enumerate(layers):
        is_function = isinstance(layer, dict) and layer.get("module") in _FUNCTIONS
        kind, settings = (str(layer.get("class_name")), {}) if is_function else check_kind(layer)
        group = _snake(kind)
        if not is_function:
            counts[group] += 1
            group += f"_{counts[group] - 1}" if counts[group] > 1 else ""
        name = layer.get("name") if is_named else settings.get("name")
        if not is_named and (not isinstance(name, str) or name in names):
            name = f"layer {number}"
        if not isinstance(name, str) or name in names:
            raise ModelFileError(f"Every layer of a Functional model needs a name of its own; got {short(name)}.")
        names.add(name)
        found.append(_Layer(kind, settings, group, name, layer.get("inbound_nodes"), is_function))
    return found


def _snake(kind: str) -> str:
    """The name of a class as Keras writes it in the weights file: "PReLU" becomes "p_re_lu"."""
    words = ""
    for i, letter in enumerate(kind):
        starts = letter.isupper() and i > 0 and (kind[i - 1].islower() or kind[i + 1 : i + 2].islower())
        words += ("_" if starts else "") + letter.lower()
    return words


def _input_width(layer: _Layer) -> int:
    """How many values per row an InputLayer takes."""
    shape = layer.settings.get("batch_shape", layer.settings.get("batch_input_shape"))
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] is not None or layer.settings.get("sparse"):
        raise ModelFileError(f"The input has to be rows of numbers, shape (None, n); got {short(shape)}.")
    return whole(shape[1], "number of inputs")


def _in_order(layers: Sequence[_Layer], sources: dict[str, list[Any]], inputs: Sequence[str]) -> list[_Layer]:
    """The layers after the inputs, each after all that it takes."""
    done = set(inputs)
    left, ordered = [layer for layer in layers if layer.kind != "InputLayer"], list[_Layer]()
    while left:
        ready = [layer for layer in left if all(each in done for each in sources[layer.name] if isinstance(each, str))]
        if not ready:
            raise ModelFileError(
                f"The layer '{short(left[0].name)}' takes its values from itself, or from a layer that is absent."
            )
        ordered += ready
        done |= {layer.name for layer in ready}
        left = [layer for layer in left if layer.name not in done]
    return ordered


def _sources(layer: _Layer) -> list[Any]:
    """What a layer takes: names of layers, and numbers.

    Written is [{"args": [tensor], "kwargs": {...}}], or [[tensor, tensor, ...]] as the arguments of a merging layer.
    """
    nodes = layer.inbound
    if isinstance(nodes, list) and len(nodes) == 1 and isinstance(nodes[0], list):
        return [_older_name(each) for each in nodes[0]]
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], dict):
        raise ModelFileError(
            f"The layer '{short(layer.name)}' is used more than once, or by nobody: use one for each place."
        )
    given, options = nodes[0].get("args"), nodes[0].get("kwargs")
    if not isinstance(options, dict) or any(options.get(key) not in (None, False) for key in options):
        raise ModelFileError(f"The layer '{short(layer.name)}' is called with options; call it with its input alone.")
    if not isinstance(given, list) or not given:
        raise ModelFileError(f"The layer '{short(layer.name)}' takes something else than values of layers.")
    if len(given) == 1 and isinstance(given[0], list):
        given = given[0]
    numbers_allowed = layer.is_function
    return [
        each if numbers_allowed and type(each) in (int, float) and abs(each) < 1e30 else _name_of(each)
        for each in given
    ]


def _older_name(given: object) -> str:
    """The name of the layer that Keras 2 writes as ["name", 0, 0, {}]."""
    if not isinstance(given, list) or len(given) != 4 or not isinstance(given[0], str) or given[1:] != [0, 0, {}]:
        raise ModelFileError("The model passes something else than single values between its layers.")
    return given[0]


def _name_of(tensor: object) -> str:
    """The name of the layer whose only output a tensor is."""
    config = tensor.get("config") if isinstance(tensor, dict) else None
    history = config.get("keras_history") if isinstance(config, dict) else None
    is_tensor = isinstance(tensor, dict) and tensor.get("class_name") == "__keras_tensor__"
    if not is_tensor or not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        raise ModelFileError("The model passes something else than single values between its layers.")
    return str(history[0])


def _ends(given: object, what: str) -> list[str]:
    """The names of the input or output layers, written ["name", 0, 0] or [["name", 0, 0], ...]."""
    if isinstance(given, list) and len(given) == 3 and isinstance(given[0], str):
        given = [given]
    if not isinstance(given, list) or not 1 <= len(given) <= MAXIMUM_LAYERS:
        raise ModelFileError(f"The model has to have at least one {what}: it takes rows and predicts outcomes.")
    names = []
    for each in given:
        if not isinstance(each, list) or len(each) != 3 or not isinstance(each[0], str) or each[1:] != [0, 0]:
            raise ModelFileError(f"The model has an {what} that is none of its layers' only one.")
        names.append(each[0])
    if len(set(names)) < len(names):
        raise ModelFileError(f"The model has one {what} twice.")
    return names
