"""The layers of a trained network as plain arrays, and their activations as NumPy functions equal to those of Keras."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805
_LEAKY_SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class Activation:
    """A function of single values.

    Attributes:
        name: that Keras saves it under.
        values: of an array, float32 to float32; NaN stays NaN.
        slopes: the derivatives there; at a kink, the derivative to the left of it.
    """

    name: str
    values: Function
    slopes: Function

    def __reduce__(self) -> tuple[Callable[[str], "Activation"], tuple[str]]:
        return activation_named, (self.name,)  # lambdas cannot be pickled


def activation_named(name: str) -> Activation:
    """The activation that Keras saves under a name."""
    return ACTIVATIONS[name]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.reciprocal(1.0 + np.exp(-x))


def _sigmoid_slopes(x: np.ndarray) -> np.ndarray:
    gate = _sigmoid(x)
    return gate * (1.0 - gate)


def _silu_slopes(x: np.ndarray) -> np.ndarray:
    gate = _sigmoid(x)
    return gate * (1.0 + x * (1.0 - gate))


def _elu_slopes(x: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(x, 0.0))


def _selu(x: np.ndarray) -> np.ndarray:
    """elu, scaled so that it keeps mean 0 and variance 1 (Klambauer et al. 2017)."""
    return (np.maximum(x, 0.0) + np.expm1(np.minimum(x, 0.0)) * _SELU_ALPHA) * _SELU_SCALE


def _selu_slopes(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, _SELU_SCALE, _SELU_SCALE * _SELU_ALPHA * _elu_slopes(x)).astype(np.float32)


def _gelu(x: np.ndarray) -> np.ndarray:
    """The product of x and the normal distribution function of x."""
    from scipy.special import ndtr  # 0.1 s that only networks with gelu pay

    return x * ndtr(x)


def _gelu_slopes(x: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(x) + x * np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi, dtype=np.float32)


def _softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)), in a form that never overflows."""
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0)


def _mish(x: np.ndarray) -> np.ndarray:
    """X * tanh(softplus(x)) (Misra 2019)."""
    return x * np.tanh(_softplus(x))


def _mish_slopes(x: np.ndarray) -> np.ndarray:
    gate = np.tanh(_softplus(x))
    return gate + x * (1.0 - np.square(gate)) * _sigmoid(x)


def _hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """A sigmoid of three straight pieces: 0 up to -3, 1 from 3 on."""
    return np.clip(x / np.float32(6.0) + np.float32(0.5), 0.0, 1.0)


def _hard_sigmoid_slopes(x: np.ndarray) -> np.ndarray:
    return ((x > -3) & (x <= 3)).astype(np.float32) / np.float32(6.0)


LINEAR = Activation("linear", lambda x: x, np.ones_like)
RELU = Activation("relu", lambda x: np.maximum(x, 0.0), lambda x: (x > 0).astype(np.float32))

ACTIVATIONS: dict[str, Activation] = {
    known.name: known
    for known in (
        LINEAR,
        RELU,
        Activation("tanh", np.tanh, lambda x: 1.0 - np.square(np.tanh(x))),
        Activation("sigmoid", _sigmoid, _sigmoid_slopes),
        Activation("silu", lambda x: x * _sigmoid(x), _silu_slopes),
        Activation("elu", lambda x: np.maximum(x, 0.0) + np.expm1(np.minimum(x, 0.0)), _elu_slopes),
        Activation("selu", _selu, _selu_slopes),
        Activation("gelu", _gelu, _gelu_slopes),
        Activation("softplus", _softplus, _sigmoid),
        Activation(
            "leaky_relu",
            lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0) * _LEAKY_SLOPE,
            lambda x: np.where(x > 0, 1.0, _LEAKY_SLOPE).astype(np.float32),
        ),
        Activation("mish", _mish, _mish_slopes),
        Activation("softsign", lambda x: x / (1.0 + np.abs(x)), lambda x: 1.0 / np.square(1.0 + np.abs(x))),
        Activation("exponential", np.exp, np.exp),
        Activation("log_sigmoid", lambda x: -_softplus(-x), lambda x: _sigmoid(-x)),
        Activation("relu6", lambda x: np.clip(x, 0.0, 6.0), lambda x: ((x > 0) & (x <= 6)).astype(np.float32)),
        Activation("hard_sigmoid", _hard_sigmoid, _hard_sigmoid_slopes),
        Activation(
            "hard_silu",
            lambda x: x * _hard_sigmoid(x),
            lambda x: _hard_sigmoid(x) + x * _hard_sigmoid_slopes(x),
        ),
    )
}
"""By the name that Keras saves them under."""

ACTIVATIONS |= {other: ACTIVATIONS[name] for other, name in (("swish", "silu"), ("hard_swish", "hard_silu"))}


@dataclass(frozen=True, slots=True)
class Dense:
    """One layer, activation(x @ kernel + bias).

    Attributes:
        kernel: (n_in, n_out) float32.
        bias: (n_out,) float32, or None.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    activation: Activation = LINEAR


@dataclass(frozen=True, slots=True)
class Affine:
    """A fixed scale and shift of each value, x * scale + shift: what batch normalisation is once trained.

    Attributes:
        scale: (n,) float32.
        shift: (n,) float32.
    """

    scale: np.ndarray
    shift: np.ndarray


@dataclass(frozen=True, slots=True)
class Activate:
    """An activation that stands alone."""

    activation: Activation


Layer = Dense | Affine | Activate


def arrays_of(layer: Layer) -> tuple[np.ndarray, ...]:
    """The trained numbers of a layer."""
    match layer:
        case Dense(kernel, bias):
            return (kernel,) if bias is None else (kernel, bias)
        case Affine(scale, shift):
            return (scale, shift)
        case Activate():
            return ()


@dataclass(frozen=True, eq=False)
class Network:
    """A Keras chain of dense layers, as far as it counts for predictions.

    Attributes:
        layers: in order; the last one leaves one number per row.
    """

    n_inputs: int
    layers: tuple[Layer, ...]

    @property
    def n_parameters(self) -> int:
        """How many trained numbers the network has."""
        return sum(array.size for layer in self.layers for array in arrays_of(layer))

    @property
    def words(self) -> str:
        """Widths and activations as a text: "8 > 32 relu > 1 linear"."""
        words = [str(self.n_inputs)]
        for layer in self.layers:
            match layer:
                case Dense(kernel, _, activation):
                    words.append(f"{kernel.shape[1]} {activation.name}")
                case Affine():
                    words.append("batch normalisation")
                case Activate(activation):
                    words.append(activation.name)
        return " > ".join(words)


def with_folded_biases(layers: tuple[Layer, ...]) -> Iterator[tuple[Layer, np.ndarray, bool]]:
    """Every layer with the bias (n_out,) float64 that it adds, and whether it leaves that to the layer after it.

    relu(z + b) = max(z, -b) + b: where a dense layer follows, its own bias takes over the "+ b" as b @ kernel, so that
    a layer costs one product and one comparison.
    """
    deferred: np.ndarray | None = None  # what has yet to be added to each column
    for layer, following in zip(layers, (*layers[1:], None), strict=True):
        if not isinstance(layer, Dense):
            yield layer, np.empty(0), False
            continue
        total = np.zeros(layer.kernel.shape[1]) if layer.bias is None else layer.bias.astype(float)
        if deferred is not None:
            total = total + deferred @ layer.kernel.astype(float)
        is_deferred = layer.activation == RELU and isinstance(following, Dense)
        deferred = total if is_deferred else None
        yield layer, total, is_deferred
