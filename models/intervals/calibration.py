"""How far a model errs, learned from rows that it never saw: random ones, whole regions, and extreme outcomes.

Random rows never leave the recorded cloud, so errors on them do not cover where a search goes. It goes beyond the
best that was recorded: models that never saw the best rows show how such predictions err.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from models.cards.card import ErrorCard, IntervalCard, beyond
from models.cards.settings import Family, ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import evenly, row_groups, split_for_stopping
from models.intervals.nearness import NearbyOutcomes, Nearness
from models.networks.predictor import Predictor, UncertainPredictor
from models.training.training import fit_folds

N_FOLDS = 5
N_REGIONS = 5
TAIL_SHARES = (0.1, 0.2, 0.35, 0.5)
MINIMUM_HELD_OUT = 3
"""With fewer rows than this held out, or a fifth of the rows left, a hold-out says nothing."""


class HoldOutKind(StrEnum):
    """What the rows that were held out have in common."""

    FOLD = "fold"
    REGION = "region"
    ABOVE = "above"
    BELOW = "below"


class HoldOut(NamedTuple):
    """Which rows (n,) a model does not see, and what they have in common."""

    kind: HoldOutKind
    is_held_out: np.ndarray


def hold_outs(dataset: Dataset, encoding: Encoding, rng: np.random.Generator) -> list[HoldOut]:
    """The rows to hold out in turn; settings that were measured several times are held out as one."""
    groups = np.unique(row_groups(dataset), return_inverse=True)[1].reshape(-1)
    n_groups = int(groups.max()) + 1
    settings = np.zeros((n_groups, encoding.n_inputs))
    np.add.at(settings, groups, encoding.encode(dataset.X).astype(float))
    settings /= np.bincount(groups)[:, None]
    outcomes = np.bincount(groups, _without_sweep_effect(dataset)) / np.bincount(groups)
    folds = rng.permutation(n_groups) % N_FOLDS
    regions = _regions(settings, N_REGIONS, rng)
    found = [HoldOut(HoldOutKind.FOLD, (folds == fold)[groups]) for fold in range(N_FOLDS)]
    found += [HoldOut(HoldOutKind.REGION, (regions == region)[groups]) for region in range(N_REGIONS)]
    for share in TAIL_SHARES:
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


def _regions(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    from scipy.cluster.vq import kmeans2  # takes a while to import, and only calibration needs it

    different = len(np.unique(points, axis=0))
    return kmeans2(points, min(n, different), minit="++", rng=rng, missing="warn")[1]


LEVEL = 0.9
"""Of the intervals whose coverage is checked."""

MAXIMUM_ROWS = 5_000
"""Of a larger table so many rows, evenly spaced, are held out and learned from."""

EXTREME = 0.1
"""Share of the rows with the highest, or the lowest, predictions."""

_N_MEMBERS = 2
_N_SCORES = 200
_N_STEPS = 10
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors on rows that were held out; outcomes, errors and spreads in standard deviations of the outcome.

    Attributes:
        errors: (n,) measured minus predicted.
        predicted: (n,) by the model that did not see the row.
        spread: (n,) of the model that did not see the row.
        distance: (n,) to the rows that it saw.
        outside: (n,) how far outside of what was measured nearby the prediction lies, 0 to 1 (`NearbyOutcomes`).
    """

    errors: np.ndarray
    predicted: np.ndarray
    spread: np.ndarray
    distance: np.ndarray
    outside: np.ndarray

    @classmethod
    def joined(cls, several: Sequence["Errors"]) -> "Errors":
        """The errors of several hold-outs."""
        return cls(*(np.concatenate([getattr(one, field.name) for one in several]) for field in fields(cls)))


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

    Models are trained anew without random fifths of the rows, without whole regions, and without those whose outcomes
    are highest or lowest. Expected squared errors are fitted as a sum of three parts, none negative, by iterated
    weighted least squares; scores are those of split conformal prediction (Lei et al. 2018) with errors divided by
    the expected ones.

    Args:
        like: the model itself, as `fit_folds` takes it.
        on_progress: called with the share done, 0 to 1.

    Raises:
        TrainingError: a training diverged.
    """
    part = dataset.taken(evenly(dataset.n_rows, MAXIMUM_ROWS))
    held = hold_outs(part, encoding, np.random.default_rng([settings.seed, 6]))
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
        errors[each.kind].append(_errors(part, encoding, each.is_held_out, predictor))
    return interval_card(errors)


def interval_card(errors: dict[HoldOutKind, list[Errors]]) -> IntervalCard:
    """What is learned from the errors of every kind of hold-out."""
    folds = Errors.joined(errors[HoldOutKind.FOLD])
    usual = float(np.median(folds.distance))
    among = _among(Errors.joined(errors[HoldOutKind.FOLD] + errors[HoldOutKind.REGION]), usual)
    low, high = np.quantile(folds.predicted, [EXTREME, 1 - EXTREME])
    above = _beyond(errors[HoldOutKind.ABOVE], folds, folds.predicted >= high, usual)
    below = _beyond(errors[HoldOutKind.BELOW], folds, folds.predicted <= low, usual)
    either = above if above.distance > below.distance else below
    half = np.maximum(
        among.factor(LEVEL) * among.expected(folds.spread, folds.distance),
        folds.outside * either.factor(LEVEL) * either.expected(folds.spread, folds.distance),
    )
    return IntervalCard(
        among=among,
        above=above,
        below=below,
        coverage=float(np.mean(np.abs(folds.errors) <= half)),
        level=LEVEL,
        n_rows=len(folds.errors),
    )


def _errors(dataset: Dataset, encoding: Encoding, out: np.ndarray, predictor: Predictor) -> Errors:
    """How a model that did not see some rows errs on them."""
    seen = ~out
    spread = np.zeros(int(out.sum()))
    if isinstance(predictor, UncertainPredictor):
        predicted, spread = predictor.predict_with_spread(dataset.X[out])
    else:
        predicted = predictor.predict(dataset.X[out])
    left_out = () if dataset.sweep is None else (dataset.index(dataset.sweep),)
    nearness = Nearness(encoding, dataset.X[seen], left_out)
    nearby = NearbyOutcomes(encoding, dataset.X[seen], dataset.y[seen])
    return Errors(
        (dataset.y[out] - predicted) / encoding.outcome_std,
        (predicted - encoding.outcome_mean) / encoding.outcome_std,
        spread / encoding.outcome_std,
        nearness.distance(dataset.X[out]),
        nearby.outside(dataset.X[out], predicted),
    )


def _among(errors: Errors, usual: float) -> ErrorCard:
    """The expected errors of random rows and of regions: squares fitted, each by its own size."""
    from scipy.optimize import nnls

    columns = np.stack([np.ones(len(errors.errors)), errors.spread**2, beyond(errors.distance, usual)], axis=1)
    squares = errors.errors**2
    # Iterated weighted least squares: squared errors vary with the square of their expectation, so that each residual
    # is divided by what the last step expected.
    parts = nnls(columns, squares)[0]
    for _ in range(_N_STEPS):
        weights = 1 / (columns @ parts + _LEAST)
        parts = nnls(columns * weights[:, None], squares * weights)[0]
    constant, spread, distance = (float(part) for part in parts)
    return _scored(ErrorCard(constant=max(constant, _LEAST), spread=spread, distance=distance, usual=usual), errors)


def _beyond(tails: Sequence[Errors], folds: Errors, is_extreme: np.ndarray, usual: float) -> ErrorCard:
    """The expected errors beyond the recorded outcomes: what exceeds the usual error grows with distance.

    Of the tails that were held out, small and large ones, that counts on which errors grew fastest: which of them is
    like the way that a search takes is unknown beforehand. Hardly farther from the rows than usual, errors are at
    least what distance as a whole would have them. Spread is no help there: members that saw the same rows go astray
    together.

    Args:
        tails: one for each share of rows that was held out.
        folds: errors on random rows.
        is_extreme: which of these have the most extreme predictions: the usual error is theirs, or that of all rows
            if that is larger.
    """
    constant = max(float(np.mean(folds.errors**2)), float(np.mean(folds.errors[is_extreme] ** 2)), _LEAST)
    far, near = ([_growth(tail, constant, least) for tail in tails] for least in (usual, 0.0))
    plain = ErrorCard(constant=constant, spread=0.0, distance=max(far), usual=usual)
    scored = _scored(plain, tails[int(np.argmax(far))])
    return scored.model_copy(update={"near": max(near)})


def _growth(tail: Errors, constant: float, usual: float) -> float:
    """What squared errors gain per squared distance beyond the usual one, on average over a tail."""
    excess = np.maximum(tail.errors**2 - constant, 0.0).sum()
    return float(excess / max(float(beyond(tail.distance, usual).sum()), _LEAST))


def _scored(plain: ErrorCard, errors: Errors) -> ErrorCard:
    """A card with the quantiles of the errors, divided by the expected ones."""
    scores = np.abs(errors.errors) / plain.expected(errors.spread, errors.distance)
    # Normalised conformity scores |y - f(x)| / sigma(x): their quantile times sigma(x) is the interval's half width
    # (Lei et al. 2018, section 5.2; Papadopoulos et al. 2008).
    at = (np.arange(_N_SCORES) + 0.5) / _N_SCORES
    return plain.model_copy(update={"scores": tuple(np.quantile(scores, at, method="higher").tolist())})
