"""A chain of dense layers as NumPy matrix products, a block of rows at a time: predictions without TensorFlow."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Generic, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

from models.networks.activations import ACTIVATIONS, Activation

T = TypeVar("T")


MIN_BLOCK_ROWS, MAX_BLOCK_ROWS = 256, 2048
BLOCK_VALUES = 65_536
"""Values of one layer's block, 256 kB: a block's intermediate values stay in the processor's own cache, and blocks are
few enough that the time between matrix products does not count."""
Step = Callable[[np.ndarray], np.ndarray]
"""What a layer does to a block of rows, in memory of its own that is used again."""
Fill = Callable[[int, int, np.ndarray], None]
"""Called as fill(start, stop, block) to write the inputs of rows start..stop into a float32 block."""
Write = Callable[[np.ndarray, np.ndarray], None]
"""Called as write(rows, block) to write the inputs of rows into a float32 block."""


class PerThread(Generic[T]):
    """One thing for each thread that asks, such as work space that two must not write into at once.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept = threading.local()

    def __call__(self) -> T:
        """Return what this thread has."""
        if not hasattr(self._kept, "made"):
            self._kept.made = self._make()
        return self._kept.made


def filler(rows: np.ndarray, write: Write) -> Fill:
    """Return what fills blocks with the inputs of rows (n, d)."""

    def fill(start: int, stop: int, block: np.ndarray) -> None:
        write(rows[start:stop], block)

    return fill


class InBlocks(ABC):
    """What computes rows block by block; every thread has memory and steps of its own, made once."""

    @abstractmethod
    def forward_blocks(self, n_rows: int, fill: Fill) -> np.ndarray:
        """Return the float32 outputs of n_rows rows, asking for their inputs block by block."""

    @abstractmethod
    def _make_workspace(self) -> tuple[np.ndarray, list[Step]]:
        """Return the memory of a block's inputs (n_block, n_inputs) float32, and what the layers do to it."""

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        """Return what `forward_blocks` does, of float32 inputs (n, n_inputs)."""
        return self.forward_blocks(len(inputs), filler(inputs, lambda rows, block: np.copyto(block, rows)))

    def _outputs(self, n_rows: int, n_outputs: int, fill: Fill) -> np.ndarray:
        """Return (n_outputs, n_rows) float32: the columns that the last step leaves."""
        outputs = np.empty((n_outputs, n_rows), dtype=np.float32)
        inputs, steps = self._workspace()
        n_block = len(inputs)
        # Products of this size gain little by a second thread, and lose a hundredfold where it has to wait for a core.
        with np.errstate(all="ignore"), blas_threads().limit(limits=1, user_api="blas"):
            for start in range(0, n_rows, n_block):
                stop = min(start + n_block, n_rows)
                x = inputs[: stop - start]
                fill(start, stop, x)
                for step in steps:
                    x = step(x)
                outputs[:, start:stop] = x.T
        return outputs

    @cached_property
    def _workspace(self) -> PerThread[tuple[np.ndarray, list[Step]]]:
        return PerThread(self._make_workspace)


@cache
def blas_threads() -> ThreadpoolController:
    """Return what sets how many threads a matrix product uses."""
    return ThreadpoolController()


@dataclass(frozen=True, slots=True)
class Dense:
    """One layer, activation(x @ kernel + bias).

    Attributes:
        kernel: (n_in, n_out) float32.
        bias: (n_out,) float32, or None.
        activation: replaces values in place.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    activation: Activation = ACTIVATIONS["linear"]


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


@dataclass(frozen=True, eq=False)
class Network(InBlocks):
    """What a Keras chain of dense layers computes when it predicts.

    Attributes:
        n_inputs: how many numbers go in per row.
        layers: in order; the last one leaves one number per row.
    """

    n_inputs: int
    layers: tuple[Layer, ...]

    @property
    def n_parameters(self) -> int:
        """How many trained numbers the network has."""
        return sum(
            array.size
            for layer in self.layers
            for array in (getattr(layer, name, None) for name in ("kernel", "bias", "scale", "shift"))
            if array is not None
        )

    @property
    def block_rows(self) -> int:
        """How many rows are best computed at once: 1024, fewer where layers are wide."""
        widest = max((layer.kernel.shape[1] for layer in self.layers if isinstance(layer, Dense)), default=1)
        return int(np.clip(BLOCK_VALUES // widest, MIN_BLOCK_ROWS, MAX_BLOCK_ROWS))

    def forward_blocks(self, n_rows: int, fill: Fill) -> np.ndarray:
        """Return (n_rows,) float32 outputs, asking for the inputs block by block."""
        return self._outputs(n_rows, 1, fill)[0]

    def _make_workspace(self) -> tuple[np.ndarray, list[Step]]:
        n_block = self.block_rows
        return np.empty((n_block, self.n_inputs), dtype=np.float32), _steps(self.layers, n_block)


def with_folded_biases(layers: tuple[Layer, ...]) -> Iterator[tuple[Layer, np.ndarray, bool]]:
    """Give every layer with the bias (n_out,) float64 it adds, and whether it leaves that to the layer after it.

    relu(z + b) = max(z, -b) + b: where a dense layer follows, its bias takes over the "+ b", so that a layer costs one
    product and one comparison.
    """
    owed: np.ndarray | None = None  # what has yet to be added to each column
    for layer, following in zip(layers, (*layers[1:], None), strict=True):
        if not isinstance(layer, Dense):
            yield layer, np.empty(0), False
            continue
        total = np.zeros(layer.kernel.shape[1]) if layer.bias is None else layer.bias.astype(float)
        if owed is not None:
            total = total + owed @ layer.kernel.astype(float)
        is_owing = layer.activation is ACTIVATIONS["relu"] and isinstance(following, Dense)
        owed = total if is_owing else None
        yield layer, total, is_owing


def _steps(layers: tuple[Layer, ...], n_block: int) -> list[Step]:
    """Return what the layers do to a block of at most n_block rows."""
    steps: list[Step] = []
    for layer, bias, is_owing in with_folded_biases(layers):
        match layer:
            case Dense():
                steps.append((_comparing_step if is_owing else _dense_step)(layer, bias, n_block))
            case Affine(scale, shift):
                steps.append(_affine_step(scale, shift))
            case Activate(activation):
                steps.append(_activation_step(activation))
    return steps


def _comparing_step(layer: Dense, bias: np.ndarray, n_block: int) -> Step:
    """Return max(x @ kernel, -bias): a relu layer that owes its bias."""
    kernel, buffer = layer.kernel, np.empty((n_block, layer.kernel.shape[1]), dtype=np.float32)
    least = every_row(-bias, n_block)

    def compare(x: np.ndarray) -> np.ndarray:
        n = len(x)
        x = np.matmul(x, kernel, out=buffer[:n])
        return np.maximum(x, least[:n], out=x)

    return compare


def _dense_step(layer: Dense, bias: np.ndarray, n_block: int) -> Step:
    """Return activation(x @ kernel + bias)."""
    kernel, buffer = layer.kernel, np.empty((n_block, layer.kernel.shape[1]), dtype=np.float32)
    biases = every_row(bias, n_block)

    def dense(x: np.ndarray) -> np.ndarray:
        n = len(x)
        x = np.matmul(x, kernel, out=buffer[:n])
        np.add(x, biases[:n], out=x)
        layer.activation(x)
        return x

    return dense


def _affine_step(scale: np.ndarray, shift: np.ndarray) -> Step:
    """Return x * scale + shift."""

    def affine(x: np.ndarray) -> np.ndarray:
        np.multiply(x, scale, out=x)
        return np.add(x, shift, out=x)

    return affine


def _activation_step(activation: Activation) -> Step:
    """Return an activation that stands alone."""

    def activate(x: np.ndarray) -> np.ndarray:
        activation(x)
        return x

    return activate


def every_row(values: np.ndarray, n_block: int) -> np.ndarray:
    """Return (n_block, n) the values in every row: two blocks combine in a third of the time of a block and a row."""
    return np.tile(values.astype(np.float32), (n_block, 1))
