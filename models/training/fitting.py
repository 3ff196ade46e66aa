"""The training loop: many steps per compiled call, where Keras spends its time between the steps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.cards.settings import TrainingSettings
from models.errors import TrainingError
from models.keras.backend import load_backend
from models.networks.ensemble import Ensemble
from models.networks.network import ACTIVATIONS, Dense, Network
from models.training.steps import State, ValidationRows, compile_steps, first_state, shapes_of

Ended = Literal["finished", "early", "stopped"]
"""All epochs done, no improvement for a while, or stopped by the user."""
MembersRows = np.ndarray | Sequence[np.ndarray]
"""Row indices for each member, (K, n) or K of (n_k,)."""
_NUMBERS_PER_CALL = 2e8
"""Weights times rows times steps of one compiled call: short enough to notice a stop within a second."""


def first_weights(widths: tuple[int, ...], seed: int, n_members: int) -> np.ndarray:
    """Flat weights (K, P) float32: Glorot's uniform kernels (Glorot and Bengio 2010), biases of 0.

    They depend on the seed and the member's number alone; Keras' global random state is left as it is.
    """
    return np.stack([_of_member(widths, seed, member) for member in range(n_members)])


def _of_member(widths: tuple[int, ...], seed: int, member: int) -> np.ndarray:
    keras, _ = load_backend()
    entropy = [seed, 1, member] if member else [seed, 1]
    seeds = iter(np.random.SeedSequence(entropy).generate_state(len(widths) - 1))

    def first(shape: tuple[int, ...]) -> np.ndarray:
        if len(shape) == 1:
            return np.zeros(shape, dtype=np.float32)
        return np.asarray(keras.initializers.GlorotUniform(seed=int(next(seeds)))(shape))

    return np.concatenate([first(shape).reshape(-1) for shape in shapes_of(widths)])


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

    @property
    def best_epoch(self) -> int:
        """Whose weights are kept; the median over the members."""
        return _middle(self.best_epochs)


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
    batch_size = _batch_size(rows.shape[1], settings)
    steps, loss_of = compile_steps(inputs, outcomes, _validation_rows(validation_rows), widths, settings)
    weights = first_weights(widths, settings.seed, len(rows))
    state, best = first_state(weights), _BestWeights(weights, settings)
    per_call = _steps_per_call(weights.size, batch_size)
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
    return _networks(first_weights(widths, settings.seed, n_members), widths)


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
            epoch, float(train[has_loss].mean()), float(validation[has_loss].mean()), _middle(self.epochs)
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


def _check_rows(
    train_rows: Sequence[np.ndarray] | np.ndarray, validation_rows: Sequence[np.ndarray] | np.ndarray
) -> None:
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


def _validation_rows(rows: MembersRows) -> ValidationRows:
    """Validation rows of equal number, what was filled up having no weight."""
    lengths = np.array(list(map(len, rows)))
    longest = int(lengths.max())
    filled = np.stack([np.resize(each, longest) for each in rows]).astype(np.int32)
    if (lengths == longest).all():
        return ValidationRows(filled, None)
    counts = np.arange(longest) < lengths[:, None]
    return ValidationRows(filled, (counts / lengths[:, None]).astype(np.float32))


def _batch_size(n_rows: int, settings: TrainingSettings) -> int:
    """Rows of a step: a small table would otherwise make a step or two per epoch."""
    return min(settings.batch_size, max(4, n_rows // 16), n_rows)


def _steps_per_call(n_weights: int, batch_size: int) -> int:
    return int(np.clip(_NUMBERS_PER_CALL / (n_weights * batch_size), 1, 1000))


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
    shapes = shapes_of(widths)
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    members = []
    for flat in weights:
        arrays = [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]
        pairs = list(zip(arrays[::2], arrays[1::2], strict=True))
        names = ["relu"] * (len(pairs) - 1) + ["linear"]
        layers = (Dense(*pair, ACTIVATIONS[name]) for pair, name in zip(pairs, names, strict=True))
        members.append(Network(widths[0], tuple(layers)))
    return Ensemble(tuple(members))


def _middle(epochs: np.ndarray) -> int:
    return int(np.sort(epochs)[(len(epochs) - 1) // 2])
