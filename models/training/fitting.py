"""The training loop: many steps per compiled call, where Keras spends its time between the steps.

The compiled steps are what runs in TensorFlow, with all state passed explicitly.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from models.cards.settings import TrainingSettings
from models.errors import TrainingError
from models.keras.backend import load_backend
from models.networks.ensemble import Ensemble
from models.networks.network import LINEAR, RELU, Dense, Network

Ended = Literal["finished", "early", "stopped"]
"""All epochs done, no improvement for a while, or stopped by the user."""
MembersRows = np.ndarray | Sequence[np.ndarray]
"""Row indices for each member, (K, n) or K of (n_k,)."""
_NUMBERS_PER_CALL = 2e8
"""Weights times rows times steps of one compiled call: short enough to notice a stop within a second."""
_DECAY_MEAN, _DECAY_SQUARE, _EPSILON = 0.9, 0.999, 1e-7
"""Adam's usual constants, as in Keras."""


class State(NamedTuple):
    """All that changes from step to step, as tensors: flat weights, their average, Adam's two moments, the step.

    Flat weights are (K, P) for K members, (P,) for one alone.
    """

    weights: Any
    average: Any
    mean: Any
    square: Any
    step: Any


def _first_weights(widths: tuple[int, ...], seed: int, n_members: int) -> np.ndarray:
    """Flat weights (K, P) float32: Glorot's uniform kernels (Glorot and Bengio 2010), biases of 0.

    They depend on the seed and the member's number alone; Keras' global random state is left as it is.
    """
    keras, _ = load_backend()
    flat = []
    for member in range(n_members):
        entropy = [seed, 1, member] if member else [seed, 1]
        seeds = np.random.SeedSequence(entropy).generate_state(len(widths) - 1)
        for shape, one in zip(pairwise(widths), seeds, strict=True):
            kernel = np.asarray(keras.initializers.GlorotUniform(seed=int(one))(shape))
            flat += [kernel.reshape(-1), np.zeros(shape[1], dtype=np.float32)]
    return np.concatenate(flat).reshape(n_members, -1)


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """What one pass over the training rows did.

    Of several members trained together, losses are means over those that were still training.

    Attributes:
        epoch: counted from 1.
        train_loss: mean squared error of the standardised outcome, mean over the steps.
        validation_loss: the same over the validation rows, of the weights that would be kept.
        best_epoch: with the smallest validation loss so far; of several members the median.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The end of a training.

    Attributes:
        networks: the members, each with the weights of its own best epoch.
        best_epochs: (K,) whose weights each member has.
    """

    networks: Ensemble
    best_epochs: np.ndarray
    records: tuple[EpochRecord, ...]
    ended: Ended


def fit_members(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    train_rows: MembersRows,
    validation_rows: MembersRows,
    settings: TrainingSettings,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Fit:
    """K MLPs trained together, each on rows of its own; five cost less than twice the time of one.

    Members differ in their first weights and in their rows. Each keeps the weights of its own best epoch, and leaves
    off where it has not improved for the patience; training ends when the last one does. The same arguments give the
    same weights.

    Args:
        inputs: (n, p) encoded rows.
        outcomes: (n,) standardised outcomes.
        train_rows: for each member the indices (n_k,) of the rows that it is fitted to; K of them, however many
            `settings.n_members` says. Where some have fewer rows than others, theirs are filled up by resampling.
        validation_rows: for each member the indices (v_k,) of the rows that decide which epoch was its best.
        settings: widths, epochs, batch size, learning rate, patience, weight decay, averaging, seed.
        should_stop: asked several times a second; True ends the training with the best weights so far.

    Raises:
        TrainingError: the loss of a member is not a finite number from the start.
        ValueError: the two have not one entry for each member, or one of these is empty.
    """
    _check_rows(train_rows, validation_rows)
    inputs, outcomes = np.asarray(inputs, dtype=np.float32), np.asarray(outcomes, dtype=np.float32)
    widths = (inputs.shape[1], *settings.widths, 1)
    rng = np.random.default_rng([settings.seed, 2])
    rows = _of_equal_length(train_rows, np.random.default_rng([settings.seed, 3]))
    n_rows = rows.shape[1]
    batch_size = min(settings.batch_size, max(4, n_rows // 16), n_rows)  # a small table would else make a step or two
    steps, loss_of = _compile_steps(inputs, outcomes, *_validation_rows(validation_rows), widths, settings)
    weights = _first_weights(widths, settings.seed, len(rows))
    state, best = _first_state(weights), _BestWeights(weights, settings)
    per_call = int(np.clip(_NUMBERS_PER_CALL / (weights.size * batch_size), 1, 1000))
    records: list[EpochRecord] = []
    ended: Ended = "finished"
    for epoch in range(1, settings.epochs + 1):
        state, train_loss, is_stopped = _run_epoch(steps, state, _calls(rows, batch_size, per_call, rng), should_stop)
        shown = best.note(epoch, train_loss, np.atleast_1d(loss_of(state.average)), state)
        if shown is not None:
            records.append(shown)
            if on_epoch is not None:
                on_epoch(shown)
        if is_stopped or not best.is_training.any():
            ended = "stopped" if is_stopped and shown is not None else "early"
            break
    best.check_all_found()
    return Fit(_networks(best.weights, widths), best.epochs, tuple(records), ended)


def first_networks(n_inputs: int, settings: TrainingSettings, n_members: int) -> Ensemble:
    """The networks that a training starts from."""
    widths = (n_inputs, *settings.widths, 1)
    return _networks(_first_weights(widths, settings.seed, n_members), widths)


class _BestWeights:
    """What each member's best epoch was so far, and whether the member still trains."""

    def __init__(self, weights: np.ndarray, settings: TrainingSettings) -> None:
        n_members = len(weights)
        self.weights = weights.copy()
        self.losses = np.full(n_members, np.inf)
        self.epochs = np.zeros(n_members, dtype=int)
        self.is_training = np.ones(n_members, dtype=bool)
        self._settings = settings

    def note(self, epoch: int, train: np.ndarray, validation: np.ndarray, state: State) -> EpochRecord | None:
        """Take in an epoch's losses (K,), and return its record, or None where every loss is beyond all numbers."""
        patience = self._settings.patience
        self.is_training &= np.isfinite(train) & np.isfinite(validation)
        has_loss = self.is_training.copy()
        if not has_loss.any():
            return None
        is_better = has_loss & ((validation < self.losses) | (patience is None))
        if is_better.any():
            self.weights[is_better] = np.reshape(state.average.numpy(), self.weights.shape)[is_better]
            self.losses[is_better], self.epochs[is_better] = validation[is_better], epoch
        if patience is not None:
            self.is_training &= epoch - self.epochs < patience
        return EpochRecord(
            epoch, float(train[has_loss].mean()), float(validation[has_loss].mean()), middle(self.epochs)
        )

    def check_all_found(self) -> None:
        """Raise TrainingError where a member never had a finite loss."""
        if not self.epochs.all():
            rate = self._settings.learning_rate
            raise TrainingError(f"Training diverged at once with learning rate {rate:g}: choose a smaller one.")


def _run_epoch(
    steps: Callable[[State, np.ndarray], tuple[State, Any]],
    state: State,
    calls: Iterator[np.ndarray],
    should_stop: Callable[[], bool] | None,
) -> tuple[State, np.ndarray, bool]:
    """The state after an epoch, the mean training losses (K,), and whether the user stopped it underway."""
    total, n_steps = np.zeros(1), 0
    for batches in calls:
        state, losses = steps(state, batches)
        total, n_steps = total + np.atleast_1d(losses).astype(float), n_steps + len(batches)
        if should_stop is not None and should_stop():
            return state, total / n_steps, True
    return state, total / n_steps, False


def _check_rows(train_rows: MembersRows, validation_rows: MembersRows) -> None:
    """Raise ValueError unless every member has rows of both kinds."""
    if not 0 < len(train_rows) == len(validation_rows):
        raise ValueError(
            f"Expected training and validation rows for every member; got {len(train_rows)} and {len(validation_rows)}."
        )
    if any(len(rows) == 0 for rows in (*train_rows, *validation_rows)):
        raise ValueError("Every member needs at least one row to train on and one to be measured on; one has none.")


def _of_equal_length(rows: MembersRows, rng: np.random.Generator) -> np.ndarray:
    """Indices (K, n), those of members with fewer rows filled up by resampling their own."""
    longest = max(map(len, rows))
    return np.stack([np.concatenate([each, rng.choice(each, longest - len(each))]) for each in rows]).astype(np.int32)


def _validation_rows(rows: MembersRows) -> tuple[np.ndarray, np.ndarray | None]:
    """Indices (K, v), and weights (K, v) that add up to 1 a member, 0 for what fills up; None where all count alike."""
    lengths = np.array(list(map(len, rows)))
    longest = int(lengths.max())
    filled = np.stack([np.resize(each, longest) for each in rows]).astype(np.int32)
    if (lengths == longest).all():
        return filled, None
    counts = np.arange(longest) < lengths[:, None]
    return filled, (counts / lengths[:, None]).astype(np.float32)


def _calls(rows: np.ndarray, batch_size: int, per_call: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield one epoch's shuffled rows of all members, (steps, K, batch_size) int32 per compiled call.

    All batches have one size: the last one is filled up with the first rows of the shuffle.
    """
    n_members, n_rows = rows.shape
    n_steps = -(-n_rows // batch_size)
    order = np.stack([each[rng.permutation(n_rows)] for each in rows])
    order = np.concatenate([order, order[:, : n_steps * batch_size - n_rows]], axis=1)
    batches = order.reshape(n_members, n_steps, batch_size).transpose(1, 0, 2)
    for start in range(0, n_steps, per_call):
        yield batches[start : start + per_call]


def _networks(weights: np.ndarray, widths: tuple[int, ...]) -> Ensemble:
    """The members whose flat weights (K, P) these are: ReLU layers, and a linear last one."""
    shapes = _shapes_of(widths)
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    members = []
    for flat in weights:
        arrays = [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]
        activations = [RELU] * (len(widths) - 2) + [LINEAR]
        layers = (Dense(*each) for each in zip(arrays[::2], arrays[1::2], activations, strict=True))
        members.append(Network(widths[0], tuple(layers)))
    return Ensemble(tuple(members))


def middle(epochs: np.ndarray) -> int:
    """The median over the members; the lower one of two."""
    return int(np.sort(epochs)[(len(epochs) - 1) // 2])


def _shapes_of(widths: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The shapes of a chain's kernels and biases in turn: (n_in, n_out), (n_out,), ... by its widths."""
    return [shape for n_in, n_out in pairwise(widths) for shape in ((n_in, n_out), (n_out,))]


def _compile_steps(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    validation_rows: np.ndarray,
    validation_weights: np.ndarray | None,
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
    n_members = len(validation_rows)
    rates = _Rates(settings.learning_rate, settings.weight_decay, settings.averaging)
    make = _compiled if n_members > 1 else _compiled.__wrapped__
    compiled_steps, compiled_losses = make(widths, n_members, len(outcomes), rates)
    x, y = tf.constant(inputs), tf.constant(outcomes[:, None])
    rows = validation_rows if n_members > 1 else validation_rows[0]
    held = tf.gather(x, rows), tf.gather(y, rows)
    counted = None if validation_weights is None else tf.constant(validation_weights.reshape(held[1].shape))

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
    shapes = _shapes_of(widths)
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


def _first_state(weights: np.ndarray) -> State:
    """The state before the first step, by the members' first weights (K, P) float32."""
    _, tf = load_backend()
    flat = tf.constant(weights if len(weights) > 1 else weights[0])
    return State(flat, flat, tf.zeros_like(flat), tf.zeros_like(flat), tf.constant(0.0))
