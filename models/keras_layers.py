"""Which layers a .keras file asks for: its configuration, checked against an allow-list, as a plan."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from models.activations import ACTIVATIONS
from models.errors import ModelFileError

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
class LayerPlan:
    """The layers of a file, none of them allocated.

    Attributes:
        n_inputs: values per row that go into the first layer.
        layers: in order; the last one has one output.
    """

    n_inputs: int
    layers: tuple[PlannedLayer, ...]


def plan_layers(config: dict[str, Any]) -> LayerPlan:
    """Return the plan that a parsed configuration asks for.

    Raises:
        ModelFileError: it is no chain of the known layers.
    """
    kind, module = config.get("class_name"), config.get("module")
    if kind != "Sequential" or module != "keras" or config.get("registered_name") not in (None, "Sequential"):
        raise ModelFileError(f"Only Sequential models can be read; this one is '{_short(module)}.{_short(kind)}'.")
    layers = _dict(config.get("config"), "model").get("layers")
    if not isinstance(layers, list) or not 2 <= len(layers) <= MAXIMUM_LAYERS:
        raise ModelFileError(f"Expected a list of 2 to {MAXIMUM_LAYERS} layers.")
    n_inputs = _input_width(layers[0])
    width, planned, counts = n_inputs, [], Counter[str]()
    for layer in layers[1:]:
        step = _plan_layer(layer, width, counts)
        if step is not None:
            planned.append(step)
            width = step.n_out
    if width != 1 or not any(step.kind == "Dense" for step in planned):
        raise ModelFileError(f"The model has to end in one output, the outcome; this one has {width}.")
    return LayerPlan(n_inputs, tuple(planned))


def _input_width(layer: object) -> int:
    """Return how many values per row the InputLayer takes."""
    kind, settings = _kind_and_settings(layer)
    if kind != "InputLayer":
        raise ModelFileError("The first layer has to be an input layer: build the model with keras.Input((n,)) first.")
    shape = settings.get("batch_shape")
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] is not None or settings.get("sparse"):
        raise ModelFileError(f"The input has to be rows of numbers, shape (None, n); got {_short(shape)}.")
    return _whole(shape[1], "number of inputs")


def _plan_layer(layer: object, width: int, counts: Counter[str]) -> PlannedLayer | None:
    """Return the plan of one layer after the input, or None for one that does nothing when predicting."""
    kind, settings = _kind_and_settings(layer)
    group = _SNAKE[kind] + (f"_{counts[kind]}" if counts[kind] else "")
    counts[kind] += 1
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
}
"""The layers that are understood, and how the weights file calls them."""


def _kind_and_settings(layer: object) -> tuple[str, dict[str, Any]]:
    """Return class name and settings of a layer of the allow-list, in float32."""
    entry = _dict(layer, "layer")
    kind = entry.get("class_name")
    if entry.get("module") != "keras.layers" or entry.get("registered_name") is not None or kind not in _SNAKE:
        raise ModelFileError(f"Layers of type '{_short(kind)}' cannot be read; those that can are {', '.join(_SNAKE)}.")
    settings = _dict(entry.get("config"), kind)
    dtype = settings.get("dtype", "float32")
    if isinstance(dtype, dict):
        dtype = dtype.get("class_name") == "DTypePolicy" and _dict(dtype.get("config"), "dtype").get("name")
    if dtype != "float32":
        raise ModelFileError(f"Layers have to be in float32; a {kind} layer is in another type.")
    return kind, settings


def _dict(given: object, what: str) -> dict[str, Any]:
    """Return a JSON object as such."""
    if not isinstance(given, dict):
        raise ModelFileError(f"The configuration of the {what} is no JSON object.")
    return given


def _whole(given: object, what: str) -> int:
    """Return a whole number from 1 to the largest width."""
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ModelFileError(f"The {what} of a layer has to be from 1 to {MAXIMUM_WIDTH:,}; got {_short(given)}.")
    return given


def _bool(settings: dict[str, Any], name: str) -> bool:
    """Return a switch, on where it is not given."""
    given = settings.get(name, True)
    if not isinstance(given, bool):
        raise ModelFileError(f"'{name}' has to be true or false; got {_short(given)}.")
    return given


def _epsilon(given: object) -> float:
    """Return the small number that keeps batch normalisation from dividing by zero."""
    if not isinstance(given, float) or not 0 < given < 1:
        raise ModelFileError(f"The epsilon of batch normalisation has to be between 0 and 1; got {_short(given)}.")
    return given


def _activation(settings: dict[str, Any]) -> str:
    """Return the name of a known activation."""
    name = settings.get("activation")
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ModelFileError(
            f"The activation '{_short(name)}' cannot be read; those that can are {sorted(ACTIVATIONS)}."
        )
    return name


def _short(given: object) -> str:
    """Return a foreign value as a text that fits a message."""
    return str(given)[:60] if isinstance(given, str | int | float | None) else type(given).__name__
