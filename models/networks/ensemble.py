"""Networks of one shape computed together as NumPy matrix products, forward and backward: no TensorFlow needed."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Generic, Protocol, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

from models.networks.network import LINEAR, Activate, Activation, Affine, Dense, Network, arrays_of, with_folded_biases

T = TypeVar("T")

MIN_BLOCK_ROWS, MAX_BLOCK_ROWS = 256, 2048
BLOCK_VALUES = 65_536
"""Values of one layer's block, 256 kB: a block's intermediate values stay in the processor's own cache, and blocks are
few enough that the time between matrix products does not count."""

Write = Callable[[np.ndarray, np.ndarray], None]
"""Called as write(rows, block) to write the inputs of some rows into a float32 block (n, n_inputs)."""

Weigh = Callable[[np.ndarray], np.ndarray]
"""From the members' outputs (K, n) of a block to the derivatives (m, K, n) by them of m functions of them."""


class PerThread(Generic[T]):
    """One thing for each thread that asks, such as work space that two must not write into at once."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._local = threading.local()

    def __call__(self) -> T:
        """What this thread has."""
        if not hasattr(self._local, "made"):
            self._local.made = self._make()
        made: T = self._local.made
        return made


@cache
def _blas_threads() -> ThreadpoolController:
    return ThreadpoolController()


def on_one_thread() -> AbstractContextManager[object]:
    """Keep matrix products to one thread: small ones gain little by a second, and lose a hundredfold where it waits."""
    return _blas_threads().limit(limits=1, user_api="blas")


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of one shape that take the same inputs; a network alone is an ensemble of one.

    Attributes:
        members: at least one, all with the same kinds of layers, widths and activations.
    """

    members: tuple[Network, ...]

    def __post_init__(self) -> None:
        if not self.members:
            raise ValueError("Expected at least one member, got none.")
        for number, member in enumerate(self.members, start=1):
            if member.words != self.members[0].words:
                raise ValueError(
                    "Members have to be of one shape to be computed together; the first one is "
                    f"{self.members[0].words}, number {number} is {member.words}."
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
        """How many rows are best computed at once: fewer where layers are wide."""
        widest = max((layer.kernel.shape[1] for layer in self.members[0].layers if isinstance(layer, Dense)), default=1)
        return int(np.clip(BLOCK_VALUES // (self.n_members * widest), MIN_BLOCK_ROWS, MAX_BLOCK_ROWS))

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs (K, n) float32 of every member for float32 inputs (n, n_inputs)."""
        return self.run(inputs, lambda rows, block: np.copyto(block, rows))[0]

    def mean(self, inputs: np.ndarray) -> np.ndarray:
        """The mean (n,) float64 of the outputs of `forward`."""
        return mean_of(self.forward(inputs))

    def run(
        self, rows: np.ndarray, write: Write, weigh: Weigh | None = None, n_functions: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Outputs (K, n) float32 of every member, and gradients (m, n, n_inputs) by the inputs of functions of them.

        One pass backward serves all functions: only at the first layer do the members come together, each with its
        weight. Every thread works in memory of its own, made once.

        Args:
            weigh: what each function makes of the outputs; without it there are no gradients.
        """
        inputs, first, later = self._workspace()
        n_rows, n_block = len(rows), len(inputs)
        outputs = np.empty((self.n_members, n_rows), dtype=np.float32)
        gradients = np.empty((n_functions, n_rows, self.n_inputs), dtype=np.float32)
        with np.errstate(all="ignore"), on_one_thread():
            for start in range(0, n_rows, n_block):
                block = slice(start, min(start + n_block, n_rows))
                x = inputs[: block.stop - start]
                write(rows[block], x)
                x = first.forward(x)
                for step in later:
                    x = step.forward(x)
                outputs[:, block] = x.T
                if weigh is None:
                    continue
                x[...] = 1.0  # reverse-mode differentiation: every member's output by itself
                for step in reversed(later):
                    x = step.backward(x)
                x = first.through_activation(x)
                for number, weights in enumerate(weigh(outputs[:, block])):
                    gradients[number, block] = first.joined(x, weights)
        return outputs, gradients

    @cached_property
    def _workspace(self) -> PerThread[tuple[np.ndarray, "_DenseStep", list["_Step"]]]:
        def make() -> tuple[np.ndarray, _DenseStep, list[_Step]]:
            first, *later = _steps(self.members, self.block_rows)
            assert isinstance(first, _DenseStep)
            return np.empty((self.block_rows, self.n_inputs), dtype=np.float32), first, later

        return PerThread(make)


def mean_of(outputs: np.ndarray) -> np.ndarray:
    """The mean (n,) float64 over members (K, n)."""
    return outputs.mean(axis=0, dtype=float) if len(outputs) > 1 else outputs[0].astype(float)


class _Step(Protocol):
    """What a layer of all members does to a block (n, K * n_in), members side by side, and to gradients going back."""

    def forward(self, x: np.ndarray) -> np.ndarray: ...

    def backward(self, g: np.ndarray) -> np.ndarray: ...


class _AffineStep:
    def __init__(self, scale: np.ndarray, shift: np.ndarray) -> None:
        self._scale, self._shift = scale, shift

    def forward(self, x: np.ndarray) -> np.ndarray:
        return np.add(np.multiply(x, self._scale, out=x), self._shift, out=x)

    def backward(self, g: np.ndarray) -> np.ndarray:
        return np.multiply(g, self._scale, out=g)


class _ActivationStep:
    def __init__(self, activation: Activation) -> None:
        self._activation, self._is_linear = activation, activation == LINEAR
        self._before = np.empty(0)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self._before = x
        return self._activation.values(x)

    def backward(self, g: np.ndarray) -> np.ndarray:
        return g if self._is_linear else np.multiply(g, self._activation.slopes(self._before), out=g)


class _DenseStep:
    """activation(x @ kernel + bias), or max(x @ kernel, -bias) where the bias is left to the next layer.

    Args:
        kernels: (K, n_in, n_out) float32.
        bias: (K * n_out,) float64.
        is_deferred: whether the bias is left to the layer after it (`with_folded_biases`), this one being a ReLU.
        is_first: whether its inputs are (n, n_in), the same for all members.
        n_block: rows of a block at most.
    """

    def __init__(
        self,
        kernels: np.ndarray,
        bias: np.ndarray,
        is_deferred: bool,
        is_first: bool,
        activation: Activation,
        n_block: int,
    ) -> None:
        n_members, n_in, n_out = kernels.shape
        self._n_members, self._n_block, self._is_first = n_members, n_block, is_first
        self._kernels = kernels if n_members > 1 else kernels[0]
        if is_first:  # all members have the same inputs: one product serves them
            self._kernel = np.ascontiguousarray(kernels.transpose(1, 0, 2).reshape(n_in, -1))
        self._buffer = np.empty((n_block, n_members * n_out), dtype=np.float32)
        self._is_deferred, self._activation = is_deferred, _ActivationStep(activation)
        # Two blocks combine in a third of the time of a block and a row.
        self._bias = np.tile((-bias if is_deferred else bias).astype(np.float32), (n_block, 1))

    def forward(self, x: np.ndarray) -> np.ndarray:
        n = len(x)
        out = self._buffer[:n]
        if self._is_first:
            np.matmul(x, self._kernel, out=out)
        else:  # a batch of products over views of the members' columns, which BLAS takes as they are
            np.matmul(self._by_member(x), self._kernels, out=self._by_member(out))
        if self._is_deferred:
            return np.maximum(out, self._bias[:n], out=out)
        return self._activation.forward(np.add(out, self._bias[:n], out=out))

    def backward(self, g: np.ndarray) -> np.ndarray:
        g, out = self.through_activation(g), self._back[: len(g)]
        times = np.multiply if self._kernels.shape[-1] == 1 else np.matmul  # the same of one column, in less time
        times(self._by_member(g), self._transposed, out=self._by_member(out))
        return out

    def through_activation(self, g: np.ndarray) -> np.ndarray:
        """Gradients (n, K * n_out) by x @ kernel + bias."""
        if not self._is_deferred:
            return self._activation.backward(g)
        out = self._buffer[: len(g)]
        return np.multiply(g, np.greater(out, self._bias[: len(g)], out=out), out=out)

    def joined(self, g: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Gradients (n, n_in) by shared inputs: the sum over members of theirs (n, K * n_out) times weights (K, n)."""
        if self._n_members == 1:  # its weight may as well come last, where there are fewest numbers
            return (g @ self._transposed_first) * weights.T
        weighted = self._weighted[: len(g)]
        shape = (len(g), self._n_members, -1)
        np.multiply(g.reshape(shape), weights.T[:, :, None], out=weighted.reshape(shape), casting="same_kind")
        return weighted @ self._transposed_first

    def _by_member(self, x: np.ndarray) -> np.ndarray:
        """A view (K, n, w) of a block (n, K * w); the block itself of one member, which is faster for few rows."""
        return x if self._n_members == 1 else x.reshape(len(x), self._n_members, -1).transpose(1, 0, 2)

    # What only gradients need is made when they are first asked for.

    @cached_property
    def _transposed(self) -> np.ndarray:
        return np.ascontiguousarray(np.swapaxes(self._kernels, -1, -2))

    @cached_property
    def _transposed_first(self) -> np.ndarray:
        return np.ascontiguousarray(self._kernel.T)

    @cached_property
    def _back(self) -> np.ndarray:
        return np.empty((self._n_block, self._n_members * self._kernels.shape[-2]), dtype=np.float32)

    @cached_property
    def _weighted(self) -> np.ndarray:
        return np.empty_like(self._buffer)


def _steps(members: tuple[Network, ...], n_block: int) -> list[_Step]:
    """The layers of all members together, in order; the first one is dense."""
    steps: list[_Step] = []
    if not isinstance(members[0].layers[0], Dense):  # hand every member the inputs as they are
        kernels = np.tile(np.eye(members[0].n_inputs, dtype=np.float32), (len(members), 1, 1))
        bias = np.zeros(len(members) * members[0].n_inputs)
        steps.append(_DenseStep(kernels, bias, False, True, LINEAR, n_block))
    for same in zip(*(with_folded_biases(member.layers) for member in members), strict=True):
        arrays = [arrays_of(layer) for layer, _, _ in same]
        match same[0]:
            case Dense(activation=activation), _, is_deferred:
                kernels, bias = np.stack([each[0] for each in arrays]), np.concatenate([bias for _, bias, _ in same])
                steps.append(_DenseStep(kernels, bias, is_deferred, not steps, activation, n_block))
            case Affine(), _, _:
                steps.append(_AffineStep(*(np.concatenate(each) for each in zip(*arrays, strict=True))))
            case Activate(activation), _, _:
                steps.append(_ActivationStep(activation))
    return steps
