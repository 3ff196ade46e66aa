"""Several chains of dense layers of one shape as one pass of NumPy matrix products."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.networks.activations import ACTIVATIONS, Activation
from models.networks.network import (
    BLOCK_VALUES,
    MAX_BLOCK_ROWS,
    MIN_BLOCK_ROWS,
    Activate,
    Affine,
    Dense,
    Fill,
    InBlocks,
    Network,
    Step,
    every_row,
    with_folded_biases,
)

_AFFINE = ("scale", "shift")


def spread_of(answers: np.ndarray) -> np.ndarray:
    """Return (n,) float64 the standard deviation over members (K, n), with K - 1 in its denominator.

    It is 0 of a single member, and NaN where there is no answer.
    """
    if len(answers) == 1:
        return np.where(np.isnan(answers[0]), np.nan, 0.0)
    with np.errstate(all="ignore"):
        return answers.std(axis=0, dtype=float, ddof=1)


@dataclass(frozen=True, eq=False)
class StackedNetworks(InBlocks):
    """Networks of one shape that take the same inputs: the members of an ensemble.

    Attributes:
        members: at least one, all with the same kinds of layers, widths and activations.
    """

    members: tuple[Network, ...]

    def __post_init__(self) -> None:
        """Refuse members that cannot be computed together.

        Raises:
            ValueError: there are none, or two differ in more than their weights.
        """
        if not self.members:
            raise ValueError("Expected at least one member, got none.")
        shapes = [_shape(member) for member in self.members]
        for number, shape in enumerate(shapes[1:], start=2):
            if shape != shapes[0]:
                raise ValueError(
                    "Members have to be of one shape to be computed together; the first one is "
                    f"{_in_words(self.members[0])}, number {number} is {_in_words(self.members[number - 1])}."
                )

    @property
    def n_members(self) -> int:
        """How many there are (K)."""
        return len(self.members)

    @property
    def n_inputs(self) -> int:
        """How many numbers go in per row."""
        return self.members[0].n_inputs

    @property
    def n_parameters(self) -> int:
        """How many trained numbers all members have."""
        return sum(member.n_parameters for member in self.members)

    @property
    def block_rows(self) -> int:
        """How many rows are best computed at once."""
        widest = max(layer.kernel.shape[1] for layer in self.members[0].layers if isinstance(layer, Dense))
        return int(np.clip(BLOCK_VALUES // (self.n_members * widest), MIN_BLOCK_ROWS, MAX_BLOCK_ROWS))

    def take(self, members: Iterable[int]) -> "StackedNetworks":
        """Return some of the members, by their indices, as an ensemble of their own."""
        return StackedNetworks(tuple(self.members[member] for member in members))

    def forward_blocks(self, n_rows: int, fill: Fill) -> np.ndarray:
        """Return (K, n_rows) float32 outputs of every member, asking for the inputs block by block."""
        return self._outputs(n_rows, self.n_members, fill)

    def _make_workspace(self) -> tuple[np.ndarray, list[Step]]:
        n_block = self.block_rows
        inputs = np.empty((n_block, self.n_inputs), dtype=np.float32)
        return inputs, [_forward_step(layer, n_block) for layer in stacked_layers(self)]


@dataclass(frozen=True, slots=True)
class StackedDense:
    """The same dense layer of all members, working on blocks (n, K * n_in) with the members side by side.

    Attributes:
        kernels: (K, n_in, n_out) float32.
        bias: (K * n_out,) float64 that is added.
        is_owing: whether the bias is left to the layer after it (see `with_folded_biases`), this one being a ReLU.
        is_first: whether its inputs are (n, n_in), the same for all members.
        activation: replaces values in place.
    """

    kernels: np.ndarray
    bias: np.ndarray
    is_owing: bool
    is_first: bool
    activation: Activation

    @property
    def n_out(self) -> int:
        """Values per row of all members."""
        return self.kernels.shape[0] * self.kernels.shape[2]

    @property
    def side_by_side(self) -> np.ndarray:
        """One kernel (n_in, K * n_out) for inputs that all members share."""
        return np.ascontiguousarray(self.kernels.transpose(1, 0, 2).reshape(self.kernels.shape[1], -1))


StackedLayer = StackedDense | Affine | Activate


def stacked_layers(networks: StackedNetworks) -> list[StackedLayer]:
    """Return the layers of all members together, in order."""
    stacked: list[StackedLayer] = []
    if not isinstance(networks.members[0].layers[0], Dense):
        stacked.append(_shared_inputs(networks))
    folded = (with_folded_biases(member.layers) for member in networks.members)
    for same in zip(*folded, strict=True):
        layers = [layer for layer, _, _ in same]
        match layers[0]:
            case Dense(activation=activation):
                kernels = np.stack([layer.kernel for layer in layers if isinstance(layer, Dense)])
                bias = np.concatenate([bias for _, bias, _ in same])
                stacked.append(StackedDense(kernels, bias, same[0][2], not stacked, activation))
            case Affine():
                affine = [layer for layer in layers if isinstance(layer, Affine)]
                scale, shift = (np.concatenate([getattr(layer, name) for layer in affine]) for name in _AFFINE)
                stacked.append(Affine(scale, shift))
            case alone:
                stacked.append(alone)
    return stacked


def _shared_inputs(networks: StackedNetworks) -> StackedDense:
    """Return a layer that hands every member the inputs as they are."""
    n_members, n_inputs = networks.n_members, networks.n_inputs
    kernels = np.tile(np.eye(n_inputs, dtype=np.float32), (n_members, 1, 1))
    return StackedDense(kernels, np.zeros(n_members * n_inputs), False, True, ACTIVATIONS["linear"])


def product(layer: StackedDense, n_block: int) -> Step:
    """Return x @ kernel for every member, into memory (n_block, K * n_out) of its own.

    The first layer is one product, for all members have the same inputs. Later ones are a batch of products over
    views of the members' columns, which BLAS takes as they are.
    """
    buffer = np.empty((n_block, layer.n_out), dtype=np.float32)
    if layer.is_first:
        kernel = layer.side_by_side
        return lambda x: np.matmul(x, kernel, out=buffer[: len(x)])
    kernels, n_members = layer.kernels, len(layer.kernels)

    def multiply(x: np.ndarray) -> np.ndarray:
        n = len(x)
        out = buffer[:n]
        np.matmul(by_member(x, n_members), kernels, out=by_member(out, n_members))
        return out

    return multiply


def by_member(x: np.ndarray, n_members: int) -> np.ndarray:
    """Return (K, n, w) a view of a block (n, K * w)."""
    return x.reshape(len(x), n_members, -1).transpose(1, 0, 2)


def _forward_step(layer: StackedLayer, n_block: int) -> Step:
    """Return what a layer does to a block of at most n_block rows."""
    match layer:
        case StackedDense():
            return _dense_step(layer, n_block)
        case Affine(scale, shift):
            return lambda x: np.add(np.multiply(x, scale, out=x), shift, out=x)
        case Activate(activation):
            return _activation_step(activation)


def _dense_step(layer: StackedDense, n_block: int) -> Step:
    """Return activation(x @ kernel + bias), or max(x @ kernel, -bias) where the bias is left to the next layer."""
    multiply = product(layer, n_block)
    if layer.is_owing:
        least = every_row(-layer.bias, n_block)

        def compare(x: np.ndarray) -> np.ndarray:
            x = multiply(x)
            return np.maximum(x, least[: len(x)], out=x)

        return compare
    biases = every_row(layer.bias, n_block)

    def dense(x: np.ndarray) -> np.ndarray:
        x = multiply(x)
        np.add(x, biases[: len(x)], out=x)
        layer.activation(x)
        return x

    return dense


def _activation_step(activation: Activation) -> Step:
    """Return an activation that stands alone."""

    def activate(x: np.ndarray) -> np.ndarray:
        activation(x)
        return x

    return activate


def _shape(network: Network) -> tuple[object, ...]:
    """Return all of a network but its weights, to be compared."""
    shape: list[object] = [network.n_inputs]
    for layer in network.layers:
        match layer:
            case Dense(kernel, _, activation):
                shape.append((Dense, kernel.shape, activation))
            case Affine(scale):
                shape.append((Affine, scale.shape))
            case Activate(activation):
                shape.append((Activate, activation))
    return tuple(shape)


def _in_words(network: Network) -> str:
    """Return a network's widths and activations as a text."""
    names = {activation: name for name, activation in ACTIVATIONS.items()}
    words = [str(network.n_inputs)]
    for layer in network.layers:
        match layer:
            case Dense(kernel, _, activation):
                words.append(f"{kernel.shape[1]} {names.get(activation, '?')}")
            case Affine():
                words.append("batch normalisation")
            case Activate(activation):
                words.append(names.get(activation, "?"))
    return " > ".join(words)
