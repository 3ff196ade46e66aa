"""Each result at a glance: a few words, and whether they are good news, for all that says how far to trust it."""

import math
from enum import StrEnum
from typing import NamedTuple

from optimizer import Goal
from services.problems.reference import reference_of
from services.results.assessment import worst_cases
from services.specs.digits import common_decimals, number_words
from services.specs.results import ResultSet, RunResult
from services.texts.results import (
    PLAUSIBILITY_MEANING,
    checks_of_constraints,
    disagreement,
    nearest_sentence,
    objective_decimals,
    percent_words,
)

USUAL_PERCENT, RARE_PERCENT = 20.0, 5.0
"""Plausibility that is good, and below which it is bad: so many recorded rows are more unusual."""

SMALL_LOSS, LARGE_LOSS = 10.0, 30.0
"""Loss in the worst case that is good, and above which it is bad, in % of the outcome; behind the worst case of the
reference, nothing is good, and up to the first of the two is doubtful. The kinder of the two counts."""

NEAR, FAR = 0.5, 1.0
"""Distance to the nearest recorded row that is good, and above which it is bad, in standard deviations per feature."""


class Verdict(StrEnum):
    """What something means for the trust in a result."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


class ResultSummary(NamedTuple):
    """One thing that says how far to trust a result.

    Attributes:
        name: what is looked at, such as "Density".
        verdict: whether it is good news.
        words: what was found, in a few words that tell the verdict as well, such as "as usual".
        meaning: the same in a sentence or two, with the numbers.
    """

    name: str
    verdict: Verdict
    words: str
    meaning: str

    @property
    def line(self) -> str:
        """Name and words, such as "Density as usual"."""
        return f"{self.name} {self.words}"


def result_summaries(result: RunResult, rows: ResultSet, k: int) -> list[ResultSummary]:
    """What row ``k`` of a set is known by: density, plausibility, second check, rules, robustness, nearest row.

    What a run did not ask for, or its model cannot say, is left out.
    """
    checks = (_density, _plausibility, _second_check, _constraints, _robustness, _nearest)
    return [found for check in checks if (found := check(result, rows, k)) is not None]


def _graded(value: float, good: float, bad: float) -> Verdict:
    """The verdict of a number that is the better the smaller it is; what is no number is doubtful."""
    if math.isnan(value):
        return Verdict.DOUBTFUL
    return Verdict.GOOD if value <= good else Verdict.DOUBTFUL if value <= bad else Verdict.BAD


def _density(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    known = result.density
    if rows.densities is None or known is None or not known.tolerance > 0:
        return None
    value, unit = rows.densities[k], known.unit
    off = (value - known.target) / known.tolerance
    decimals = common_decimals([value])
    usual = f"{number_words(known.target, decimals)} ± {number_words(known.tolerance, decimals)} {unit}".rstrip()
    meaning = f"{number_words(value, decimals)} {unit}".rstrip() + f", where {usual} is usual."
    verdict = _graded(abs(off), 1.0, 2.0)
    if verdict is Verdict.GOOD:
        return ResultSummary("Density", verdict, "as usual", meaning)
    return ResultSummary(
        "Density", verdict, f"{abs(off):.1f} tolerances {'above' if off > 0 else 'below'} usual", meaning
    )


def _plausibility(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.plausibility is None:
        return None
    return _by_percent("Plausibility", rows.plausibility[k], f"Plausibility: {PLAUSIBILITY_MEANING}.")


def _second_check(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.second_check is None:
        return None
    meaning = disagreement(rows, k) or "The same by another measure, which the search never saw."
    found = _by_percent("Second check", rows.second_check[k], meaning)
    if not disagreement(rows, k):
        return found
    verdict = Verdict.DOUBTFUL if found.verdict is Verdict.GOOD else found.verdict
    return found._replace(verdict=verdict, words=f"{found.words}, disagrees")


def _by_percent(name: str, percent: float, meaning: str) -> ResultSummary:
    return ResultSummary(name, _graded(-percent, -USUAL_PERCENT, -RARE_PERCENT), percent_words(percent), meaning)


def _constraints(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    checks = checks_of_constraints(result, rows, k)
    if not checks:
        return None
    broken = [words for words, is_met in checks if not is_met]
    n = "1 rule" if len(checks) == 1 else f"all {len(checks)} rules"
    if not broken:
        return ResultSummary("Rules", Verdict.GOOD, "met", f"It meets {n}: {'; '.join(words for words, _ in checks)}.")
    words = f"{len(broken)} of {len(checks)} not met"
    return ResultSummary("Rules", Verdict.BAD, words, f"Not met: {'; '.join(broken)}.")


def _robustness(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    """What the worst case of a row loses; it is good if that of the reference is no better."""
    worst = worst_cases(result, rows)
    if worst is None or not math.isfinite(worst[k]) or not math.isfinite(rows.outcomes[k]):
        return None
    name, reference = reference_of(result)
    others = worst_cases(result, reference) if len(reference) else None
    shortfall, predicted = _shortfall(result, worst[k]), _shortfall(result, rows.outcomes[k])
    per_cent = 100 / max(abs(rows.outcomes[k]), abs(worst[k]), 1e-300)
    loss = per_cent * max(shortfall - predicted, 0.0)
    verdict = _graded(loss, SMALL_LOSS, LARGE_LOSS)
    if others is not None and math.isfinite(others[0]):
        behind = _graded(per_cent * (shortfall - _shortfall(result, others[0])), 0.0, SMALL_LOSS)
        verdict = min(verdict, behind, key=list(Verdict).index)
    decimals, unit = objective_decimals(result), result.objective_unit
    at_worst = f"at worst {number_words(worst[k], decimals)} {unit}".rstrip()
    meaning = (
        f"Dosed as exactly as people dose, and with what the model does not know, the outcome is {at_worst} in 95 % of "
        f"all cases, {loss:.0f} % worse than predicted."
    )
    if others is not None:
        meaning += f" {name} is, likewise, at worst {number_words(others[0], decimals)} {unit}".rstrip() + "."
    return ResultSummary("When dosed", verdict, at_worst, meaning)


def _shortfall(result: RunResult, outcome: float) -> float:
    """By how much an outcome misses the goal, up to a constant."""
    if result.goal is Goal.VALUE:
        return abs(outcome - (result.spec.value or 0.0))
    return -outcome if result.goal is Goal.MAXIMUM else outcome


def _nearest(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.nearest is None:
        return None
    one, swept = rows.nearest[k], result.spec.swept
    n = sum(feature.is_free and feature.name != swept for feature in result.features)
    verdict = _graded(one.distance / math.sqrt(max(n, 1)), NEAR, FAR)
    where = {Verdict.GOOD: "near", Verdict.DOUBTFUL: "some way off", Verdict.BAD: "far off"}[verdict]
    return ResultSummary("Recorded row", verdict, f"{one.row} is {where}", nearest_sentence(result, rows, k))
