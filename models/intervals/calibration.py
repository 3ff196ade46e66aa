"""How far a model errs, learned from rows that it never saw: random ones, and the best ones, as a search would find.

What a search does to a model is to pick where it errs. So it is replayed: the best rows are hidden, the model learns
from the others, what looks best to it among the hidden ones is picked, and what was measured there is told.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from models.cards.card import IntervalCard
from models.cards.settings import Family, ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import evenly, row_groups, split_for_stopping
from models.intervals.errors import ErrorModel, companion_cards
from models.networks.predictor import Predictor
from models.training.training import fit_folds

N_FOLDS = 5
N_REPLAYS = {Family.GAUSSIAN_PROCESS: 12}
"""On each side; refitting a Gaussian process takes a hundredth of what it takes to find its kernel."""
N_REPLAYS_OF_OTHERS = 5
HIDDEN = (0.05, 0.35)
"""The smallest and the largest share of the rows that a replay hides."""
MINIMUM_HELD_OUT = 3
"""With fewer rows than this held out, or a fifth of the rows left, a hold-out says nothing."""


class HoldOutKind(StrEnum):
    """What the rows that were held out have in common."""

    FOLD = "fold"
    ABOVE = "above"
    BELOW = "below"


class HoldOut(NamedTuple):
    """Which rows (n,) a model does not see, and what they have in common."""

    kind: HoldOutKind
    is_held_out: np.ndarray


def hold_outs(dataset: Dataset, n_replays: int, rng: np.random.Generator) -> list[HoldOut]:
    """The rows to hold out in turn; settings that were measured several times are held out as one."""
    groups = np.unique(row_groups(dataset), return_inverse=True)[1].reshape(-1)
    n_groups = int(groups.max()) + 1
    outcomes = np.bincount(groups, _without_sweep_effect(dataset)) / np.bincount(groups)
    folds = rng.permutation(n_groups) % N_FOLDS
    found = [HoldOut(HoldOutKind.FOLD, (folds == fold)[groups]) for fold in range(N_FOLDS)]
    for share in np.geomspace(*HIDDEN, n_replays):
        found.append(HoldOut(HoldOutKind.ABOVE, (outcomes > np.quantile(outcomes, 1 - share))[groups]))
        found.append(HoldOut(HoldOutKind.BELOW, (outcomes < np.quantile(outcomes, share))[groups]))
    return [each for each in found if _is_informative(each.is_held_out, dataset.y)]


def _is_informative(is_held_out: np.ndarray, y: np.ndarray) -> bool:
    """Whether enough rows are held out, and those left can be learned from."""
    n_left = int((~is_held_out).sum())
    return (
        int(is_held_out.sum()) >= MINIMUM_HELD_OUT
        and n_left >= max(10, len(y) // 5)
        and float(np.ptp(y[~is_held_out])) > 1e-9 * float(np.ptp(y))
    )


def _without_sweep_effect(dataset: Dataset) -> np.ndarray:
    """Outcomes (n,), less what rows at a like value of the sweep feature have on average.

    A mix is strong if it is strong for its age.
    """
    if dataset.sweep is None:
        return dataset.y
    values = dataset.X[:, dataset.index(dataset.sweep)]
    bins = np.searchsorted(np.unique(np.quantile(values, np.linspace(0, 1, 11)[1:-1])), values)
    usual = np.bincount(bins, dataset.y) / np.maximum(np.bincount(bins), 1)
    return dataset.y - usual[bins]


LEVEL = 0.9
"""Of the intervals whose coverage is checked."""

MAXIMUM_ROWS = 5_000
"""Of a larger table so many rows, evenly spaced, are held out and learned from."""

N_PICKED = 5
"""Hidden rows that a replay picks, as many as a run has results by default."""

MOST_TIMES = 4.0
"""Standard errors are multiplied by at most this much: a few picks may miss by accident."""
MOST_SURPRISE = 1.8
"""The same for the side on which nobody is harmed."""
_FEW_ROWS = 120
"""Squared errors of models of n rows are ``1 + 120 / n`` times as large as they say, for the kernel or the weights are
guesses as well: found at 40, 150 and 600 rows on the choosing half of `benchmarks.truth`."""

NORMAL = 1.645  # standard errors that 95 % of normal errors do not exceed on one side
_N_MEMBERS = 2
_N_SCORES = 200
_AT = (np.arange(_N_SCORES) + 0.5) / _N_SCORES
_LEAST = 1e-6


class Errors(NamedTuple):
    """Errors on rows that were held out, in standard deviations of the outcome.

    Attributes:
        errors: (n,) measured minus predicted.
        predicted: (n,) by the model that did not see the row.
        expected: (n,) standard errors of these.
    """

    errors: np.ndarray
    predicted: np.ndarray
    expected: np.ndarray


def calibrate(
    dataset: Dataset,
    encoding: Encoding,
    family: Family,
    settings: ModelSettings,
    *,
    like: Predictor | None = None,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> IntervalCard | None:
    """How far models trained like this one err on rows held out, or None after a stop or without enough rows.

    Models are trained anew without random fifths of the rows, and without those whose outcomes are highest or lowest.

    Args:
        like: the model itself, as `fit_folds` takes it.
        on_progress: called with the share done, 0 to 1.

    Raises:
        TrainingError: a training diverged.
    """
    part = dataset.taken(evenly(dataset.n_rows, MAXIMUM_ROWS))
    n_replays = N_REPLAYS.get(family, N_REPLAYS_OF_OTHERS)
    held = hold_outs(part, n_replays, np.random.default_rng([settings.seed, 6]))
    if {each.kind for each in held} < set(HoldOutKind):
        return None
    splits = [
        replace(
            split_for_stopping(part, np.flatnonzero(~each.is_held_out), settings.validation_share, settings.seed),
            test=np.flatnonzero(each.is_held_out),
        )
        for each in held
    ]
    if isinstance(settings, TrainingSettings):
        # Two members are enough to know what a model like this one predicts, and how far it is from sure.
        settings = replace(settings, n_members=min(settings.n_members, _N_MEMBERS), seed=settings.seed)
    cards = companion_cards(part, encoding, family, like)
    predictors = fit_folds(
        part,
        splits,
        family,
        settings,
        like=like,
        on_fold=lambda number: on_progress((number - 1) / len(splits)),
        should_stop=should_stop,
    )
    if len(predictors) < len(splits) or should_stop():
        return None
    errors: dict[HoldOutKind, list[Errors]] = {kind: [] for kind in HoldOutKind}
    for each, predictor in zip(held, predictors, strict=True):
        model = ErrorModel.of(predictor, encoding, cards, part.taken(np.flatnonzero(~each.is_held_out)))
        errors[each.kind].append(_errors(model, part.taken(np.flatnonzero(each.is_held_out))))
    return IntervalCard(companions=cards, n_rows=part.n_rows, **learned(errors))


def _errors(model: ErrorModel, hidden: Dataset) -> Errors:
    """How a model that did not see some rows errs on them."""
    predicted, expected = model.predict(hidden.X)
    mean, std = model.encoding.outcome_mean, model.encoding.outcome_std
    return Errors((hidden.y - predicted) / std, (predicted - mean) / std, expected / std)


def learned(errors: dict[HoldOutKind, list[Errors]]) -> dict[str, Any]:
    """What is learned from the errors of every kind of hold-out, as fields of an `IntervalCard`."""
    folds = Errors(*map(np.concatenate, zip(*errors[HoldOutKind.FOLD], strict=True)))
    # What the standard errors do not explain of the errors on random rows is noise.
    noise = float(np.sqrt(max(float(np.mean(folds.errors**2 - folds.expected**2)), _LEAST)))
    scores = np.abs(folds.errors) / np.hypot(folds.expected, noise)
    # Normalised conformity scores |y - f(x)| / sigma(x): their quantile times sigma(x) is the interval's half width
    # (Lei et al. 2018, section 5.2; Papadopoulos et al. 2008).
    quantiles = quantiles_of(scores)
    half = max(float(np.interp(LEVEL, _AT, quantiles)), NORMAL)
    few = float(np.sqrt(1 + _FEW_ROWS / len(folds.errors)))
    above, below = _times(errors[HoldOutKind.ABOVE], noise, 1.0), _times(errors[HoldOutKind.BELOW], noise, -1.0)
    return {
        "noise": noise,
        "scores": quantiles,
        "above": above[0] * few,
        "below": below[0] * few,
        "surprise_above": above[1],
        "surprise_below": below[1],
        "coverage": float(np.mean(scores <= half)),
        "level": LEVEL,
    }


def quantiles_of(scores: np.ndarray) -> tuple[float, ...]:
    """Increasing quantiles of scores, evenly spaced, as `IntervalCard.scores` has them."""
    return tuple(np.quantile(scores, _AT, method="higher").tolist())


def _times(replays: list[Errors], noise: float, sign: float) -> tuple[float, float]:
    """What standard errors are to be multiplied by, so that 95 % of what was picked is no worse than was to be feared.

    And so that 95 % is no better than was to be hoped for.

    Args:
        replays: one for each share of rows that was hidden.
        sign: 1 where high outcomes are sought, -1 for low ones.
    """
    missed = []
    for hidden in replays:
        picked = np.argsort(hidden.expected - sign * hidden.predicted, kind="stable")[:N_PICKED]
        missed.append(-sign * hidden.errors[picked] / np.hypot(hidden.expected[picked], noise))
    best, worst = np.quantile(np.concatenate(missed), (0.05, 0.95)) / NORMAL
    return float(np.clip(worst, 1.0, MOST_TIMES)), float(np.clip(-best, 1.0, MOST_SURPRISE))
