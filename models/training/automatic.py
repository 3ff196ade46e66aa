"""Training where nobody names a family: those that suit the table are compared on rows held out, and one is taken."""

import time
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from models.cards.card import FamilyScore, Leaderboard, TrainedModel
from models.cards.settings import (
    SETTINGS,
    AutomaticSettings,
    Family,
    ModelSettings,
    ProcessSettings,
)
from models.data.dataset import Dataset
from models.data.split import Split, check_dataset, evenly, row_groups, split_rows
from models.errors import TrainingError
from models.families.training import OnProgress, done_settings, fit_family, learned_rows
from models.networks.predictor import Predictor
from models.training.cross_validation import lighter, standard_error
from models.training.fitting import EpochRecord
from models.training.training import assign_folds, fit_folds, fold_splits, train

N_FOLDS = 5
ROWS_FOR_NETWORKS = 1_000
"""With fewer rows networks are not compared: loading TensorFlow alone takes longer than everything else."""
ROWS_LED_BY_NETWORKS = 2_000
"""With more rows than this the network leads: a Gaussian process sees no more of them."""
MAXIMUM_ROWS = 4_000
"""Of a larger table so many rows, evenly spaced, are compared on."""

ROWS_FOR_OWN_KERNELS = 100
"""With more rows the folds of a process take over the kernel of all rows, which then says little of those held out."""

_REPEATS = ((50, 4), (100, 3), (200, 2))
"""Up to so many rows the folds are dealt so many times, else once: where rows are few, dealing matters."""

_COMPARED = {
    Family.GAUSSIAN_PROCESS: 0.5,
    Family.QUADRATIC: 0.15,
    Family.BOOSTING: 1.5,
    Family.RANDOM_FOREST: 0.5,
    Family.MLP: 4.0,
}
"""Who is compared, and the seconds that it took for five folds of 200 to 1,000 rows: so the progress is shared."""
_FINAL_SECONDS = 0.5  # that training the one that is taken takes, by the same measure


class _CrossValidation(NamedTuple):
    """How a family predicts rows held out.

    Attributes:
        losses: (r, k) mean squared error of each fold of each repeat, as a share of the outcome's variance.
        like: the model of all rows, where the comparison took one.
    """

    family: Family
    settings: ModelSettings
    losses: np.ndarray
    seconds: float
    like: Predictor | None

    @property
    def r2(self) -> float:
        """The coefficient of determination of rows held out."""
        return 1 - float(self.losses.mean())

    @property
    def error(self) -> float:
        """The standard error of `r2`."""
        return standard_error(self.losses)

    def gain_over(self, other: "_CrossValidation") -> tuple[float, float]:
        """By how much R2 is above that of another family, and the standard error of that."""
        gains = other.losses - self.losses
        return float(gains.mean()), standard_error(gains)


def train_automatically(
    dataset: Dataset,
    asked: AutomaticSettings | None = None,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    on_progress: OnProgress | None = None,
    on_score: Callable[[FamilyScore], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrainedModel:
    """A model of the family that predicts held-out rows best, with the evidence for it in its card.

    All families are compared on the same folds of the rows that do not judge the model; replicates, and the points of
    a curve, stay together. The family that leads from the start, the Gaussian process or, above 2,000 rows, the
    network, is kept unless another one is better by more than one standard error of the paired differences between
    folds. A stop takes the best of those compared until then. Where folds leave nothing to learn from, the leading
    family is trained without a comparison.

    Args:
        dataset: as `train` takes it.
        on_epoch: called after every epoch of a network that was taken.
        on_progress: called with what is done now, in words, and the share done, 0 to 1.
        on_score: called with the score of each family as soon as it is known; its words are "", for who is taken is not
            known before all are.

    Raises:
        TrainingError: the dataset or the settings do not allow training.
    """
    asked, report, is_stopped = asked or AutomaticSettings(), on_progress or _silent, should_stop or (lambda: False)
    check_dataset(dataset)
    split = split_rows(dataset, seed=asked.seed, validation_share=asked.validation_share, test_share=asked.test_share)
    learned = learned_rows(split)
    rows = learned[evenly(len(learned), MAXIMUM_ROWS)]
    left_out, compared = families_left_out(dataset), list(families_compared(dataset))
    share_of_training = 1 - _FINAL_SECONDS / (_FINAL_SECONDS + sum(_COMPARED[family] for family in compared))
    try:
        found, failed = _compare(
            dataset,
            rows,
            compared,
            asked,
            lambda words, share: report(words, share * share_of_training),
            is_stopped,
            on_score or (lambda score: None),
        )
    except TrainingError:  # without some of the rows there is nothing to learn: with all of them there may be
        settings = SETTINGS[compared[0]](**_shared(asked))
        return train(dataset, settings, on_epoch=on_epoch, on_progress=on_progress, should_stop=should_stop)
    taken = _taken(found)
    label = taken.family.words.label
    report(f"{label} taken", share_of_training)
    model = train(
        dataset,
        taken.settings,
        like=taken.like if len(rows) == len(learned) else None,
        on_epoch=on_epoch,
        on_progress=lambda words, share: report(
            f"{label} taken; {words}", share_of_training + share * (1 - share_of_training)
        ),
        should_stop=should_stop,
    )
    report(f"{label} taken", 1.0)
    board = _leaderboard(len(rows), found, taken, left_out | failed)
    return replace(model, card=model.card.model_copy(update={"leaderboard": board}))


def _shared(asked: AutomaticSettings) -> dict[str, Any]:
    """The settings that every family has."""
    return {field.name: getattr(asked, field.name) for field in fields(asked)}


def _silent(words: str, share: float) -> None:
    """Say nothing."""


def families_left_out(dataset: Dataset) -> dict[Family, str]:
    """The families that are not compared on a table, and why, as a sentence each."""
    if len(dataset.features) > dataset.n_rows:
        why = "Not compared: with more features than rows only families that hold their weights back can be trusted."
        return dict.fromkeys((Family.BOOSTING, Family.RANDOM_FOREST, Family.MLP), why)
    if dataset.n_rows < ROWS_FOR_NETWORKS:
        why = (
            f"Not compared below {ROWS_FOR_NETWORKS:,} rows: it takes longer than all others together, and needs many "
            "rows to be better."
        )
        return {Family.MLP: why}
    return {}


def families_compared(dataset: Dataset) -> tuple[Family, ...]:
    """The families that are compared on a table, in the order in which they are."""
    left_out = families_left_out(dataset)
    compared = [family for family in _COMPARED if family not in left_out]
    if dataset.n_rows > ROWS_LED_BY_NETWORKS and Family.MLP in compared:
        compared.sort(key=lambda family: family is not Family.MLP)
    return tuple(compared)


def n_repeats_for(n_rows: int) -> int:
    """How many times rows are dealt into folds."""
    return next((repeats for most, repeats in _REPEATS if n_rows <= most), 1)


def _compare(
    dataset: Dataset,
    rows: np.ndarray,
    compared: list[Family],
    asked: AutomaticSettings,
    report: OnProgress,
    should_stop: Callable[[], bool],
    tell: Callable[[FamilyScore], None],
) -> tuple[list[_CrossValidation], dict[Family, str]]:
    """The cross-validations of some families, one after the other, and why there is none of others.

    There is at least that of the first family, even after a stop.

    Raises:
        TrainingError: the first family cannot be compared.
    """
    failed: dict[Family, str] = {}
    total, done, found, told = sum(_COMPARED[family] for family in compared), 0.0, list[_CrossValidation](), list[str]()
    deals = _deals(dataset, rows, asked)
    for family in compared:
        words = (
            f"{', '.join(told)}; now {family.words.name}" if told else f"comparing families, first {family.words.name}"
        )
        report(words, done / total)

        def note(share: float, words: str = words, done: float = done, cost: float = _COMPARED[family]) -> None:
            report(words, (done + share * cost) / total)

        settings, may_stop = SETTINGS[family](**_shared(asked)), should_stop if found else lambda: False
        try:
            result = _cross_validated(dataset, rows, deals, settings, note, may_stop)
        except TrainingError as error:
            if not found:
                raise
            failed[family] = f"Not compared: {error}"
            done += _COMPARED[family]
            continue
        if result is None:
            break
        found.append(result)
        tell(FamilyScore(family=family, r2=result.r2, error=result.error, seconds=result.seconds, words=""))
        done += _COMPARED[family]
        told.append(f"{family.words.name if told else family.words.label} R² {result.r2:.2f}")
        report(", ".join(told), done / total)
    return found, failed


def _deals(dataset: Dataset, rows: np.ndarray, asked: AutomaticSettings) -> list[list[Split]]:
    """Several times the same rows (indices) in folds, as the quality check deals them."""
    groups, deals = row_groups(dataset)[rows], []
    for repeat in range(n_repeats_for(len(rows))):
        fold_of = np.full(dataset.n_rows, -1)
        fold_of[rows] = assign_folds(groups, N_FOLDS, np.random.default_rng([asked.seed, 8, repeat]))
        deals.append(fold_splits(dataset, fold_of, asked.validation_share, asked.seed))
    return deals


def _cross_validated(
    dataset: Dataset,
    rows: np.ndarray,
    deals: list[list[Split]],
    settings: ModelSettings,
    report: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> _CrossValidation | None:
    """How a family predicts rows held out; None after a stop."""
    started, like = time.monotonic(), None
    family = next(family for family, kind in SETTINGS.items() if isinstance(settings, kind))
    if isinstance(settings, ProcessSettings):
        like = fit_family(dataset, settings, Split(rows, rows[:0], rows[:0]))
        # the scale of the outcome is a part of the model: folds, calibration and the model itself have one
        settings = done_settings(settings, like)
    n_folds = sum(len(splits) for splits in deals)

    def note_fold(before: int, number: int) -> None:
        report((before + number - 1) / n_folds)

    def note_epoch(repeat: int, record: EpochRecord) -> None:  # all folds of a network are trained as one
        report((repeat + record.epoch / getattr(settings, "epochs", record.epoch)) / len(deals))

    losses, variance = [], float(dataset.y[rows].var())
    for repeat, splits in enumerate(deals):
        predictors = fit_folds(
            dataset,
            splits,
            family,
            lighter(settings),
            like=like if len(rows) > ROWS_FOR_OWN_KERNELS else None,
            on_fold=partial(note_fold, repeat * len(splits)),
            on_epoch=partial(note_epoch, repeat),
            should_stop=should_stop,
        )
        if len(predictors) < len(splits) or should_stop():
            return None
        losses.append([_mean_square(dataset, split, each) for split, each in zip(splits, predictors, strict=True)])
    return _CrossValidation(family, settings, np.array(losses) / variance, time.monotonic() - started, like)


def _mean_square(dataset: Dataset, split: Split, predictor: Predictor) -> float:
    """The mean squared error of a fold's rows, predictions kept within the outcome's limits."""
    predicted = dataset.limits.clip(predictor.predict(dataset.X[split.test]))
    return float(np.mean((predicted - dataset.y[split.test]) ** 2))


def _taken(found: list[_CrossValidation]) -> _CrossValidation:
    """The leading family, or of those that are clearly better the best."""
    leading, *others = found
    better = [each for each in others if (gain := each.gain_over(leading))[0] > gain[1]]
    return max(better, key=lambda each: each.r2, default=leading)


def _leaderboard(
    n_rows: int, found: list[_CrossValidation], taken: _CrossValidation, left_out: dict[Family, str]
) -> Leaderboard:
    """The evidence: families by their R2, the one that was taken with the reason, then those left out."""
    ordered = sorted(found, key=lambda each: -each.r2)
    scores = [
        FamilyScore(
            family=each.family,
            r2=each.r2,
            error=each.error,
            seconds=each.seconds,
            words=_why_taken(found, taken) if each is taken else _why_not(each, taken),
        )
        for each in ordered
    ]
    known = {each.family for each in found} | set(left_out)
    stopped = {family: "Not compared: the training was stopped before." for family in _COMPARED if family not in known}
    scores += [FamilyScore(family=family, words=words) for family, words in (left_out | stopped).items()]
    return Leaderboard(scores=tuple(scores), n_rows=n_rows, n_folds=taken.losses.shape[1], n_repeats=len(taken.losses))


def _why_taken(found: list[_CrossValidation], taken: _CrossValidation) -> str:
    leading = found[0]
    if taken is leading:
        return "Taken: no other family is better by more than one standard error."
    gain, error = taken.gain_over(leading)
    return (
        f"Taken: its R² is {gain:.2g} above that of the {leading.family.words.name}, more than one standard "
        f"error ({error:.2g})."
    )


def _why_not(each: _CrossValidation, taken: _CrossValidation) -> str:
    gain, error = each.gain_over(taken)
    if gain <= 0:
        return f"Its R² is {-gain:.2g} below that of the {taken.family.words.name}."
    return f"Its R² is {gain:.2g} above, which may be chance: the standard error is {error:.2g}."
