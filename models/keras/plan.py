"""Which layers a .keras file asks for: its configuration, checked against an allow-list, as a plan."""

from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import Any

from models.errors import ModelFileError
from models.networks.network import ACTIVATIONS

MAXIMUM_LAYERS = 64
MAXIMUM_WIDTH = 4096
MAXIMUM_CHAINS = 64
MAXIMUM_GRAPH_LAYERS = 640

_FORM = (
    "A Functional model can be read if its layers form one chain from one input to one output, or several chains from "
    "one input whose outputs an Average layer takes together at the end"
)

_MODULES = {
    "Sequential": ("keras", "keras.src.models.sequential"),
    "Functional": ("keras", "keras.src.models.functional"),
}
"""The classes of models that are understood, and the modules that they are in."""

_SNAKE = {
    "InputLayer": "input_layer",
    "Dense": "dense",
    "BatchNormalization": "batch_normalization",
    "Dropout": "dropout",
    "Activation": "activation",
    "Average": "average",
}
"""The layers that are understood, and how the weights file calls them."""

CHAIN_KINDS = tuple(kind for kind in _SNAKE if kind != "Average")
"""Those that may stand in a chain."""

GRAPH_KINDS = tuple(_SNAKE)
"""Those that may stand in a functional model, whose last layer may be the average of several chains."""


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A layer that is to be filled with weights.

    Attributes:
        kind: "Dense", "BatchNormalization" or "Activation".
        group: where its weights are in the weights file, such as "dense_1".
        n_in: values per row that go in.
        n_out: values per row that come out.
        activation: a name of ``ACTIVATIONS``.
        arrays: names of its weights, in the order of the file.
    """

    kind: str
    group: str
    n_in: int
    n_out: int
    activation: str = "linear"
    arrays: tuple[str, ...] = ()
    epsilon: float = 0.0

    def shape(self, array: str) -> tuple[int, ...]:
        """The shape that one of its weights has to have."""
        return (self.n_in, self.n_out) if array == "kernel" else (self.n_out,)


@dataclass(frozen=True, slots=True)
class _LayerEntry:
    """A layer of the allow-list as its configuration names it.

    Attributes:
        group: where its weights are in the weights file.
        name: unique in a functional model.
        inbound: what it takes its values from, unchecked; of a functional model only.
    """

    kind: str
    settings: dict[str, Any]
    group: str
    name: object = None
    inbound: object = None


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """The layers of a file, none of them allocated.

    Attributes:
        n_inputs: values per row that go into the first layer of each chain.
        chains: the layers of each, in order; the last layer of a chain has one output, and the mean of the chains is
            what the model predicts.
    """

    n_inputs: int
    chains: tuple[tuple[PlannedLayer, ...], ...]

    @property
    def n_parameters(self) -> int:
        """How many numbers the planned layers have, by arithmetic alone."""
        return sum(prod(step.shape(array)) for chain in self.chains for step in chain for array in step.arrays)


def plan_layers(config: dict[str, Any]) -> LayerPlan:
    """The plan that a parsed configuration asks for.

    Raises:
        ModelFileError: it is no chain of the known layers, and no average of several of one shape.
    """
    kind, module = config.get("class_name"), config.get("module")
    if module not in _MODULES.get(str(kind), ()) or config.get("registered_name") not in (None, kind):
        raise ModelFileError(
            "Only Sequential models, and Functional ones that are chains of layers, can be read; this one is "
            f"'{_short(module)}.{_short(kind)}'."
        )
    settings = _as_object(config.get("config"), "model")
    if kind == "Sequential":
        entries = _read_entries(settings.get("layers"), most=MAXIMUM_LAYERS, kinds=CHAIN_KINDS)
        n_inputs = _input_width(entries[0])
        return LayerPlan(n_inputs, (_plan_chain(entries[1:], n_inputs),))
    entries = _read_entries(settings.get("layers"), most=MAXIMUM_GRAPH_LAYERS, kinds=GRAPH_KINDS)
    first, chains = _chains_of(entries, settings)
    n_inputs = _input_width(first)
    return LayerPlan(n_inputs, tuple(_plan_chain(chain, n_inputs) for chain in chains))


def _read_entries(layers: object, *, most: int, kinds: tuple[str, ...]) -> list[_LayerEntry]:
    """The layers of a configuration, all of them in float32."""
    if not isinstance(layers, list) or not 2 <= len(layers) <= most:
        raise ModelFileError(f"Expected a list of 2 to {most} layers.")
    counts, entries = Counter[str](), []
    for layer in layers:
        kind, settings = _kind_and_settings(layer, kinds)
        group = _SNAKE[kind] + (f"_{counts[kind]}" if counts[kind] else "")
        counts[kind] += 1
        entries.append(_LayerEntry(kind, settings, group, layer.get("name"), layer.get("inbound_nodes")))
    return entries


def _input_width(entry: _LayerEntry) -> int:
    """How many values per row the InputLayer takes."""
    if entry.kind != "InputLayer":
        raise ModelFileError("The first layer has to be an input layer: build the model with keras.Input((n,)) first.")
    shape = entry.settings.get("batch_shape")
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] is not None or entry.settings.get("sparse"):
        raise ModelFileError(f"The input has to be rows of numbers, shape (None, n); got {_short(shape)}.")
    return _whole(shape[1], "number of inputs")


def _plan_chain(entries: list[_LayerEntry], n_inputs: int) -> tuple[PlannedLayer, ...]:
    """The plans of the layers after the input, each taking what the one before gives, down to one output."""
    width, planned = n_inputs, []
    for entry in entries:
        step = _plan_layer(entry, width)
        if step is not None:
            planned.append(step)
            width = step.n_out
    if width != 1 or not any(step.kind == "Dense" for step in planned):
        raise ModelFileError(f"The model has to end in one output, the outcome; this one has {width}.")
    return tuple(planned)


def _plan_layer(entry: _LayerEntry, width: int) -> PlannedLayer | None:
    """The plan of one layer after the input, or None for one that does nothing when predicting."""
    kind, settings, group = entry.kind, entry.settings, entry.group
    match kind:
        case "Dense":
            if settings.get("quantization_config") is not None or settings.get("lora_rank") is not None:
                raise ModelFileError("A Dense layer is quantised or has a LoRA part: save the plain model.")
            arrays = ("kernel", "bias") if _bool(settings, "use_bias") else ("kernel",)
            return PlannedLayer(
                kind, group, width, _whole(settings.get("units"), "units"), _activation(settings), arrays
            )
        case "BatchNormalization":
            if settings.get("axis") not in (-1, 1, [-1], [1]) or settings.get("renorm"):
                raise ModelFileError("Batch normalisation has to be over the last axis, without renormalisation.")
            learned = [name for flag, name in (("scale", "gamma"), ("center", "beta")) if _bool(settings, flag)]
            epsilon = _epsilon(settings.get("epsilon"))
            return PlannedLayer(kind, group, width, width, arrays=(*learned, "mean", "variance"), epsilon=epsilon)
        case "Activation":
            return PlannedLayer(kind, group, width, width, _activation(settings))
        case "Dropout":
            return None
    raise ModelFileError("An input layer may come first only.")


def _kind_and_settings(layer: object, kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Class name and settings of a layer of the allow-list, in float32."""
    entry = _as_object(layer, "layer")
    kind = entry.get("class_name")
    if entry.get("module") != "keras.layers" or entry.get("registered_name") is not None or kind not in kinds:
        raise ModelFileError(f"Layers of type '{_short(kind)}' cannot be read; those that can are {', '.join(kinds)}.")
    settings = _as_object(entry.get("config"), kind)
    dtype = settings.get("dtype", "float32")
    if isinstance(dtype, dict):
        dtype = dtype.get("class_name") == "DTypePolicy" and _as_object(dtype.get("config"), "dtype").get("name")
    if dtype != "float32":
        raise ModelFileError(f"Layers have to be in float32; a {kind} layer is in another type.")
    return kind, settings


def _as_object(given: object, what: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ModelFileError(f"The configuration of the {what} is no JSON object.")
    return given


def _whole(given: object, what: str) -> int:
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ModelFileError(f"The {what} of a layer has to be from 1 to {MAXIMUM_WIDTH:,}; got {_short(given)}.")
    return given


def _bool(settings: dict[str, Any], name: str) -> bool:
    given = settings.get(name, True)
    if not isinstance(given, bool):
        raise ModelFileError(f"'{name}' has to be true or false; got {_short(given)}.")
    return given


def _epsilon(given: object) -> float:
    if not isinstance(given, float) or not 0 < given < 1:
        raise ModelFileError(f"The epsilon of batch normalisation has to be between 0 and 1; got {_short(given)}.")
    return given


def _activation(settings: dict[str, Any]) -> str:
    name = settings.get("activation")
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ModelFileError(
            f"The activation '{_short(name)}' cannot be read; those that can are {sorted(ACTIVATIONS)}."
        )
    return name


def _short(given: object) -> str:
    """A foreign value as a text that fits a message."""
    return str(given)[:60] if isinstance(given, str | int | float | None) else type(given).__name__


def _chains_of(entries: list[_LayerEntry], settings: dict[str, Any]) -> tuple[_LayerEntry, list[list[_LayerEntry]]]:
    """The input layer, and the layers after it of each chain, in order."""
    by_name: dict[str, _LayerEntry] = {}
    for entry in entries:
        if not isinstance(entry.name, str) or entry.name in by_name:
            raise ModelFileError(
                f"Every layer of a Functional model needs a name of its own; got {_short(entry.name)}."
            )
        by_name[entry.name] = entry
    first = by_name.get(_end(settings.get("input_layers"), "input"))
    last = by_name.get(_end(settings.get("output_layers"), "output"))
    if first is None or last is None:
        raise ModelFileError("The Functional model names an input or an output that is none of its layers.")
    left = {name: entry for name, entry in by_name.items() if entry is not first}
    ends = [str(last.name)]
    if last.kind == "Average":
        del left[str(last.name)]
        ends = _feeding(last)
        if not 2 <= len(ends) <= MAXIMUM_CHAINS:
            raise ModelFileError(f"An Average may take 2 to {MAXIMUM_CHAINS} chains; this one takes {len(ends)}.")
    chains = [_chain(end, left, first) for end in ends]
    if left:
        raise ModelFileError(f"{_FORM}; in this one, '{_short(next(iter(left)))}' is in none of them.")
    return first, chains


def _chain(end: str, left: dict[str, _LayerEntry], first: _LayerEntry) -> list[_LayerEntry]:
    """The layers that lead to one output, after the input; they are taken out of those that are left."""
    chain: list[_LayerEntry] = []
    name = end
    while name != first.name:
        entry = left.pop(name, None)
        if entry is None:
            raise ModelFileError(f"{_FORM}; in this one, '{_short(name)}' feeds two layers, or is absent.")
        feeding = _feeding(entry)
        if len(feeding) != 1 or entry.kind == "Average" or len(chain) == MAXIMUM_LAYERS:
            raise ModelFileError(
                f"{_FORM}; in this one, '{_short(name)}' takes several values, or its chain has more than "
                f"{MAXIMUM_LAYERS} layers."
            )
        chain.append(entry)
        name = feeding[0]
    return chain[::-1]


def _feeding(entry: _LayerEntry) -> list[str]:
    """The names of the layers that a layer takes its values from.

    Written is [{"args": [tensor], "kwargs": {...}}], or [[tensor, tensor, ...]] as the arguments of an Average.
    """
    nodes = entry.inbound
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], dict):
        raise ModelFileError(f"{_FORM}; in this one, '{_short(entry.name)}' is used more than once, or by nobody.")
    given, options = nodes[0].get("args"), nodes[0].get("kwargs")
    if not isinstance(options, dict) or any(options.get(key) not in (None, False) for key in options):
        raise ModelFileError(f"The layer '{_short(entry.name)}' is called with options; call it with its input alone.")
    if isinstance(given, list) and len(given) == 1:
        tensors = given[0] if entry.kind == "Average" else given
        if isinstance(tensors, list):
            return [_name_of(tensor) for tensor in tensors]
    raise ModelFileError(f"{_FORM}; in this one, '{_short(entry.name)}' takes something else.")


def _name_of(tensor: object) -> str:
    """The name of the layer whose only output a tensor is."""
    config = tensor.get("config") if isinstance(tensor, dict) else None
    history = config.get("keras_history") if isinstance(config, dict) else None
    is_tensor = isinstance(tensor, dict) and tensor.get("class_name") == "__keras_tensor__"
    if not is_tensor or not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        raise ModelFileError(f"{_FORM}; this one passes something else between its layers.")
    return str(history[0])


def _end(given: object, what: str) -> str:
    """The name of the only input or output layer, written ["name", 0, 0] or [["name", 0, 0]]."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, list) or len(given) != 3 or not isinstance(given[0], str) or given[1:] != [0, 0]:
        raise ModelFileError(f"The model has to have one {what}, a single one: it takes rows and predicts an outcome.")
    return given[0]
