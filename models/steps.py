"""Compiled training steps: the part of training that runs in TensorFlow, with all state passed explicitly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from models.backend import load_backend
from models.settings import TrainingSettings

_DECAY_MEAN, _DECAY_SQUARE, _EPSILON = 0.9, 0.999, 1e-7
"""Adam's usual constants, as in Keras."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Standardised rows: inputs (n, p) float32 and outcomes (n,) float32."""

    inputs: np.ndarray
    outcomes: np.ndarray


class State(NamedTuple):
    """All that changes from step to step, as tensors: flat weights, their average, Adam's two moments, the step."""

    weights: Any
    average: Any
    mean: Any
    square: Any
    step: Any


def compile_steps(
    model: Any,
    train: Samples,
    validation: Samples,
    settings: TrainingSettings,
) -> tuple[Callable[..., tuple[State, Any]], Callable[[Any], Any], Callable[[Any], list[Any]]]:
    """Return (steps, loss_of, unflatten): many training steps, the validation loss, and flat weights as arrays.

    All weights travel as one flat vector, so that Adam is ten operations a step and not ten per layer.
    """
    _, tf = load_backend()
    shapes = [tuple(variable.shape) for variable in model.trainable_variables]
    sizes = [int(np.prod(shape)) for shape in shapes]
    inputs, outcomes = tf.constant(train.inputs), tf.constant(train.outcomes[:, None])
    held_inputs, held_outcomes = tf.constant(validation.inputs), tf.constant(validation.outcomes[:, None])

    def unflatten(weights: Any) -> list[Any]:
        return [tf.reshape(part, shape) for part, shape in zip(tf.split(weights, sizes), shapes, strict=True)]

    def loss(weights: Any, x: Any, y: Any) -> Any:
        predicted, _ = model.stateless_call(unflatten(weights), [], x)
        return tf.reduce_mean(tf.square(predicted - y))

    def steps(state: State, batches: Any) -> tuple[State, Any]:
        total = tf.constant(0.0)
        for i in tf.range(tf.shape(batches)[0]):
            x, y = tf.gather(inputs, batches[i]), tf.gather(outcomes, batches[i])
            with tf.GradientTape() as tape:
                tape.watch(state.weights)
                value = loss(state.weights, x, y)
            state = _adam(tf, state, tape.gradient(value, state.weights), settings)
            total += value
        return state, total

    def loss_of(weights: Any) -> Any:
        return loss(weights, held_inputs, held_outcomes)

    return tf.function(steps, reduce_retracing=True), tf.function(loss_of), unflatten


def _adam(tf: Any, state: State, gradient: Any, settings: TrainingSettings) -> State:
    """Return the state after one step of AdamW (Loshchilov and Hutter 2019) and of the weights' moving average."""
    step = state.step + 1.0
    mean = state.mean + (1 - _DECAY_MEAN) * (gradient - state.mean)
    square = state.square + (1 - _DECAY_SQUARE) * (tf.square(gradient) - state.square)
    rate = settings.learning_rate * tf.sqrt(1 - tf.pow(_DECAY_SQUARE, step)) / (1 - tf.pow(_DECAY_MEAN, step))
    weights = state.weights * (1 - settings.learning_rate * settings.weight_decay)
    weights = weights - rate * mean / (tf.sqrt(square) + _EPSILON)
    # The first steps are averaged over few, or the random start would linger.
    keep = tf.minimum(settings.averaging, step / (step + 9.0)) if settings.averaging else 0.0
    average = weights + keep * (state.average - weights)
    return State(weights, average, mean, square, step)


def first_state(model: Any) -> State:
    """Return the state before the first step."""
    _, tf = load_backend()
    flat = tf.concat([tf.reshape(variable.value, [-1]) for variable in model.trainable_variables], axis=0)
    return State(flat, flat, tf.zeros_like(flat), tf.zeros_like(flat), tf.constant(0.0))
