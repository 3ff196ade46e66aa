"""The layers of a trained network as plain arrays."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.networks.activations import LINEAR, RELU, Activation


@dataclass(frozen=True, slots=True)
class Dense:
    """One layer, activation(x @ kernel + bias).

    Attributes:
        kernel: (n_in, n_out) float32.
        bias: (n_out,) float32, or None.
        activation: of every value.
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
        n_inputs: how many numbers go in per row.
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
