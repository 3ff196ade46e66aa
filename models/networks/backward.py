"""A backward pass through a chain of dense layers: outputs together with their gradients, in NumPy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.networks.activations import ACTIVATIONS, SLOPES, Activation
from models.networks.network import Activate, Affine, Dense, Network, Step, blas_threads, every_row, with_folded_biases


@dataclass(frozen=True, slots=True)
class TapedStep:
    """What a layer does to a block on its way forward, and to the gradients (n, n_out) on their way back."""

    forward: Step
    backward: Step


class Tape:
    """A network that answers with gradients, in memory of its own that is used again: one for each thread.

    Raises:
        ValueError: a layer has an activation whose derivative is not known.
    """

    def __init__(self, network: Network) -> None:
        n_block = network.block_rows
        self._inputs = np.empty((n_block, network.n_inputs), dtype=np.float32)
        self._steps = _taped_steps(network, n_block)

    def run(self, n_rows: int, fill: Callable[[int, int, np.ndarray], None]) -> tuple[np.ndarray, np.ndarray]:
        """Return (n_rows,) float32 outputs and their gradients (n_rows, n_inputs) by the inputs.

        The outputs are those of `Network.forward_blocks`, to the bit.

        Args:
            n_rows: how many rows there are.
            fill: called as fill(start, stop, block) to write the inputs of rows start..stop into a float32 block.
        """
        n_block, n_inputs = self._inputs.shape
        outputs = np.empty(n_rows, dtype=np.float32)
        gradients = np.empty((n_rows, n_inputs), dtype=np.float32)
        with np.errstate(all="ignore"), blas_threads().limit(limits=1, user_api="blas"):
            for start in range(0, n_rows, n_block):
                stop = min(start + n_block, n_rows)
                x = self._inputs[: stop - start]
                fill(start, stop, x)
                for step in self._steps:
                    x = step.forward(x)
                outputs[start:stop] = x[:, 0]
                x[...] = 1.0
                for step in reversed(self._steps):
                    x = step.backward(x)
                gradients[start:stop] = x
        return outputs, gradients


def _taped_steps(network: Network, n_block: int) -> list[TapedStep]:
    """Return what the layers do forward and backward to a block of at most n_block rows."""
    steps = []
    for layer, bias, is_owing in with_folded_biases(network.layers):
        match layer:
            case Dense():
                steps.append((_comparing_step if is_owing else _dense_step)(layer, bias, n_block))
            case Affine(scale, shift):
                steps.append(_affine_step(scale, shift))
            case Activate(activation):
                steps.append(activation_step(activation))
    return steps


def _comparing_step(layer: Dense, bias: np.ndarray, n_block: int) -> TapedStep:
    """Return max(x @ kernel, -bias), a relu layer that owes its bias, and its way back."""
    kernel, transposed = layer.kernel, np.ascontiguousarray(layer.kernel.T)
    buffer = np.empty((n_block, kernel.shape[1]), dtype=np.float32)
    back = np.empty((n_block, kernel.shape[0]), dtype=np.float32)
    least = every_row(-bias, n_block)

    def forward(x: np.ndarray) -> np.ndarray:
        n = len(x)
        x = np.matmul(x, kernel, out=buffer[:n])
        return np.maximum(x, least[:n], out=x)

    def backward(g: np.ndarray) -> np.ndarray:
        n = len(g)
        is_on = np.greater(buffer[:n], least[:n], out=buffer[:n])
        np.multiply(g, is_on, out=is_on)
        return np.matmul(is_on, transposed, out=back[:n])

    return TapedStep(forward, backward)


def _dense_step(layer: Dense, bias: np.ndarray, n_block: int) -> TapedStep:
    """Return activation(x @ kernel + bias) and its way back."""
    kernel, transposed = layer.kernel, np.ascontiguousarray(layer.kernel.T)
    buffer = np.empty((n_block, kernel.shape[1]), dtype=np.float32)
    back = np.empty((n_block, kernel.shape[0]), dtype=np.float32)
    biases = every_row(bias, n_block)
    activated = activation_step(layer.activation)

    def forward(x: np.ndarray) -> np.ndarray:
        n = len(x)
        x = np.matmul(x, kernel, out=buffer[:n])
        np.add(x, biases[:n], out=x)
        return activated.forward(x)

    times = np.multiply if kernel.shape[1] == 1 else np.matmul  # the same of one column, in a third of the time

    def backward(g: np.ndarray) -> np.ndarray:
        return times(activated.backward(g), transposed, out=back[: len(g)])

    return TapedStep(forward, backward)


def _affine_step(scale: np.ndarray, shift: np.ndarray) -> TapedStep:
    """Return x * scale + shift and its way back."""

    def forward(x: np.ndarray) -> np.ndarray:
        np.multiply(x, scale, out=x)
        return np.add(x, shift, out=x)

    def backward(g: np.ndarray) -> np.ndarray:
        return np.multiply(g, scale, out=g)

    return TapedStep(forward, backward)


def activation_step(activation: Activation) -> TapedStep:
    """Return an activation, which notes how steep it is on the way forward, and its way back."""
    if activation not in SLOPES:
        known = [name for name, each in ACTIVATIONS.items() if each in SLOPES]
        raise ValueError(f"The derivative of an activation is not known; those of {', '.join(known)} are.")
    if activation is ACTIVATIONS["linear"]:
        return TapedStep(lambda x: x, lambda g: g)
    slope = SLOPES[activation]
    noted = [np.empty(0)]

    def forward(x: np.ndarray) -> np.ndarray:
        noted[0] = slope(x)
        activation(x)
        return x

    def backward(g: np.ndarray) -> np.ndarray:
        return np.multiply(g, noted[0], out=g)

    return TapedStep(forward, backward)
