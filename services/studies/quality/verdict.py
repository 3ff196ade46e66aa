"""What the figures of a quality check mean, in plain words, and what to do."""

from itertools import pairwise

import numpy as np

from models import ModelCard, TrainingSettings
from models.cards.families import Family
from models.quality import FindingKind
from optimizer.constraints.constraint import listed
from services.studies.quality.spec import (
    CoverageInfo,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
)
from services.studies.quality.texts import amount

GOOD, FAIR, WEAK = 0.8, 0.5, 0.2
"""Least R2 of each grade."""

MAXIMUM_NAMED = 2
"""Findings of each kind that the verdict names; the others are in the list."""

_ADVICE = {
    Grade.GOOD: "That is good enough to search with.",
    Grade.FAIR: "It knows the main effects: search with it, and take results as suggestions to try out.",
    Grade.WEAK: "It knows the coarse trend only: record more rows or features that matter before you rely on a search.",
    Grade.USELESS: "A search with it would follow chance: add features that matter, check the table, or try another "
    "family of models.",
}
_SMALL = 0.03  # of the outcome's standard deviation: the verdict does not name smaller errors
_UNEVEN = 0.1  # R2 that differs more from fold to fold
_OFF = 0.05  # share of rows by which an interval may miss its level
_UNUSED = 0.01  # of the RMSE: what a feature costs at most that is not used


_NUMBERS_PER_SECOND = 3e9  # weights times rows that training passes through, on one core
_SECONDS_TO_COMPILE = 3.0
_SECONDS_PER_FOLD = {Family.RANDOM_FOREST: 0.6, Family.BOOSTING: 0.6, Family.GAUSSIAN_PROCESS: 4.0}
_SECONDS_PER_THOUSAND_ROWS = {Family.RANDOM_FOREST: 0.6, Family.BOOSTING: 0.6, Family.GAUSSIAN_PROCESS: 0.5}
_SECONDS_TO_JUDGE = 1.0


def verdict_of(result: QualityResult, baseline: float) -> Verdict:
    """What a check's figures mean.

    Args:
        result: the figures; its own verdict is not looked at.
        baseline: standard deviation of the measured outcomes.
    """
    worst = _worst(result.findings, _SMALL * baseline)
    sentences = [
        _error_sentence(result, baseline),
        *(finding_sentence(finding, result, is_first=i == 0) for i, finding in enumerate(worst)),
        *([] if worst else [_even_sentence(result, _SMALL * baseline)]),
        _fold_sentence(result.folds) if result.is_held_out else "",
        _coverage_sentence(result.coverage),
        _importance_sentence(result.importance, result.rmse.value, result.outcome_unit),
        "" if result.is_held_out else _flattering_sentence(),
    ]
    grade = grade_of(result.r2.value)
    return Verdict(grade=grade, headline=_headline(result, grade), sentences=tuple(filter(None, sentences)))


def grade_of(r2: float) -> Grade:
    """How far a model with this R2 on rows that it never saw can be trusted."""
    limits = ((GOOD, Grade.GOOD), (FAIR, Grade.FAIR), (WEAK, Grade.WEAK))
    return next((grade for least, grade in limits if r2 >= least), Grade.USELESS)


def finding_sentence(finding: FindingInfo, result: QualityResult, *, is_first: bool = True) -> str:
    """Where a model errs, how much, how many rows there are, and what to do."""
    unit, n = result.outcome_unit, f"{finding.n_rows:,} rows"
    direction = "high" if finding.bias > 0 else "low"
    by = amount(abs(finding.bias), unit)
    if finding.kind is FindingKind.BIAS:
        words = f"At {finding.place}, where there are {n}, it predicts too {direction}, by {by} on average."
    else:
        begin = "It errs most at" if is_first else "It errs more than elsewhere at"
        words = (
            f"{begin} {finding.place}, where there are {n}: by {amount(finding.inside, unit)} on average, against "
            f"{amount(finding.outside, unit)} elsewhere"
        )
        words += f", and mostly too {direction} (by {by})." if abs(finding.bias) > 0.5 * finding.inside else "."
    return f"{words} {finding.advice}"


def _headline(result: QualityResult, grade: Grade) -> str:
    r2, name = result.r2, result.outcome_name
    if r2.value <= 0:
        return f"The model predicts {name} no better than its mean would. {_ADVICE[grade]}"
    spread = f" (± {100 * r2.spread:.2g} % from part to part)" if r2.spread is not None else ""
    rows = "in rows that it had not seen" if result.is_held_out else "in the recorded rows"
    return f"The model explains {share_words(r2.value)} of the variation in {name} {rows}{spread}. {_ADVICE[grade]}"


def share_words(share: float) -> str:
    """A share in percent; near to all of it with the digits that tell it from all."""
    if share >= 0.9999:
        return "all but 0.01 %"
    digits = 0 if share < 0.985 else 1 if share < 0.9985 else 2
    return f"{100 * share:.{digits}f} %"


def _error_sentence(result: QualityResult, baseline: float) -> str:
    unit = result.outcome_unit
    share = 100 * result.mae.value / baseline
    return (
        f"Its predictions are off by {amount(result.mae.value, unit)} on average, {share:.2g} % of the outcome's "
        f"standard deviation ({amount(baseline, unit)})."
    )


def _worst(findings: tuple[FindingInfo, ...], least: float) -> list[FindingInfo]:
    """The worst findings of each kind whose mean error (or bias) is at least so large."""
    sizes = {FindingKind.ERROR: lambda each: each.inside, FindingKind.BIAS: lambda each: abs(each.bias)}
    return [
        finding
        for kind, size in sizes.items()
        for finding in [each for each in findings if each.kind is kind and size(each) >= least][:MAXIMUM_NAMED]
    ]


def _even_sentence(result: QualityResult, small: float) -> str:
    if result.findings:
        return (
            f"Even where it errs more than elsewhere, listed below, its errors are less than "
            f"{amount(small, result.outcome_unit)} on average."
        )
    return (
        f"There is no range of a feature, and no category, where it errs markedly more than elsewhere: what differs "
        f"among the {len(result.measured):,} rows may be chance."
    )


def _fold_sentence(folds: tuple[FoldFigures, ...]) -> str:
    scores = [fold.r2 for fold in folds]
    if np.std(scores) <= _UNEVEN:
        return ""
    return (
        f"Which rows it learns from matters much: R² goes from {min(scores):.2f} to {max(scores):.2f} between parts of "
        "the table. Record more rows to know better."
    )


def _coverage_sentence(coverage: CoverageInfo | None) -> str:
    if coverage is None:
        return ""
    level, share = f"{100 * coverage.level:.0f} %", f"{100 * coverage.share:.0f} %"
    words = f"Its {level} interval held the measured outcome in {share} of the rows"
    if coverage.share < coverage.level - _OFF:
        return f"{words}: it promises too much. Take a higher level, or train the model anew."
    if coverage.share > coverage.level + _OFF:
        return f"{words}: it is wider than it had to be, on the safe side."
    return f"{words}, as it should."


def _importance_sentence(importance: tuple[ImportanceInfo, ...], rmse: float, unit: str) -> str:
    ranked = sorted(importance, key=lambda each: -each.cost)
    used = [each for each in ranked if is_used(each, rmse)]
    if not used:
        return "It makes no use of any feature."
    names = listed([each.feature for each in used[:3]])
    words = (
        f"It leans most on {names}: with {used[0].feature} shuffled, its RMSE grows by {amount(used[0].cost, unit)}."
    )
    unused = [each.feature for each in ranked if not is_used(each, rmse)]
    if unused:
        verb, them = ("does", "it") if len(unused) == 1 else ("do", "them")
        words += f" {listed(unused)} {verb} nothing for it: training without {them} would lose nothing."
    return words


def is_used(importance: ImportanceInfo, rmse: float) -> bool:
    """Whether shuffling a feature harms the predictions at all."""
    return importance.cost > _UNUSED * rmse


def _flattering_sentence() -> str:
    return (
        "It was not trained here, so it cannot be trained anew without some of the rows: these figures are of recorded "
        "rows that it may have learned from, and flatter it."
    )


def estimate_seconds(spec: QualitySpec, card: ModelCard | None, n_rows: int) -> float:
    """Roughly the seconds that a check takes with a warm worker.

    Args:
        spec: what is asked for.
        card: of the model; None where there is none.
        n_rows: recorded rows.
    """
    if card is None or card.settings is None:
        return _SECONDS_TO_JUDGE
    if not isinstance(card.settings, TrainingSettings):
        per_fold = _SECONDS_PER_FOLD[card.family] + _SECONDS_PER_THOUSAND_ROWS[card.family] * n_rows / 1_000
        return _SECONDS_TO_JUDGE + spec.n_folds * per_fold
    settings = card.settings
    n_weights = sum((a + 1) * b for a, b in pairwise((card.encoding.n_inputs, *settings.widths, 1)))
    n_epochs = len(card.history.train_loss) if card.history else settings.epochs
    passed = float(n_weights) * n_rows * n_epochs * settings.n_members * spec.n_folds
    return _SECONDS_TO_JUDGE + _SECONDS_TO_COMPILE + passed / _NUMBERS_PER_SECOND
