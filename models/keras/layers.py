"""Which layers a .keras file asks for: their configurations, checked against an allow-list, as plans."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from models.errors import ModelFileError
from models.networks.activations import ACTIVATIONS

MAXIMUM_LAYERS = 64
MAXIMUM_WIDTH = 4096


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
        epsilon: of batch normalisation.
    """

    kind: str
    group: str
    n_in: int
    n_out: int
    activation: str = "linear"
    arrays: tuple[str, ...] = ()
    epsilon: float = 0.0

    def shape(self, array: str) -> tuple[int, ...]:
        """Return the shape that one of its weights has to have."""
        return (self.n_in, self.n_out) if array == "kernel" else (self.n_out,)

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Rows and columns of each of its weights."""
        return [(self.n_in, self.n_out) if array == "kernel" else (1, self.n_out) for array in self.arrays]


@dataclass(frozen=True, slots=True)
class LayerEntry:
    """A layer of the allow-list as its configuration names it.

    Attributes:
        kind: its class.
        settings: of which only known ones are read.
        group: where its weights are in the weights file.
        name: unique in a functional model.
        inbound: what it takes its values from, unchecked; of a functional model only.
    """

    kind: str
    settings: dict[str, Any]
    group: str
    name: object = None
    inbound: object = None


def read_entries(layers: object, *, most: int, kinds: tuple[str, ...]) -> list[LayerEntry]:
    """Return the layers of a configuration, all of them in float32.

    Args:
        layers: as parsed.
        most: how many there may be.
        kinds: classes that are understood here.

    Raises:
        ModelFileError: there are too few or too many, or one is not of the allow-list.
    """
    if not isinstance(layers, list) or not 2 <= len(layers) <= most:
        raise ModelFileError(f"Expected a list of 2 to {most} layers.")
    counts, entries = Counter[str](), []
    for layer in layers:
        kind, settings = _kind_and_settings(layer, kinds)
        group = _SNAKE[kind] + (f"_{counts[kind]}" if counts[kind] else "")
        counts[kind] += 1
        entries.append(LayerEntry(kind, settings, group, layer.get("name"), layer.get("inbound_nodes")))
    return entries


def input_width(entry: LayerEntry) -> int:
    """Return how many values per row the InputLayer takes.

    Raises:
        ModelFileError: it is another layer, or takes something else than rows of numbers.
    """
    if entry.kind != "InputLayer":
        raise ModelFileError("The first layer has to be an input layer: build the model with keras.Input((n,)) first.")
    shape = entry.settings.get("batch_shape")
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] is not None or entry.settings.get("sparse"):
        raise ModelFileError(f"The input has to be rows of numbers, shape (None, n); got {short(shape)}.")
    return _whole(shape[1], "number of inputs")


def plan_chain(entries: list[LayerEntry], n_inputs: int) -> tuple[PlannedLayer, ...]:
    """Return the plans of the layers after the input, each taking what the one before gives, down to one output.

    Raises:
        ModelFileError: one has settings that are not understood, or the last one has more than one output.
    """
    width, planned = n_inputs, []
    for entry in entries:
        step = _plan_layer(entry, width)
        if step is not None:
            planned.append(step)
            width = step.n_out
    if width != 1 or not any(step.kind == "Dense" for step in planned):
        raise ModelFileError(f"The model has to end in one output, the outcome; this one has {width}.")
    return tuple(planned)


def _plan_layer(entry: LayerEntry, width: int) -> PlannedLayer | None:
    """Return the plan of one layer after the input, or None for one that does nothing when predicting."""
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


def _kind_and_settings(layer: object, kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return class name and settings of a layer of the allow-list, in float32."""
    entry = as_object(layer, "layer")
    kind = entry.get("class_name")
    if entry.get("module") != "keras.layers" or entry.get("registered_name") is not None or kind not in kinds:
        raise ModelFileError(f"Layers of type '{short(kind)}' cannot be read; those that can are {', '.join(kinds)}.")
    settings = as_object(entry.get("config"), kind)
    dtype = settings.get("dtype", "float32")
    if isinstance(dtype, dict):
        dtype = dtype.get("class_name") == "DTypePolicy" and as_object(dtype.get("config"), "dtype").get("name")
    if dtype != "float32":
        raise ModelFileError(f"Layers have to be in float32; a {kind} layer is in another type.")
    return kind, settings


def as_object(given: object, what: str) -> dict[str, Any]:
    """Return a JSON object as such."""
    if not isinstance(given, dict):
        raise ModelFileError(f"The configuration of the {what} is no JSON object.")
    return given


def _whole(given: object, what: str) -> int:
    """Return a whole number from 1 to the largest width."""
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ModelFileError(f"The {what} of a layer has to be from 1 to {MAXIMUM_WIDTH:,}; got {short(given)}.")
    return given


def _bool(settings: dict[str, Any], name: str) -> bool:
    """Return a switch, on where it is not given."""
    given = settings.get(name, True)
    if not isinstance(given, bool):
        raise ModelFileError(f"'{name}' has to be true or false; got {short(given)}.")
    return given


def _epsilon(given: object) -> float:
    """Return the small number that keeps batch normalisation from dividing by zero."""
    if not isinstance(given, float) or not 0 < given < 1:
        raise ModelFileError(f"The epsilon of batch normalisation has to be between 0 and 1; got {short(given)}.")
    return given


def _activation(settings: dict[str, Any]) -> str:
    """Return the name of a known activation."""
    name = settings.get("activation")
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ModelFileError(
            f"The activation '{short(name)}' cannot be read; those that can are {sorted(ACTIVATIONS)}."
        )
    return name


def short(given: object) -> str:
    """Return a foreign value as a text that fits a message."""
    return str(given)[:60] if isinstance(given, str | int | float | None) else type(given).__name__
