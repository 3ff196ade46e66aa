"""A quality check from specification to verdict: the same for the page's worker and for the command line."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from models import Column, Dataset, DatasetError, EpochRecord, ModelCard, Predictor, TrainingSettings, score
from models.cards.settings import Family
from models.data.split import keeps_batches, row_groups
from models.quality import Finding, find_regions, shuffling_costs
from models.training.cross_validation import N_REPEATS, SMALL, CrossValidation, is_small
from models.training.training import assign_folds, fit_folds, fold_splits
from services.catalog.loading import Catalog, ModelWithData
from services.problems.estimate import left_words
from services.studies.quality.drift import find_drift
from services.studies.quality.report import (
    CoverageInfo,
    Figure,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
    advice_of,
    place_of,
    prediction_advice,
    verdict_of,
)

_NUMBERS_PER_SECOND = 3e9  # weights times rows that training passes through, on one core
_SECONDS_TO_COMPILE = 3.0
_SECONDS_PER_FOLD = {
    Family.RANDOM_FOREST: 0.6,
    Family.BOOSTING: 0.6,
    Family.GAUSSIAN_PROCESS: 1.5,
    Family.QUADRATIC: 0.2,
}
_SECONDS_PER_THOUSAND_ROWS = {
    Family.RANDOM_FOREST: 0.6,
    Family.BOOSTING: 0.6,
    Family.GAUSSIAN_PROCESS: 0.5,
    Family.QUADRATIC: 0.2,
}
_SECONDS_PER_SMALL_FOLD = {
    Family.RANDOM_FOREST: 0.15,
    Family.BOOSTING: 0.15,
    Family.GAUSSIAN_PROCESS: 0.03,
    Family.QUADRATIC: 0.01,
}
"""Of tables that are dealt several times."""
_SECONDS_TO_JUDGE = 1.0

_NO_VERDICT = Verdict(grade=Grade.USELESS, headline="", sentences=())


@dataclass(frozen=True, slots=True)
class _Folds:
    """Rows and what predicts them: predictor i those whose fold is i; of a small table the rows dealt anew as well."""

    dataset: Dataset
    predictors: list[Predictor]
    fold_of: np.ndarray
    is_held_out: bool
    again: tuple["_Folds", ...] = ()

    def parts(self) -> list[tuple[Predictor, np.ndarray]]:
        return [(predictor, np.flatnonzero(self.fold_of == i)) for i, predictor in enumerate(self.predictors)]


def run_quality(
    spec: QualitySpec,
    catalog: Catalog,
    *,
    on_progress: Callable[[str], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> QualityResult | None:
    """How good a model is on rows that it never saw, or None where it was stopped before that is known.

    ``on_progress`` is called with what is being done, in words for the user.

    Raises:
        DatasetError: table or model are gone or do not fit, or the model gives no number for a row.
        TrainingError: the table is too small to hold rows out.
    """
    started = time.monotonic()
    model_data = catalog.pair(catalog.dataset(spec.dataset), spec.model).loaded()
    card = catalog.saved_model(spec.model).card if spec.model.kind == "saved" else None
    folds = _folds(spec, model_data, card, on_progress, should_stop)
    if should_stop():
        return None
    on_progress("Asking for rows that were held out" if folds.is_held_out else "Asking for the recorded rows")
    predicted = _predictions(folds)
    on_progress("Shuffling features")
    rng = np.random.default_rng([spec.seed, 2])
    importance = _importance(folds, spec.n_repeats, rng)
    on_progress("Looking where it errs")
    dataset = folds.dataset
    groups = row_groups(dataset)
    result = QualityResult(
        spec=spec,
        is_held_out=folds.is_held_out,
        outcome_name=dataset.outcome.name,
        outcome_unit=dataset.outcome.unit,
        grouped_by=dataset.sweep if len(np.unique(groups)) < dataset.n_rows else None,
        n_groups=len(np.unique(groups)),
        batches=dataset.group if keeps_batches(dataset) else None,
        drift=find_drift(dataset, predicted),
        **_figures(folds, predicted),
        measured=tuple(dataset.y.tolist()),
        predicted=tuple(predicted.tolist()),
        fold_of=tuple((folds.fold_of + 1).tolist()),
        importance=importance,
        findings=_findings(dataset, predicted, groups, rng),
        coverage=_coverage(folds, model_data, spec.level),
        verdict=_NO_VERDICT,
        seconds=0,
    )
    verdict = verdict_of(result, baseline=float(dataset.y.std()))
    return result.model_copy(update={"verdict": verdict, "seconds": time.monotonic() - started})


def _folds(
    spec: QualitySpec,
    model_data: ModelWithData,
    card: ModelCard | None,
    on_progress: Callable[[str], None],
    should_stop: Callable[[], bool],
) -> _Folds:
    """The models of all folds, or the model itself where it cannot be trained anew."""
    dataset = model_data.dataset
    if card is None or card.settings is None:
        return _Folds(dataset, [model_data.predictor], np.zeros(dataset.n_rows, dtype=int), is_held_out=False)
    if dataset.sweep is None and card.sweep in dataset.feature_names:
        dataset = replace(dataset, sweep=card.sweep)
    # where rows are few, dealing them matters: the figures are of several deals, all else is of the first
    groups, n_deals = row_groups(dataset), N_REPEATS if is_small(dataset) else 1
    seeds = [[spec.seed, 1], *([spec.seed, 1, deal] for deal in range(1, n_deals))]
    deals = [assign_folds(groups, spec.n_folds, np.random.default_rng(seed)) for seed in seeds]
    splits = [
        split
        for fold_of in deals
        for split in fold_splits(dataset, fold_of, card.settings.validation_share, card.settings.seed)
    ]
    at_once = f"Training {len(splits)} times, each without one part of the rows"

    began_at = time.monotonic()

    def note(words: str, share: float, before: str) -> None:
        left = left_words(share, time.monotonic() - began_at)
        on_progress(words + (before + left if left else ""))

    def note_epoch(record: EpochRecord) -> None:
        n_epochs = getattr(card.settings, "epochs", record.epoch)
        note(f"{at_once}: epoch {record.epoch:,}", record.epoch / n_epochs, ", at most ")

    def note_fold(fold: int) -> None:
        note(f"Training without part {fold} of {len(splits)}", (fold - 1) / len(splits), ", ")

    on_progress(at_once)
    predictors = fit_folds(
        *(dataset, splits, card.family, card.settings), on_epoch=note_epoch, on_fold=note_fold, should_stop=should_stop
    )
    n = len(splits) // n_deals
    first, *again = (
        _Folds(dataset, predictors[deal * n : (deal + 1) * n], fold_of, is_held_out=True)
        for deal, fold_of in enumerate(deals)
    )
    return replace(first, again=tuple(again))


def _predictions(folds: _Folds) -> np.ndarray:
    """(n,) the prediction of every row by the model of its fold."""
    predicted = np.empty(folds.dataset.n_rows)
    for predictor, rows in folds.parts():
        predicted[rows] = predictor.predict(folds.dataset.X[rows])
    n_lacking = int((~np.isfinite(predicted)).sum())
    if n_lacking:
        raise DatasetError(
            f"The model gives no number for {n_lacking:,} of {len(predicted):,} recorded rows, so it cannot be judged: "
            "train it anew, or choose another one."
        )
    return folds.dataset.limits.clip(predicted)


def _figures(folds: _Folds, predicted: np.ndarray) -> dict[str, Any]:
    """R2, RMSE and MAE over all rows with their spread over folds, and those of each fold, by their names.

    Of rows that were dealt several times, with their standard errors.
    """
    measured = folds.dataset.y
    own = [
        FoldFigures(n_rows=len(rows), r2=each.r2, rmse=each.rmse, mae=each.mae)
        for _, rows in folds.parts()
        for each in [score(measured[rows], predicted[rows])]
    ]
    figures: dict[str, Any] = {"folds": tuple(own)}
    if folds.again:
        deals = [folds, *folds.again]
        all_predicted = np.stack([predicted, *(_predictions(deal) for deal in folds.again)])
        found = CrossValidation.of(np.stack([deal.fold_of for deal in deals]), all_predicted, measured)
        for name in ("r2", "rmse", "mae"):
            estimate = getattr(found, name)
            figures[name] = Figure(value=estimate.value, spread=None, error=estimate.error)
        return figures | {"n_deals": len(deals)}
    for name in ("r2", "rmse", "mae"):
        spread = float(np.std([getattr(each, name) for each in own], ddof=1)) if len(own) > 1 else None
        figures[name] = Figure(value=getattr(score(measured, predicted), name), spread=spread)
    return figures


def _coverage(folds: _Folds, model_data: ModelWithData, level: float) -> CoverageInfo | None:
    """How often the interval that the model states holds what was measured, or None where it states none.

    Of rows held out, the interval is that of the model of their fold, which is calibrated as the checked one is.
    """
    dataset = folds.dataset
    if model_data.confidence is None:
        return None
    lows, highs = np.empty(dataset.n_rows), np.empty(dataset.n_rows)
    for predictor, rows in folds.parts():
        confidence = model_data.confidence
        if folds.is_held_out:
            known = dataset.taken(np.setdiff1d(np.arange(dataset.n_rows), rows))
            confidence = replace(confidence, predictor=predictor, dataset=known)
        _, lows[rows], highs[rows] = confidence.predict_interval(dataset.X[rows], level)
    share = float(((dataset.y >= lows) & (dataset.y <= highs)).mean())
    return CoverageInfo(level=level, share=share, low=tuple(lows.tolist()), high=tuple(highs.tolist()))


def _importance(folds: _Folds, n_repeats: int, rng: np.random.Generator) -> tuple[ImportanceInfo, ...]:
    """What shuffling each feature costs: mean and spread over folds and repeats."""
    X, y = folds.dataset.X, folds.dataset.y
    costs = np.concatenate([shuffling_costs(each.predict, X[at], y[at], n_repeats, rng) for each, at in folds.parts()])
    figures = zip(folds.dataset.feature_names, costs.mean(axis=0), costs.std(axis=0), strict=True)
    return tuple(ImportanceInfo(feature=name, cost=float(mean), spread=float(std)) for name, mean, std in figures)


def _findings(
    dataset: Dataset, predicted: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> tuple[FindingInfo, ...]:
    """Where the model errs, by its features and by the prediction itself, in words."""
    kinds = [*(column.is_categorical for column in dataset.features), False]
    found = find_regions(predicted - dataset.y, np.column_stack([dataset.X, predicted]), groups, kinds, rng)
    return tuple(_finding_info(finding, dataset) for finding in found)


def _finding_info(finding: Finding, dataset: Dataset) -> FindingInfo:
    is_prediction = finding.region.feature == len(dataset.features)
    unit = dataset.outcome.unit
    column = Column("predictions", unit=unit) if is_prediction else dataset.features[finding.region.feature]
    advice = prediction_advice(finding, unit) if is_prediction else advice_of(finding, column, dataset.n_rows)
    return FindingInfo(
        kind=finding.kind,
        feature=None if is_prediction else column.name,
        low=finding.region.low,
        high=finding.region.high,
        place=place_of(finding, column),
        n_rows=finding.n_rows,
        inside=finding.inside,
        outside=finding.outside,
        bias=finding.bias,
        chance=finding.chance,
        advice=advice,
    )


def estimate_seconds(spec: QualitySpec, card: ModelCard | None, n_rows: int) -> float:
    """Roughly the seconds that a check takes with a warm worker."""
    if card is None or card.settings is None:
        return _SECONDS_TO_JUDGE
    if not isinstance(card.settings, TrainingSettings):
        per_fold = _SECONDS_PER_FOLD[card.family] + _SECONDS_PER_THOUSAND_ROWS[card.family] * n_rows / 1_000
        if n_rows < SMALL:
            return _SECONDS_TO_JUDGE + N_REPEATS * spec.n_folds * _SECONDS_PER_SMALL_FOLD[card.family]
        return _SECONDS_TO_JUDGE + spec.n_folds * per_fold
    settings = card.settings
    n_weights = sum((a + 1) * b for a, b in pairwise((card.encoding.n_inputs, *settings.widths, 1)))
    n_epochs = len(card.history.train_loss) if card.history else settings.epochs
    passed = float(n_weights) * n_rows * n_epochs * settings.n_members * spec.n_folds
    return _SECONDS_TO_JUDGE + _SECONDS_TO_COMPILE + passed / _NUMBERS_PER_SECOND
