"""Compiled training steps: the part of training that runs in TensorFlow, with all state passed explicitly."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from models.cards.settings import TrainingSettings
from models.keras.backend import load_backend

_DECAY_MEAN, _DECAY_SQUARE, _EPSILON = 0.9, 0.999, 1e-7
"""Adam's usual constants, as in Keras."""


@dataclass(frozen=True, slots=True)
class ValidationRows:
    """The rows of every member's loss after an epoch.

    Attributes:
        rows: (K, v) indices.
        weights: (K, v) float32 that add up to 1 for each member, 0 for what only fills up; None where all count alike.
    """

    rows: np.ndarray
    weights: np.ndarray | None


class State(NamedTuple):
    """All that changes from step to step, as tensors: flat weights, their average, Adam's two moments, the step.

    Flat weights are (K, P) for K members, (P,) for one alone.
    """

    weights: Any
    average: Any
    mean: Any
    square: Any
    step: Any


def shapes_of(widths: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The shapes of a chain's kernels and biases in turn: (n_in, n_out), (n_out,), ... by its widths."""
    return [shape for n_in, n_out in pairwise(widths) for shape in ((n_in, n_out), (n_out,))]


def compile_steps(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    validation: ValidationRows,
    widths: tuple[int, ...],
    settings: TrainingSettings,
) -> tuple[Callable[..., tuple[State, Any]], Callable[[Any], Any]]:
    """Functions (steps, loss_of): many training steps of all members, and their validation losses (K,) by flat weights.

    ``steps(state, batches)`` takes row indices (n_steps, K, batch_size) int32, one row of them a member and step, and
    returns the state and the losses, (K,), added up over the steps. All weights travel as one flat array, so that Adam
    is ten operations a step and not ten per layer.

    Several members are compiled by XLA, which makes batched products of this size twice to three times as fast. One
    alone is computed without the members' axis and without XLA, which gives its weights to the bit as they always were.
    """
    _, tf = load_backend()
    n_members = len(validation.rows)
    rates = _Rates(settings.learning_rate, settings.weight_decay, settings.averaging)
    make = _compiled if n_members > 1 else _compiled.__wrapped__
    compiled_steps, compiled_losses = make(widths, n_members, len(outcomes), rates)
    x, y = tf.constant(inputs), tf.constant(outcomes[:, None])
    rows = validation.rows if n_members > 1 else validation.rows[0]
    held = tf.gather(x, rows), tf.gather(y, rows)
    counted = None if validation.weights is None else tf.constant(validation.weights.reshape(held[1].shape))

    def steps(state: State, batches: np.ndarray) -> tuple[State, Any]:
        found: tuple[State, Any] = compiled_steps(state, batches, x, y)
        return found

    def loss_of(weights: Any) -> Any:
        return compiled_losses(weights, *held, counted)

    return steps, loss_of


class _Rates(NamedTuple):
    """What a step depends on beside rows and weights."""

    learning_rate: float
    weight_decay: float
    averaging: float


@lru_cache(maxsize=16)
def _compiled(widths: tuple[int, ...], n_members: int, n_rows: int, rates: _Rates) -> tuple[Any, Any]:
    """The functions (steps, losses) of a training; TensorFlow compiles them when they are first called with some shape.

    They are kept for the next training of the same shape: compiling takes as long as epochs. The number of rows is part
    of the key, so that a function is not made general by what was trained before.
    """
    _, tf = load_backend()

    def losses(weights: Any, x: Any, y: Any, counted: Any = None) -> Any:
        errors = tf.square(_outputs(tf, weights, widths, x) - y)
        if counted is None:
            return tf.reduce_mean(errors, axis=(-2, -1))
        return tf.reduce_sum(errors * counted, axis=(-2, -1))

    def steps(state: State, batches: Any, inputs: Any, outcomes: Any) -> tuple[State, Any]:
        total = tf.zeros(state.weights.shape[:-1])
        for i in tf.range(tf.shape(batches)[0]):
            batch = batches[i] if n_members > 1 else batches[i, 0]
            x, y = tf.gather(inputs, batch), tf.gather(outcomes, batch)
            with tf.GradientTape() as tape:
                tape.watch(state.weights)
                value = losses(state.weights, x, y)
            state = _adam(tf, state, tape.gradient(value, state.weights), rates)
            total += value
        return state, total

    is_compiled = True if n_members > 1 else None
    return (
        tf.function(steps, reduce_retracing=n_members == 1, jit_compile=is_compiled),
        tf.function(losses, jit_compile=is_compiled),
    )


def _outputs(tf: Any, weights: Any, widths: tuple[int, ...], x: Any) -> Any:
    """The outputs (K, B, 1) of inputs (K, B, p), or (B, 1) of (B, p) for one member alone."""
    shapes = shapes_of(widths)
    members = tuple(weights.shape[:-1])
    parts = tf.split(weights, [int(np.prod(shape)) for shape in shapes], axis=-1)
    arrays = [tf.reshape(part, (*members, *shape)) for part, shape in zip(parts, shapes, strict=True)]
    for kernel, bias in zip(arrays[::2], arrays[1::2], strict=True):
        x = tf.matmul(x, kernel)
        # bias_add is fused into the product, and is not what Keras takes for a single column.
        x = tf.nn.bias_add(x, bias) if not members and bias.shape[-1] > 1 else x + bias[..., None, :]
        if kernel is not arrays[-2]:
            x = tf.nn.relu(x)
    return x


def _adam(tf: Any, state: State, gradient: Any, rates: _Rates) -> State:
    """The state after one step of AdamW (Loshchilov and Hutter 2019) and of the weights' moving average."""
    step = state.step + 1.0
    # Moments and their bias corrections, folded into the rate, as in algorithm 1 of Kingma and Ba (2015) and section 2.
    mean = state.mean + (1 - _DECAY_MEAN) * (gradient - state.mean)
    square = state.square + (1 - _DECAY_SQUARE) * (tf.square(gradient) - state.square)
    rate = rates.learning_rate * tf.sqrt(1 - tf.pow(_DECAY_SQUARE, step)) / (1 - tf.pow(_DECAY_MEAN, step))
    # Decay is decoupled from the gradient: algorithm 2 of Loshchilov and Hutter (2019).
    weights = state.weights * (1 - rates.learning_rate * rates.weight_decay)
    weights = weights - rate * mean / (tf.sqrt(square) + _EPSILON)
    # Exponential moving average of the weights (Polyak and Juditsky 1992); over few of the first steps, or the random
    # start would linger.
    keep = tf.minimum(rates.averaging, step / (step + 9.0)) if rates.averaging else 0.0
    average = weights + keep * (state.average - weights)
    return State(weights, average, mean, square, step)


def first_state(weights: np.ndarray) -> State:
    """The state before the first step, by the members' first weights (K, P) float32."""
    _, tf = load_backend()
    flat = tf.constant(weights if len(weights) > 1 else weights[0])
    return State(flat, flat, tf.zeros_like(flat), tf.zeros_like(flat), tf.constant(0.0))
