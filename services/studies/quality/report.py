"""The documents of a quality check, and what they mean and what to do, in plain words, as tables and lines."""

import math
from enum import StrEnum

import numpy as np
import pandas as pd
from pydantic import Field

from models import Column
from models.quality import Finding, FindingKind, Region
from optimizer.constraints.constraint import listed
from services.specs.base import Spec
from services.specs.digits import label
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.drift import DriftInfo

GOOD, FAIR, WEAK = 0.8, 0.5, 0.2
"""Least R2 of each grade."""

MAXIMUM_NAMED = 2
"""Findings of each kind that the verdict names; the others are in the list."""

ENOUGH_ROWS = 100
"""With so many rows in a region, and a tenth of all, more of the same will hardly help."""
_MAXIMUM_CHARACTERS = 6
_SMALL = 0.03  # of the outcome's standard deviation: the verdict does not name smaller errors
_UNEVEN = 0.1  # R2 that differs more from fold to fold
_OFF = 0.05  # share of rows by which an interval may miss its level
_UNUSED = 0.01  # of the RMSE: what a feature costs at most that is not used


class QualitySpec(Spec):
    """Which model is checked on which table.

    Attributes:
        model: the model; it is trained anew, in the same way, without the rows that it predicts.
        n_folds: parts that are held out in turn.
        n_repeats: shuffles per feature and fold, for the importance.
        level: of the intervals that are looked at.
        seed: of folds and shuffles.
    """

    version: int = 1
    dataset: DatasetRef
    model: ModelRef
    n_folds: int = Field(default=5, ge=2, le=20)
    n_repeats: int = Field(default=5, ge=1, le=50)
    level: float = Field(default=0.9, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)

    @property
    def key(self) -> str:
        """What the run store keeps the check under: table and model by their digests."""
        return f"{self.dataset.digest} {self.model.kind} {self.model.name} {self.model.digest}"[:200]


class FoldFigures(Spec):
    """Agreement on the rows of one fold while they were held out; RMSE and MAE in the outcome's unit."""

    n_rows: int
    r2: float
    rmse: float
    mae: float


class Figure(Spec):
    """A figure over all rows, and its standard deviation from fold to fold; None with one part only.

    Attributes:
        error: standard error of the value, where the rows were dealt several times; its parts are too small to compare.
    """

    value: float
    spread: float | None
    error: float | None = None

    @property
    def uncertainty(self) -> float | None:
        """What stands after ±: the standard error, else the spread from part to part."""
        return self.spread if self.error is None else self.error


class ImportanceInfo(Spec):
    """By how much the RMSE grows when a feature is shuffled: mean and standard deviation, outcome's unit."""

    feature: str
    cost: float
    spread: float


class FindingInfo(Spec):
    """A region where the model errs.

    Attributes:
        feature: whose values bound it; None for the prediction itself.
        low: smallest value of the feature (or prediction) there, a category's code.
        high: largest value there.
        inside: mean absolute error there, outcome's unit.
        outside: mean absolute error of the other rows.
        bias: mean of predicted minus measured there.
        chance: how often chance alone makes a region as odd.
        advice: what to do, in a sentence.
    """

    kind: FindingKind
    feature: str | None
    low: float
    high: float
    place: str
    n_rows: int
    inside: float
    outside: float
    bias: float
    chance: float
    advice: str


class CoverageInfo(Spec):
    """How many measured outcomes lay within the stated interval.

    Attributes:
        level: share that should.
        share: share that did.
        low: of the rows' intervals around their held-out predictions.
        high: the same.
    """

    level: float
    share: float
    low: tuple[float, ...]
    high: tuple[float, ...]


class Grade(StrEnum):
    """How far a model can be trusted, over all rows."""

    GOOD = "good"
    FAIR = "fair"
    WEAK = "weak"
    USELESS = "useless"


class Verdict(Spec):
    """What the figures mean, in plain words.

    Attributes:
        sentences: what follows from the figures, each with what to do.
    """

    grade: Grade
    headline: str
    sentences: tuple[str, ...]


class QualityResult(Spec):
    """How good a model is.

    Attributes:
        is_held_out: whether every row was predicted by a model that had not seen it; else by the model itself.
        outcome_unit: of predictions, RMSE and MAE.
        grouped_by: the sweep feature whose rows stayed together; None where rows were dealt one by one.
        batches: the label whose equal values stayed together; None where none did.
        drift: along the order in which the rows were made; None where there is no order, or no drift worth a word.
        folds: figures of each fold of the first deal; one for all rows where nothing was held out.
        n_deals: how often the rows were dealt into parts; figures over all rows are means over the deals.
        measured: of every row, in the table's order.
        predicted: of every row, while it was held out.
        fold_of: the fold of every row, counted from 1.
        coverage: of the stated interval; None where the model states none.
    """

    version: int = 1
    spec: QualitySpec
    is_held_out: bool
    outcome_name: str
    outcome_unit: str
    grouped_by: str | None
    n_groups: int
    batches: str | None = None
    drift: DriftInfo | None = None
    folds: tuple[FoldFigures, ...]
    n_deals: int = 1
    r2: Figure
    rmse: Figure
    mae: Figure
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    fold_of: tuple[int, ...]
    importance: tuple[ImportanceInfo, ...]
    findings: tuple[FindingInfo, ...]
    coverage: CoverageInfo | None = None
    verdict: Verdict
    seconds: float


_ADVICE = {
    Grade.GOOD: "That is good enough to search with.",
    Grade.FAIR: "It knows the main effects: search with it, and take results as suggestions to try out.",
    Grade.WEAK: "It knows the coarse trend only: record more rows or features that matter before you rely on a search.",
    Grade.USELESS: "A search with it would follow chance: add features that matter, check the table, or try another "
    "family of models.",
}


def verdict_of(result: QualityResult, baseline: float) -> Verdict:
    """What a check's figures mean.

    Args:
        result: the figures; its own verdict is not looked at.
        baseline: standard deviation of the measured outcomes.
    """
    unit, small, mae = result.outcome_unit, _SMALL * baseline, result.mae.value
    worst = _worst(result.findings, small)
    sentences = [
        f"Its predictions are off by {amount(mae, unit)} on average, {100 * mae / baseline:.2g} % of the outcome's "
        f"standard deviation ({amount(baseline, unit)})."
    ]
    sentences += [finding_sentence(finding, result, is_first=i == 0) for i, finding in enumerate(worst)]
    if not worst and result.findings:
        sentences.append(
            "Even where it errs more than elsewhere, listed below, its errors are less than "
            f"{amount(small, unit)} on average."
        )
    elif not worst:
        sentences.append(
            "There is no range of a feature, and no category, where it errs markedly more than elsewhere: what differs "
            f"among the {len(result.measured):,} rows may be chance."
        )
    scores = [fold.r2 for fold in result.folds]
    if result.r2.error is not None:
        if result.r2.error > _UNEVEN:
            sentences.append(
                f"So few rows tell R² to no more than ± {result.r2.error:.2f} (one standard error). Record more rows "
                "to know better."
            )
    elif result.is_held_out and np.std(scores) > _UNEVEN:
        sentences.append(
            f"Which rows it learns from matters much: R² goes from {min(scores):.2f} to {max(scores):.2f} between "
            "parts of the table. Record more rows to know better."
        )
    if result.drift is not None:
        sentences.append(_drift_sentence(result.drift, result))
    if result.coverage is not None:
        sentences.append(_coverage_sentence(result.coverage))
    sentences.append(_importance_sentence(result.importance, result.rmse.value, unit))
    if not result.is_held_out:
        sentences.append(
            "It was not trained here, so it cannot be trained anew without some of the rows: these figures are of "
            "recorded rows that it may have learned from, and flatter it."
        )
    grade = grade_of(result.r2.value)
    return Verdict(grade=grade, headline=_headline(result, grade), sentences=tuple(sentences))


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
    spread = spread if r2.error is None else f" (± {100 * r2.error:.2g} %, one standard error)"
    rows = "in rows that it had not seen" if result.is_held_out else "in the recorded rows"
    return f"The model explains {share_words(r2.value)} of the variation in {name} {rows}{spread}. {_ADVICE[grade]}"


def share_words(share: float) -> str:
    """A share in percent; near to all of it with the digits that tell it from all."""
    if share >= 0.9999:
        return "all but 0.01 %"
    digits = 0 if share < 0.985 else 1 if share < 0.9985 else 2
    return f"{100 * share:.{digits}f} %"


def _worst(findings: tuple[FindingInfo, ...], least: float) -> list[FindingInfo]:
    """The worst findings of each kind whose mean error (or bias) is at least so large."""
    errors = [each for each in findings if each.kind is FindingKind.ERROR and each.inside >= least]
    biases = [each for each in findings if each.kind is FindingKind.BIAS and abs(each.bias) >= least]
    return errors[:MAXIMUM_NAMED] + biases[:MAXIMUM_NAMED]


def _coverage_sentence(coverage: CoverageInfo) -> str:
    level, share = f"{100 * coverage.level:.0f} %", f"{100 * coverage.share:.0f} %"
    words = f"Its {level} interval held the measured outcome in {share} of the rows"
    if coverage.share < coverage.level - _OFF:
        return f"{words}: it promises too much. Take a higher level, or train the model anew."
    if coverage.share > coverage.level + _OFF:
        return f"{words}: it is wider than it had to be, on the safe side."
    return f"{words}, as it should."


def _drift_sentence(drift: DriftInfo, result: QualityResult) -> str:
    way = "up" if drift.change > 0 else "down"
    chance = f"= {drift.chance:.1g}" if drift.chance >= 1e-6 else "below 1e-06"
    return (
        f"{result.outcome_name} drifts {way} along {drift.label}: by {amount(abs(drift.change), result.outcome_unit)} "
        f"from first to last, beyond what the features explain (rank correlation {drift.correlation:.2f}, p "
        f"{chance}). Look for what changed and is no column yet."
    )


def together_words(result: QualityResult) -> str:
    """Which rows stayed together when they were dealt into parts, "" where each went alone."""
    kinds = [f"differ only in {result.grouped_by}"] if result.grouped_by else []
    kinds += [f"share their {result.batches}"] if result.batches else []
    return f"rows that {' or '.join(kinds)} stayed together, {result.n_groups:,} groups in all" if kinds else ""


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


def figure_lines(result: QualityResult) -> list[str]:
    """The figures over all rows, the importance of features, and where the model errs, a line each."""
    unit = result.outcome_unit
    rows = f"{len(result.measured):,} rows{f' in {len(result.folds)} folds' if result.is_held_out else ''}"
    rows += f", dealt {result.n_deals} times; ± is one standard error" if result.n_deals > 1 else ""
    errors = f"RMSE {with_spread(result.rmse, unit)}, MAE {with_spread(result.mae, unit)}"
    lines = [f"R2 {r2_words(result.r2)}, {errors} on {rows}"]
    if words := together_words(result):
        lines.append(words[0].upper() + words[1:])
    lines += [
        f"RMSE with {each.feature} shuffled: +{amount(max(each.cost, 0.0))} ± {amount(each.spread, unit)}"
        for each in sorted(result.importance, key=lambda each: -each.cost)
    ]
    return lines + [
        f"At {each.place}: {each.n_rows:,} rows, MAE {amount(each.inside, unit)} (elsewhere {amount(each.outside)}), "
        f"mean error {amount(each.bias, unit)}"
        for each in result.findings
    ]


def folds_frame(result: QualityResult) -> pd.DataFrame:
    """One line per fold with its rows, R2, RMSE and MAE, and one for all rows."""
    unit = result.outcome_unit
    folds = [(str(i), f.n_rows, f.r2, f.rmse, f.mae) for i, f in enumerate(result.folds, start=1)]
    total = ("all", len(result.measured), result.r2.value, result.rmse.value, result.mae.value)
    rows = [(name, n, round(r2, 4), rounded(rmse), rounded(mae)) for name, n, r2, rmse, mae in [*folds, total]]
    columns = ["part held out", "rows", "R²", label("RMSE", unit), label("MAE", unit)]
    return pd.DataFrame(rows if result.is_held_out else rows[-1:], columns=columns)


def findings_frame(result: QualityResult) -> pd.DataFrame:
    """One line per region where the model errs."""
    rows = [
        (each.place, each.n_rows, *map(rounded, (each.inside, each.outside, each.bias))) for each in result.findings
    ]
    errors = [label(name, result.outcome_unit) for name in ("error there", "elsewhere", "too high (+), too low (−)")]
    return pd.DataFrame(rows, columns=["where", "rows", *errors])


def rounded(value: float) -> float:
    """A number with three digits that mean something."""
    return float(f"{value:.3g}")


def r2_words(figure: Figure) -> str:
    """An R2 with its spread or error and the digits that tell it from 1, such as "0.9996 ± 0.0002"."""
    uncertainty = figure.uncertainty
    digits = 2 if figure.value < 0.985 else 3 if figure.value < 0.9985 else 4
    digits = max(digits, 3 if uncertainty is not None and uncertainty < 0.01 else 0)
    spread = "" if uncertainty is None else f" ± {uncertainty:.{digits}f}"
    return f"{figure.value:.{digits}f}{spread}"


def with_spread(figure: Figure, unit: str = "") -> str:
    """A figure with its spread or error and its unit, such as "4.31 ± 0.59 MPa"."""
    uncertainty = figure.uncertainty
    if not uncertainty:
        return amount(figure.value, unit)
    decimals = min(max(0, 1 - math.floor(math.log10(uncertainty))), 12)  # two digits of it mean something
    return f"{figure.value:,.{decimals}f} ± {uncertainty:,.{decimals}f}{f' {unit}' if unit else ''}"


def amount(value: float, unit: str = "") -> str:
    """A number with three digits that mean something and its unit: 1234.5 is "1,234", 0.01234 "0.0123"."""
    decimals = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{round(value, decimals) + 0.0:,.{min(decimals, 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}" if unit else text


def limit_between(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high), low < high: 12 between 11.9 and 12.2."""
    span = high - low
    for power in range(math.floor(math.log10(span)) + 1, math.floor(math.log10(span)) - 4, -1):
        step = 10.0**power
        candidate = round(math.ceil(low / step - 1e-9) * step, max(0, -power))
        if low <= candidate < high:
            return candidate
    return low


def place_of(finding: Finding, column: Column) -> str:
    """Where a finding is, such as "high superplasticizer (above 12 kg/m³)" or "resin B"."""
    region, name = finding.region, column.name
    if column.is_categorical:
        return f"{name} {column.categories[int(region.low)]}"
    end = _open_end(region)
    if end is not None and (end[0] or region.low != region.high):
        return f"{'high' if end[0] else 'low'} {name} ({'above' if end[0] else 'below'} {_with_unit(end[1], column)})"
    if region.low == region.high:
        return f"{name} {_with_unit(region.low, column)}"
    low = _readable(region.low, region.below)
    return f"{name} from {_number(low)} to {_with_unit(_readable(region.high, region.above), column)}"


def advice_of(finding: Finding, column: Column, n_rows: int) -> str:
    """What to do about a region of a feature, given how many rows there are in all."""
    n_here = finding.n_rows
    more = "record more there"
    if n_here >= ENOUGH_ROWS and n_here >= n_rows / 10:
        more = {
            FindingKind.ERROR: "look for something that tells these rows apart and is no column yet",
            FindingKind.BIAS: "try a larger model or another family, which may follow these rows better",
        }[finding.kind]
    end = _open_end(finding.region)
    if column.is_categorical:
        other = f"do not allow {column.categories[int(finding.region.low)]} in the search"
    elif end is not None:
        other = f"keep the bounds {'below' if end[0] else 'above'} {_number(end[1])}"
    else:
        other = "take results there with care"
    return f"{more[0].upper()}{more[1:]}, or {other}."


def prediction_advice(finding: Finding, unit: str) -> str:
    """What to do about a range of predictions."""
    if finding.kind is FindingKind.BIAS or abs(finding.bias) > 0.5 * finding.inside:
        way = "less" if finding.bias > 0 else "more"
        return (
            f"Expect {amount(abs(finding.bias), unit)} {way} than predicted there, and record rows like these results."
        )
    return "Try such results out before you rely on them, and record what comes out."


def _open_end(region: Region) -> tuple[bool, float] | None:
    """Whether a region has the largest values, and a round number between it and the rest; None for one between."""
    if math.isinf(region.above) and not math.isinf(region.below):
        return True, limit_between(region.below, region.low)
    if math.isinf(region.below) and not math.isinf(region.above):
        return False, -limit_between(-region.above, -region.high)
    return None


def _readable(end: float, neighbour: float) -> float:
    """An end of a range, or a number with fewer digits between it and the next value outside."""
    if len(_number(end)) <= _MAXIMUM_CHARACTERS or not math.isfinite(neighbour):
        return end
    return limit_between(neighbour, end) if neighbour < end else -limit_between(-neighbour, -end)


def _number(value: float) -> str:
    return np.format_float_positional(float(f"{value:.6g}"), trim="-") if abs(value) < 1e4 else f"{value:,.6g}"


def _with_unit(value: float, column: Column) -> str:
    return f"{_number(value)} {column.unit}" if column.unit else _number(value)
