"""Reading a .keras file as if it were hostile: no TensorFlow, nothing run, an allow-list for everything.

The configuration is checked and becomes a plan of layers; only what the plan names is then read from the weights file.
"""

import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ModelFileError
from models.networks.ensemble import Ensemble
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Layer, Network

if TYPE_CHECKING:
    import h5py

MAXIMUM_BYTES = 20_000_000
MAXIMUM_CONFIG_BYTES = 1_000_000
MAXIMUM_PARAMETERS = 5_000_000
MAXIMUM_LAYERS = 64
MAXIMUM_WIDTH = 4096
MAXIMUM_CHAINS = 64
MAXIMUM_GRAPH_LAYERS = 640

_MEMBERS = {
    "config.json": MAXIMUM_CONFIG_BYTES,
    "metadata.json": MAXIMUM_CONFIG_BYTES,
    "model.weights.h5": 64_000_000,
}
"""What the archive holds, and how many bytes of each at most."""

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
"""The layers that are understood, and how the weights file calls them; an Average may end a Functional model only."""


def read_networks(data: bytes) -> Ensemble:
    """The networks whose mean the bytes of a .keras file predict; often one alone.

    Understood are chains of InputLayer, Dense, BatchNormalization, Dropout and Activation, in float32, with one output,
    written as Sequential or as Functional models; and Functional models in which several such chains of one shape begin
    at one input and end in an Average. In all there may be 5 million parameters.

    Raises:
        ModelFileError: the bytes are anything else.
    """
    import h5py

    try:
        config, weights = _unpack(data)
        n_inputs, chains = _planned_chains(config)
        n_parameters = sum(prod(shape) for chain in chains for step in chain for shape in step.shapes.values())
        if n_parameters > MAXIMUM_PARAMETERS:
            raise ModelFileError(f"The model has {n_parameters:,} parameters; at most {MAXIMUM_PARAMETERS:,} are read.")
        with h5py.File(io.BytesIO(weights), "r") as file:
            networks = tuple(Network(n_inputs, tuple(_layer(file, step) for step in chain)) for chain in chains)
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


@dataclass(frozen=True, slots=True)
class _LayerEntry:
    """A layer of the allow-list as its configuration names it.

    Attributes:
        group: where its weights are in the weights file, such as "dense_1".
        name: unique in a functional model.
        inbound: what it takes its values from, unchecked; of a functional model only.
    """

    kind: str
    settings: dict[str, Any]
    group: str
    name: object = None
    inbound: object = None


@dataclass(frozen=True, slots=True)
class _PlannedLayer:
    """A layer, its settings checked, that is to be filled with weights.

    Attributes:
        n_out: values per row that come out.
        shapes: of its weights by name, in the order of the file.
    """

    entry: _LayerEntry
    n_out: int
    shapes: dict[str, tuple[int, ...]]


def _planned_chains(config: dict[str, Any]) -> tuple[int, list[list[_PlannedLayer]]]:
    """How many inputs a parsed configuration has, and the layers of each chain, whose mean the model predicts.

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
        kinds = tuple(known for known in _SNAKE if known != "Average")
        first, *chain = _read_entries(settings.get("layers"), most=MAXIMUM_LAYERS, kinds=kinds)
        chains = [chain]
    else:
        entries = _read_entries(settings.get("layers"), most=MAXIMUM_GRAPH_LAYERS, kinds=tuple(_SNAKE))
        first, chains = _chains_of(entries, settings)
    n_inputs = _input_width(first)
    return n_inputs, [_plan_chain(chain, n_inputs) for chain in chains]


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


def _plan_chain(entries: list[_LayerEntry], n_inputs: int) -> list[_PlannedLayer]:
    """The plans of the layers after the input, each taking what the one before gives, down to one output."""
    width, planned = n_inputs, []
    for entry in entries:
        step = _plan_layer(entry, width)
        if step is not None:
            planned.append(step)
            width = step.n_out
    if width != 1 or not any(step.entry.kind == "Dense" for step in planned):
        raise ModelFileError(f"The model has to end in one output, the outcome; this one has {width}.")
    return planned


def _plan_layer(entry: _LayerEntry, width: int) -> _PlannedLayer | None:
    """The plan of one layer after the input, or None for one that does nothing when predicting."""
    settings = entry.settings
    match entry.kind:
        case "Dense":
            if settings.get("quantization_config") is not None or settings.get("lora_rank") is not None:
                raise ModelFileError("A Dense layer is quantised or has a LoRA part: save the plain model.")
            has_bias, n_out = _bool(settings, "use_bias"), _whole(settings.get("units"), "units")
            _check_activation(settings)
            bias: dict[str, tuple[int, ...]] = {"bias": (n_out,)} if has_bias else {}
            return _PlannedLayer(entry, n_out, {"kernel": (width, n_out)} | bias)
        case "BatchNormalization":
            if settings.get("axis") not in (-1, 1, [-1], [1]) or settings.get("renorm"):
                raise ModelFileError("Batch normalisation has to be over the last axis, without renormalisation.")
            learned = [name for flag, name in (("scale", "gamma"), ("center", "beta")) if _bool(settings, flag)]
            epsilon = settings.get("epsilon")
            if not isinstance(epsilon, float) or not 0 < epsilon < 1:
                raise ModelFileError(
                    f"The epsilon of batch normalisation has to be between 0 and 1; got {_short(epsilon)}."
                )
            return _PlannedLayer(entry, width, dict.fromkeys([*learned, "mean", "variance"], (width,)))
        case "Activation":
            _check_activation(settings)
            return _PlannedLayer(entry, width, {})
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


def _check_activation(settings: dict[str, Any]) -> None:
    name = settings.get("activation")
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ModelFileError(
            f"The activation '{_short(name)}' cannot be read; those that can are {sorted(ACTIVATIONS)}."
        )


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


def _layer(file: "h5py.File", step: _PlannedLayer) -> Layer:
    settings, group = step.entry.settings, step.entry.group
    weights = {
        name: _read_array(file, group, index, name, shape) for index, (name, shape) in enumerate(step.shapes.items())
    }
    if step.entry.kind == "Dense":
        return Dense(weights["kernel"], weights.get("bias"), ACTIVATIONS[settings["activation"]])
    if step.entry.kind == "Activation":
        return Activate(ACTIVATIONS[settings["activation"]])
    # Batch normalisation when predicting: gamma (x - mean) / sqrt(variance + epsilon) + beta.
    if (weights["variance"] < 0).any():
        raise ModelFileError("A variance of a batch normalisation is negative.")
    scale = weights.get("gamma", np.float32(1)) / np.sqrt(weights["variance"].astype(float) + settings["epsilon"])
    shift = weights.get("beta", np.float32(0)) - weights["mean"] * scale
    return Affine(scale.astype(np.float32), shift.astype(np.float32))


def _read_array(file: "h5py.File", group: str, index: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """One weight as float32, opened by hard links alone and checked before a byte of it is allocated."""
    import h5py

    where = f"the {name} of layer '{group}'"
    node: h5py.Group | h5py.Dataset = file
    for key in ("layers", group, "vars", str(index)):
        if not isinstance(node, h5py.Group) or not isinstance(node.get(key, getlink=True), h5py.HardLink):
            raise ModelFileError(f"The file does not hold {where} itself.")
        node = node[key]
    if not isinstance(node, h5py.Dataset) or node.is_virtual or node.external or node.chunks is not None:
        raise ModelFileError(f"In the file, {where} is not stored as plain numbers.")
    if node.dtype != np.dtype("<f4") or node.shape != shape:
        raise ModelFileError(
            f"Expected {where} as float32 of shape {shape}; the file declares {node.dtype} {node.shape}."
        )
    values = node[()]
    if not np.isfinite(values).all():
        raise ModelFileError(f"In the file, {where} has missing or infinite values: the training of the model failed.")
    return np.ascontiguousarray(values, dtype=np.float32)
