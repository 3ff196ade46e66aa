"""A backward pass through all members of an ensemble at once: outputs together with gradients, in NumPy."""

from collections.abc import Callable

import numpy as np

from models.networks.backward import TapedStep, activation_step
from models.networks.network import Activate, Affine, blas_threads, every_row
from models.networks.stacked import (
    StackedDense,
    StackedLayer,
    StackedNetworks,
    by_member,
    product,
    stacked_layers,
)

Weigh = Callable[[np.ndarray], np.ndarray]
"""From the members' outputs (K, n) of a block to the derivatives (m, K, n) by them of m functions of them."""


class StackedTape:
    """An ensemble that answers with gradients, in memory of its own that is used again: one for each thread.

    Raises:
        ValueError: a layer has an activation whose derivative is not known.
    """

    def __init__(self, networks: StackedNetworks) -> None:
        n_block = networks.block_rows
        first, *later = stacked_layers(networks)
        assert isinstance(first, StackedDense)  # where the members have their inputs from
        self._inputs = np.empty((n_block, networks.n_inputs), dtype=np.float32)
        self._first = _FirstStep(first, n_block)
        self._steps = [_taped_step(layer, n_block) for layer in later]
        self._n_members = networks.n_members

    def run(
        self, n_rows: int, fill: Callable[[int, int, np.ndarray], None], weigh: Weigh, n_functions: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (K, n_rows) float32 outputs of every member, and gradients (m, n_rows, n_inputs) by the inputs.

        The outputs are those of `StackedNetworks.forward_blocks`, to the bit. One pass backward serves all functions:
        only at the first layer do the members come together, each with its weight.

        Args:
            n_rows: how many rows there are.
            fill: called as fill(start, stop, block) to write the inputs of rows start..stop into a float32 block.
            weigh: what each function makes of the outputs.
            n_functions: m, how many there are.
        """
        n_block, n_inputs = self._inputs.shape
        outputs = np.empty((self._n_members, n_rows), dtype=np.float32)
        gradients = np.empty((n_functions, n_rows, n_inputs), dtype=np.float32)
        with np.errstate(all="ignore"), blas_threads().limit(limits=1, user_api="blas"):
            for start in range(0, n_rows, n_block):
                stop = min(start + n_block, n_rows)
                x = self._inputs[: stop - start]
                fill(start, stop, x)
                x = self._first.forward(x)
                for step in self._steps:
                    x = step.forward(x)
                outputs[:, start:stop] = x.T
                weights = weigh(outputs[:, start:stop])
                x[...] = 1.0
                for step in reversed(self._steps):
                    x = step.backward(x)
                x = self._first.activated_backward(x)
                for number, weight in enumerate(weights):
                    gradients[number, start:stop] = self._first.together(x, weight)
        return outputs, gradients


class _FirstStep:
    """The first dense layer of all members: where their gradients come together again."""

    def __init__(self, layer: StackedDense, n_block: int) -> None:
        activated = _activated(layer, n_block)
        self.forward, self.activated_backward = activated.forward, activated.backward
        self._transposed = np.ascontiguousarray(layer.side_by_side.T)
        self._weighted = np.empty((n_block, layer.n_out), dtype=np.float32)
        self._n_members = len(layer.kernels)

    def together(self, g: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return (n, n_inputs) the sum over members of their gradients times weights (K, n)."""
        weighted = self._weighted[: len(g)]
        shape = (len(g), self._n_members, -1)
        np.multiply(g.reshape(shape), weight.T[:, :, None], out=weighted.reshape(shape), casting="same_kind")
        return weighted @ self._transposed


def _taped_step(layer: StackedLayer, n_block: int) -> TapedStep:
    """Return what a layer after the first does forward and backward to a block of at most n_block rows."""
    match layer:
        case StackedDense():
            return _dense_step(layer, n_block)
        case Affine(scale, shift):
            return TapedStep(
                lambda x: np.add(np.multiply(x, scale, out=x), shift, out=x), lambda g: np.multiply(g, scale, out=g)
            )
        case Activate(activation):
            return activation_step(activation)


def _dense_step(layer: StackedDense, n_block: int) -> TapedStep:
    """Return a dense layer and its way back through activation and kernels."""
    activated = _activated(layer, n_block)
    n_members, n_in, _ = layer.kernels.shape
    transposed = np.ascontiguousarray(layer.kernels.transpose(0, 2, 1))
    back = np.empty((n_block, n_members * n_in), dtype=np.float32)
    times = np.multiply if layer.kernels.shape[2] == 1 else np.matmul  # the same of one column, in less time

    def backward(g: np.ndarray) -> np.ndarray:
        g, out = activated.backward(g), back[: len(g)]
        times(by_member(g, n_members), transposed, out=by_member(out, n_members))
        return out

    return TapedStep(activated.forward, backward)


def _activated(layer: StackedDense, n_block: int) -> TapedStep:
    """Return activation(x @ kernel + bias), or the max(x @ kernel, -bias) that owes its bias; back to the sum."""
    multiply = product(layer, n_block)
    if not layer.is_owing:
        biases, activated = every_row(layer.bias, n_block), activation_step(layer.activation)

        def dense(x: np.ndarray) -> np.ndarray:
            x = multiply(x)
            return activated.forward(np.add(x, biases[: len(x)], out=x))

        return TapedStep(dense, activated.backward)
    least, noted = every_row(-layer.bias, n_block), [np.empty(0)]

    def compare(x: np.ndarray) -> np.ndarray:
        x = multiply(x)
        noted[0] = np.maximum(x, least[: len(x)], out=x)
        return x

    def backward(g: np.ndarray) -> np.ndarray:
        is_on = np.greater(noted[0], least[: len(g)], out=noted[0])
        return np.multiply(g, is_on, out=is_on)

    return TapedStep(compare, backward)
