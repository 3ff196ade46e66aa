"""The training loop: many steps per compiled call, where Keras' own loop spends its time between the steps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.backend import load_backend
from models.settings import TrainingError, TrainingSettings
from models.steps import Samples, State, compile_steps, first_state

Ended = Literal["finished", "early", "stopped"]
"""All epochs done, no improvement for a while, or stopped by the user."""

_NUMBERS_PER_CALL = 2e8
"""Weights times rows times steps of one compiled call: short enough to notice a stop within a second."""


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """What one pass over the training rows did.

    Attributes:
        epoch: counted from 1.
        train_loss: mean squared error of the standardised outcome, mean over the steps.
        validation_loss: the same over the validation rows, of the weights that would be kept.
        best_epoch: with the smallest validation loss so far.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The end of a training.

    Attributes:
        records: one per epoch.
        best_epoch: whose weights the model now has.
        ended: "finished", "early" or "stopped".
    """

    records: tuple[EpochRecord, ...]
    best_epoch: int
    ended: Ended


def build_model(n_inputs: int, settings: TrainingSettings) -> Any:
    """Return an untrained Keras Sequential with the wanted hidden layers, ReLU, and one output.

    The first weights depend on the seed alone; Keras' global random state is left as it is.
    """
    keras, _ = load_backend()
    seeds = np.random.SeedSequence([settings.seed, 1]).generate_state(len(settings.widths) + 1)
    layers = [keras.Input((n_inputs,), name="inputs")]
    for i, width in enumerate((*settings.widths, 1)):
        is_last = i == len(settings.widths)
        layers.append(
            keras.layers.Dense(
                width,
                activation="linear" if is_last else "relu",
                kernel_initializer=keras.initializers.GlorotUniform(seed=int(seeds[i])),
                name="outcome" if is_last else f"hidden_{i + 1}",
            )
        )
    return keras.Sequential(layers, name="mlp")


def fit_model(
    model: Any,
    train: Samples,
    validation: Samples,
    settings: TrainingSettings,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Fit:
    """Return how the training of a Keras model went; the model ends with its best weights.

    Args:
        model: an ordinary Sequential of Dense layers; its weights are where training starts.
        train: rows that the weights are fitted to.
        validation: rows that decide which epoch was best.
        settings: epochs, batch size, learning rate, patience, weight decay, averaging, seed.
        on_epoch: called after every epoch.
        should_stop: asked several times a second; True ends the training with the best weights so far.

    Raises:
        TrainingError: the loss is not a finite number from the start.
    """
    steps, loss_of, unflatten = compile_steps(model, train, validation, settings)
    state = first_state(model)
    rng = np.random.default_rng([settings.seed, 2])
    n_rows = len(train.outcomes)
    batch_size = _batch_size(n_rows, settings)
    per_call = _steps_per_call(int(state.weights.shape[0]), batch_size)
    records: list[EpochRecord] = []
    best_loss, best_epoch, best_weights = np.inf, 0, None
    ended: Ended = "finished"
    for epoch in range(1, settings.epochs + 1):
        calls = _calls(n_rows, batch_size, per_call, rng)
        state, train_loss, is_stopped = _run_epoch(steps, state, calls, should_stop)
        validation_loss = float(loss_of(state.average))
        if not np.isfinite([train_loss, validation_loss]).all():
            ended = "early"
            break
        if validation_loss < best_loss or settings.patience is None:
            best_loss, best_epoch, best_weights = validation_loss, epoch, state.average
        records.append(EpochRecord(epoch, train_loss, validation_loss, best_epoch))
        if on_epoch is not None:
            on_epoch(records[-1])
        if is_stopped or (settings.patience is not None and epoch - best_epoch >= settings.patience):
            ended = "stopped" if is_stopped else "early"
            break
    if best_weights is None:
        raise TrainingError(
            f"Training diverged at once with learning rate {settings.learning_rate:g}: choose a smaller one."
        )
    model.set_weights([part.numpy() for part in unflatten(best_weights)])
    return Fit(tuple(records), best_epoch, ended)


def _run_epoch(
    steps: Callable[[State, np.ndarray], tuple[State, Any]],
    state: State,
    calls: Iterator[np.ndarray],
    should_stop: Callable[[], bool] | None,
) -> tuple[State, float, bool]:
    """Return the state after an epoch, its mean training loss, and whether the user stopped it underway."""
    total, n_steps = 0.0, 0
    for batches in calls:
        state, loss = steps(state, batches)
        total, n_steps = total + float(loss), n_steps + len(batches)
        if should_stop is not None and should_stop():
            return state, total / n_steps, True
    return state, total / n_steps, False


def _batch_size(n_rows: int, settings: TrainingSettings) -> int:
    """Return how many rows a step takes: a small table would otherwise make a step or two per epoch."""
    return min(settings.batch_size, max(4, n_rows // 16), n_rows)


def _steps_per_call(n_weights: int, batch_size: int) -> int:
    """Return how many steps one compiled call makes at most."""
    return int(np.clip(_NUMBERS_PER_CALL / (n_weights * batch_size), 1, 1000))


def _calls(n_rows: int, batch_size: int, per_call: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield one epoch's shuffled row indices, (steps, batch_size) int32 per compiled call.

    All batches have one size: the last one is filled up with the first rows of the shuffle.
    """
    order = rng.permutation(n_rows).astype(np.int32)
    n_steps = -(-n_rows // batch_size)
    batches = np.concatenate([order, order[: n_steps * batch_size - n_rows]]).reshape(n_steps, batch_size)
    for start in range(0, n_steps, per_call):
        yield batches[start : start + per_call]
