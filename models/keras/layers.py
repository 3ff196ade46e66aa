"""The layers of Keras that are understood, and the operations that each becomes when it predicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import ModelFileError
from models.keras.archive import as_object, flag, number, numbers, short, whole
from models.networks.network import ACTIVATIONS
from models.networks.operations import (
    Activate,
    Bend,
    Count,
    Elu,
    Embed,
    Join,
    Look,
    Merge,
    Multiply,
    Normalise,
    Operation,
    Scale,
    Softmax,
    Standardise,
)

_LEAST_DEVIATION = 1e-7  # Keras' epsilon: what Normalization divides by at least
_SOFTMAX = "softmax"

ReadWeight = Callable[[str, tuple[int, ...]], np.ndarray]
"""Called as weights(name, shape) for the weights of a layer, in the order of the file."""


@dataclass(frozen=True, slots=True)
class Given:
    """A layer with what it is given.

    Attributes:
        widths: values per row of each block that it takes.
        weights: reads its weights, one after the other.
        words: of a lookup layer, what it knows in the order of their codes; those for unknown words are left out.
    """

    kind: str
    settings: dict[str, Any]
    widths: tuple[int, ...]
    weights: ReadWeight
    words: tuple[Any, ...] = ()

    @property
    def width(self) -> int:
        """Values per row of the only block.

        Raises:
            ModelFileError: there are several.
        """
        if len(self.widths) != 1:
            raise ModelFileError(
                f"A {self.kind} layer takes one block of values, this one is given {len(self.widths)}."
            )
        return self.widths[0]


def _activation(given: object) -> list[Operation]:
    """A function that a layer ends with, by its name or as Keras writes functions out."""
    if isinstance(given, dict) and given.get("class_name") == "function":
        given = given.get("config")
    if given == _SOFTMAX:
        return [Softmax()]
    if not isinstance(given, str) or given not in ACTIVATIONS:
        raise ModelFileError(
            f"The activation '{short(given)}' cannot be read; those that can are {sorted([*ACTIVATIONS, _SOFTMAX])}."
        )
    return [] if given == "linear" else [Activate(ACTIVATIONS[given])]


def _dense(layer: Given) -> list[Operation]:
    settings = layer.settings
    if settings.get("quantization_config") is not None or settings.get("lora_rank") is not None:
        raise ModelFileError("A Dense layer is quantised or has a LoRA part: save the plain model.")
    n_out = whole(settings.get("units"), "units")
    has_bias, after = flag(settings, "use_bias"), _activation(settings.get("activation"))
    kernel = layer.weights("kernel", (layer.width, n_out))
    bias = layer.weights("bias", (n_out,)) if has_bias else np.zeros(n_out, dtype=np.float32)
    return [Multiply(kernel, bias), *after]


def _batch_normalization(layer: Given) -> list[Operation]:
    """Gamma (x - mean) / sqrt(variance + epsilon) + beta when predicting."""
    settings, width = layer.settings, layer.width
    if settings.get("axis") not in (-1, 1, [-1], [1]) or settings.get("renorm"):
        raise ModelFileError("Batch normalisation has to be over the last axis, without renormalisation.")
    epsilon = settings.get("epsilon")
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        raise ModelFileError(f"The epsilon of batch normalisation has to be between 0 and 1; got {short(epsilon)}.")
    learned = {
        name: layer.weights(name, (width,))
        for is_there, name in ((flag(settings, "scale"), "gamma"), (flag(settings, "center"), "beta"))
        if is_there
    }
    mean, variance = layer.weights("mean", (width,)), layer.weights("variance", (width,))
    if (variance < 0).any():
        raise ModelFileError("A variance of a batch normalisation is negative.")
    scale = learned.get("gamma", np.float32(1)) / np.sqrt(variance.astype(float) + epsilon)
    shift = learned.get("beta", np.float32(0)) - mean * scale
    return [Scale(scale.astype(np.float32), shift.astype(np.float32))]


def _normalization(layer: Given) -> list[Operation]:
    settings, width = layer.settings, layer.width
    if settings.get("axis") not in (-1, 1, [-1], [1]) or flag(settings, "invert", default=False):
        raise ModelFileError("A Normalization layer has to be over the last axis, and not inverted.")
    if settings.get("mean") is not None:
        mean, variance = (numbers(settings.get(name), f"{name} of a Normalization", width) for name in _MOMENTS)
    else:
        mean, variance = (layer.weights(name, (width,)) for name in _MOMENTS)
    if (variance < 0).any():
        raise ModelFileError("A variance of a Normalization layer is negative.")
    return [Standardise(mean, np.maximum(np.sqrt(variance), np.float32(_LEAST_DEVIATION)))]


_MOMENTS = ("mean", "variance")


def _layer_normalization(layer: Given) -> list[Operation]:
    settings, width = layer.settings, layer.width
    if settings.get("axis") not in (-1, 1, [-1], [1]) or settings.get("rms_scaling"):
        raise ModelFileError("Layer normalisation has to be over the last axis, by mean and deviation.")
    epsilon = number(settings.get("epsilon"), "epsilon of a layer normalisation", 0, 1)
    scale = layer.weights("gamma", (width,)) if flag(settings, "scale") else np.ones(width, dtype=np.float32)
    shift = layer.weights("beta", (width,)) if flag(settings, "center") else np.zeros(width, dtype=np.float32)
    return [Normalise(scale, shift, epsilon)]


def _rescaling(layer: Given) -> list[Operation]:
    scale, shift = (numbers(layer.settings.get(name), f"{name} of a Rescaling", layer.width) for name in _AFFINE)
    return [Scale(scale, shift)]


_AFFINE = ("scale", "offset")


def _relu(layer: Given) -> list[Operation]:
    settings, most = layer.settings, layer.settings.get("max_value")
    slope = number(settings.get("negative_slope", 0.0) or 0.0, "negative slope of a ReLU", 0)
    threshold = number(settings.get("threshold", 0.0) or 0.0, "threshold of a ReLU", 0)
    most = np.inf if most is None else number(most, "largest value of a ReLU", 0)
    if not slope and not threshold and most == np.inf:
        return _activation("relu")
    return [Bend(np.full(layer.width, slope, dtype=np.float32), threshold, most)]


def _leaky(layer: Given) -> list[Operation]:
    slope = layer.settings.get("negative_slope", layer.settings.get("alpha"))  # alpha: Keras 2
    return [Bend(numbers(slope, "negative slope of a LeakyReLU", layer.width))]


def _prelu(layer: Given) -> list[Operation]:
    if layer.settings.get("shared_axes") not in (None, [], [1]):
        raise ModelFileError("The slopes of a PReLU are shared over an axis that rows do not have.")
    is_shared = layer.settings.get("shared_axes") == [1]
    slopes = layer.weights("alpha", (1,) if is_shared else (layer.width,))
    return [Bend(np.resize(slopes, layer.width))]


def _elu(layer: Given) -> list[Operation]:
    return [Elu(number(layer.settings.get("alpha", 1.0), "alpha of an ELU", 0))]


def _softmax(layer: Given) -> list[Operation]:
    if layer.settings.get("axis", -1) not in (-1, 1, [-1], [1]):
        raise ModelFileError("A Softmax has to be over the last axis.")
    return [Softmax()]


def _embedding(layer: Given) -> list[Operation]:
    settings = layer.settings
    if settings.get("quantization_config") is not None or settings.get("lora_rank") is not None:
        raise ModelFileError("An Embedding layer is quantised or has a LoRA part: save the plain model.")
    if flag(settings, "mask_zero", default=False):
        raise ModelFileError("An Embedding masks the code 0: build it with mask_zero=False.")
    shape = whole(settings.get("input_dim"), "number of codes"), whole(settings.get("output_dim"), "width")
    return [Embed(layer.weights("embeddings", shape))]


def _category_encoding(layer: Given) -> list[Operation]:
    return [_counted(layer, whole(layer.settings.get("num_tokens"), "number of categories"))]


def _counted(layer: Given, n: int) -> Operation:
    """Codes as one column for each."""
    how = layer.settings.get("output_mode")
    if how == "one_hot" and layer.width != 1:
        raise ModelFileError("Categories that become one input each have to come in a column of their own.")
    if how not in ("one_hot", "multi_hot", "count"):
        raise ModelFileError(f"The output mode '{short(how)}' of categories cannot be read.")
    return Count(n, "count" if how == "count" else "multi_hot")


def check_lookup(settings: dict[str, Any]) -> int:
    """How many codes stand for unknown words: 0 or 1.

    Raises:
        ModelFileError: the layer does more than to look a word up.
    """
    unknown = settings.get("num_oov_indices", 1)
    if unknown not in (0, 1) or isinstance(unknown, bool):
        raise ModelFileError("A lookup may have one code for unknown words; this one has several, by a hash.")
    for name in ("mask_token", "salt", "idf_weights"):
        if settings.get(name) is not None:
            raise ModelFileError(f"A lookup has '{name}' set, which cannot be read: build it without.")
    for name in ("invert", "sparse", "pad_to_max_tokens"):
        if settings.get(name):
            raise ModelFileError(f"A lookup has '{name}' set, which cannot be read: build it without.")
    return int(unknown)


def _integer_lookup(layer: Given) -> list[Operation]:
    unknown = check_lookup(layer.settings)
    try:
        keys = np.array([int(word) for word in layer.words], dtype=np.float32)
    except (TypeError, ValueError):
        raise ModelFileError("The vocabulary of an IntegerLookup holds something that is no whole number.") from None
    order = np.argsort(keys)
    if not len(keys) or (np.diff(keys[order]) <= 0).any():
        raise ModelFileError("The vocabulary of an IntegerLookup is empty, or holds a number twice.")
    codes = (np.arange(len(keys)) + unknown).astype(np.float32)
    found: list[Operation] = [Look(keys[order], codes[order], 0.0 if unknown else np.nan)]
    if layer.settings.get("output_mode") != "int":
        found.append(_counted(layer, len(keys) + unknown))
    return found


def _string_lookup(layer: Given) -> list[Operation]:
    """The words come in as one input each, 0 or 1, so looking them up is a product."""
    unknown, n = check_lookup(layer.settings), len(layer.words)
    how = layer.settings.get("output_mode")
    if how == "int":
        kernel = (np.arange(n, dtype=np.float32) + unknown)[:, None]
    elif how in ("one_hot", "multi_hot", "count"):
        kernel = np.eye(n + unknown, dtype=np.float32)[unknown:]
    else:
        raise ModelFileError(f"The output mode '{short(how)}' of a lookup cannot be read.")
    return [Multiply(kernel, np.zeros(kernel.shape[1], dtype=np.float32))]


def _merge(layer: Given) -> list[Operation]:
    return [Merge(layer.kind.lower())]


def _concatenate(layer: Given) -> list[Operation]:
    if layer.settings.get("axis", -1) not in (-1, 1):
        raise ModelFileError("Blocks have to be joined along the last axis.")
    return [Join()]


def _reshape(layer: Given) -> list[Operation]:
    shape = layer.settings.get("target_shape")
    if not isinstance(shape, list) or len(shape) != 1 or shape[0] not in (-1, layer.width):
        raise ModelFileError(f"A Reshape may only make rows of {layer.width} values; got {short(shape)}.")
    return []


def _nothing(layer: Given) -> list[Operation]:
    """What only matters while training."""
    _ = layer.width
    return []


LAYERS: dict[str, Callable[[Given], Sequence[Operation]]] = {
    "Dense": _dense,
    "BatchNormalization": _batch_normalization,
    "Normalization": _normalization,
    "LayerNormalization": _layer_normalization,
    "Rescaling": _rescaling,
    "Activation": lambda layer: _activation(layer.settings.get("activation")),
    "ReLU": _relu,
    "LeakyReLU": _leaky,
    "PReLU": _prelu,
    "ELU": _elu,
    "Softmax": _softmax,
    "Embedding": _embedding,
    "CategoryEncoding": _category_encoding,
    "IntegerLookup": _integer_lookup,
    "StringLookup": _string_lookup,
    "Add": _merge,
    "Subtract": _merge,
    "Multiply": _merge,
    "Average": _merge,
    "Maximum": _merge,
    "Minimum": _merge,
    "Concatenate": _concatenate,
    "Flatten": _nothing,
    "Reshape": _reshape,
    **dict.fromkeys(
        ("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization", "Identity"), _nothing
    ),
}
"""What each layer becomes, by the name of its class."""

FLATTENING = ("Flatten", "Reshape")
LOOKUPS = ("StringLookup", "IntegerLookup")
NAMED_FUNCTIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "Gelu": "gelu",
    "Softplus": "softplus",
    "Tanh": "tanh",
    "Elu": "elu",
    "Selu": "selu",
}
"""Functions that are called on values in a model, as in ``keras.ops.relu(x)``, and the activations that they are."""
ARITHMETIC = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")


def with_constant(kind: str, constant: float, width: int, *, is_first: bool) -> Operation:
    """A sum, difference or product with a number, such as ``2 * x``.

    Raises:
        ModelFileError: there is no such arithmetic with a number.
    """
    scale, shift = {"Add": (1.0, constant), "Multiply": (constant, 0.0)}.get(kind, (np.nan, 0.0))
    if kind == "Subtract":
        scale, shift = (-1.0, constant) if is_first else (1.0, -constant)
    if kind in ("Divide", "TrueDivide") and not is_first and constant:
        scale, shift = 1 / constant, 0.0
    if not np.isfinite(scale):
        raise ModelFileError(f"The operation '{short(kind)}' with a number cannot be read.")
    return Scale(np.full(width, scale, dtype=np.float32), np.full(width, shift, dtype=np.float32))


def check_kind(layer: object) -> tuple[str, dict[str, Any]]:
    """Class name and settings of a layer that is understood, in float32.

    Raises:
        ModelFileError: it is another one, or of another type.
    """
    entry = as_object(layer, "layer")
    kind = str(entry.get("class_name"))
    known = kind == "InputLayer" or kind in LAYERS
    if not known or entry.get("module", "keras.layers") != "keras.layers" or entry.get("registered_name") is not None:
        raise ModelFileError(
            f"Layers of type '{short(entry.get('class_name'))}' cannot be read; those that can are "
            f"{', '.join(('InputLayer', *LAYERS))}."
        )
    settings = as_object(entry.get("config"), kind)
    dtype = settings.get("dtype", "float32")
    if isinstance(dtype, dict):
        dtype = dtype.get("class_name") == "DTypePolicy" and as_object(dtype.get("config"), "dtype").get("name")
    if dtype != "float32" and kind not in ("InputLayer", *LOOKUPS):
        raise ModelFileError(f"Layers have to be in float32; a {kind} layer is in another type.")
    return kind, settings
