"""What a result says of one candidate, in words, how far to trust it, and what all results are like together."""

import math
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from services.problems.reference import reference_of
from services.results.assessment import worst_cases
from services.results.baselines import already_words, at_words, measured_words
from services.results.verdict import misses, objective_decimals, outlook_of
from services.specs.digits import MATERIAL_SHARE, common_decimals, number_words
from services.specs.results import USUAL_TOLERANCES, ResultSet, RunResult
from services.specs.run import NumericSpec
from services.specs.wanted import bound_words, floor_words, goal_words
from services.texts.distance import (
    AMONG_PERCENT,
    DISTANCE_MEANING,
    EDGE_PERCENT,
    distance_level,
    distance_words,
)
from services.texts.outcomes import (
    kept_words,
    ordered_outcomes,
    outcome_words,
    row_words,
)

SAME = 1e-9  # standard deviations: nearer than this is the same but for rounding


class Fact(NamedTuple):
    """One thing to know of a candidate: what, how it reads, and what that means."""

    name: str
    value: str
    meaning: str


def interval_words(result: RunResult, rows: ResultSet, k: int) -> str:
    """What to reckon with, such as "at least 9,400, expect 10,000, up to 10,600", or the prediction alone."""
    if rows.lows is None or rows.highs is None or not math.isfinite(rows.lows[k]):
        return number_words(rows.outcomes[k], objective_decimals(result))
    return outlook_of(result, rows, k, is_bare=True)


def facts(result: RunResult, rows: ResultSet, k: int) -> list[Fact]:
    """What is predicted of one row of a set; what it was checked for is in `result_summaries`."""
    if result.outcomes and rows.others is not None:
        return [*_facts_of_outcomes(result, rows, k), *_measured_and_robust(result, rows, k)]
    unit, has_interval = result.objective_unit, rows.lows is not None
    share = 50 + 50 * result.spec.level
    certainty = (
        f"The first number holds in {share:g} % of such cases, and so does the last, if it is like what was recorded."
        if has_interval
        else "What the model predicts. It cannot say how sure that is."
    )
    value = f"{interval_words(result, rows, k)} {unit}".rstrip()
    predicted = Fact(
        f"{result.spec.told.capitalize()} {result.objective_short}", value[0].upper() + value[1:], certainty
    )
    return [predicted, *_measured_and_robust(result, rows, k)]


def _facts_of_outcomes(result: RunResult, rows: ResultSet, k: int) -> list[Fact]:
    """What to reckon with of every outcome of one row, and whether it keeps its limit."""
    found = []
    for j in ordered_outcomes(result):
        info, others = result.outcomes[j], rows.others
        assert others is not None
        asked = ", ".join(filter(None, [goal_words(info), bound_words(info)]))
        value = f"{outcome_words(result, j, others[j], k, is_bare=True).removeprefix('expect ')} {info.unit}".rstrip()
        meaning = row_words(result, rows, j, k)
        name = f"{info.label} ({asked})" if asked else info.label
        found.append(
            Fact(name[0].upper() + name[1:], value[0].upper() + value[1:], f"{meaning[0].upper()}{meaning[1:]}.")
        )
    return found


def _measured_and_robust(result: RunResult, rows: ResultSet, k: int) -> list[Fact]:
    """What was measured there already, and what comes of dosing errors."""
    unit, has_interval, found = result.objective_unit, rows.lows is not None, list[Fact]()
    if measured := measured_words(result, rows, k):
        meaning = f"What the table has of it: {already_words(result, rows, k)}. It differs by less than people dose."
        found.append(Fact("Already measured", measured, meaning))
    if rows.robust_low is not None and rows.robust_high is not None:
        decimals = objective_decimals(result)
        low, high = (number_words(ends[k], decimals) for ends in (rows.robust_low, rows.robust_high))
        causes = "dosing errors and the model's own uncertainty" if has_interval else "dosing errors"
        meaning = f"The predicted outcome lies in this band in 90 % of all cases, with {causes}."
        of_what = f" of {result.objective_short}" if result.outcomes else ""
        found.append(Fact(f"5-95 %{of_what} with dosing errors", f"{low} to {high} {unit}".rstrip(), meaning))
    return found


def nearest_sentence(result: RunResult, rows: ResultSet, k: int) -> str:
    """Which recorded row is nearest, what was measured there and how the candidate differs, or ""."""
    if rows.nearest is None:
        return ""
    if known := already_words(result, rows, k):
        return f"Already measured: {known}. The result differs from it by less than the dosing tolerance."
    one = rows.nearest[k]
    unit = f" {result.outcome_unit}" if result.outcome_unit else ""
    measured = f"{number_words(one.measured, common_decimals([one.measured]))}{unit}{at_words(result, one.at)}"
    if not one.differences:
        same = "the same" if one.distance < SAME else "practically the same"
        return f"Recorded row {one.row} has {same} settings; measured {measured}."
    return (
        f"Nearest recorded row: {one.row}, {one.distance:.2f} std. dev. away, measured {measured}. "
        f"The result differs from it by {one.words}."
    )


def checks_of_constraints(result: RunResult, rows: ResultSet, k: int) -> list[tuple[str, bool]]:
    """Every rule of the run, then its steps, each in words and whether the row as it is shown meets it."""
    return [*checks_of_rules(result, rows, k), *_checks_of_steps(result, rows, k)]


def checks_of_rules(result: RunResult, rows: ResultSet, k: int) -> list[tuple[str, bool]]:
    """Every rule of the run in words and whether the row as it is shown meets it."""
    met = rows.constraints_met[k] if rows.constraints_met is not None else ()
    return list(zip(result.constraints, met, strict=False))


def _checks_of_steps(result: RunResult, rows: ResultSet, k: int) -> list[tuple[str, bool]]:
    """The steps of free features, the same ones together, and whether the row is on them."""
    values = dict(zip([feature.name for feature in result.features], rows.X[k], strict=True))
    stepped: dict[float, list[str]] = {}
    for feature in result.spec.features:
        is_moved = isinstance(feature, NumericSpec) and feature.is_free and feature.name != result.spec.swept
        if isinstance(feature, NumericSpec) and feature.step and is_moved:
            stepped.setdefault(feature.step, []).append(feature.name)
    return [
        (
            f"in steps of {step:g}: {', '.join(names)}",
            all(math.isclose(values[name] / step, round(values[name] / step), abs_tol=1e-6) for name in names),
        )
        for step, names in sorted(stepped.items())
    ]


def disagreement(rows: ResultSet, k: int) -> str:
    """What to think of two checks that disagree, or "" where they agree or there is one only."""
    if rows.disagrees is None or not rows.disagrees[k] or rows.plausibility is None or rows.second_check is None:
        return ""
    return (
        f"Two checks of its distance from records disagree: {distance_level(rows.plausibility[k])} by one, "
        f"{distance_level(rows.second_check[k])} by the other. Trust the worse one, and try it out before you rely on "
        "it."
    )


def percent_words(value: float) -> str:
    """A percentage as it is read: whole, but told from nothing."""
    if not math.isfinite(value):
        return "unknown"
    return f"{value:.0f} %" if value >= 1 or value == 0 else "under 1 %"


class Figure(NamedTuple):
    """One figure: its name, its number, the number as it is read, and what it means."""

    name: str
    number: float
    value: str
    meaning: str


def result_figures(result: RunResult) -> list[Figure]:
    """Quality first, then diversity, which means nothing without it; none where nothing was measured."""
    measured = result.diversity
    if measured is None:
        return []
    apart = "results, in standard deviations of the recorded values, over all free features together."
    share, worst = measured.share_within, measured.worst_over_best
    good = f"The share of all candidates found from which results are chosen: {floor_words(result.spec.floor)}."
    reaches = "What the worst result reaches of the best candidate, penalties counted. 100 % is as good as the best."
    figures = [
        Figure("Good enough", share, f"{100 * share:.0f} % of the candidates", good),
        Figure("Worst result", worst, f"{100 * worst:.1f} % of the best", reaches),
    ]
    if result.front is not None:  # no result is better than another there
        front = result.front.share
        meaning = "What the results dominate together, as a share of what the whole front does (hypervolume)."
        figures = [Figure("Of the front", front, f"{100 * front:.0f} %", meaning)]
    nearest, mean, worth = measured.smallest_distance, measured.mean_distance, measured.solow_polasky
    if nearest is None or mean is None:
        return figures
    different = (
        "Results that resemble each other count less than whole. It is their Solow-Polasky diversity with theta = "
        f"{measured.theta:g} per std. dev.: two results are alike by exp(-theta x distance)."
    )
    return [
        *figures,
        Figure("Nearest two", nearest, f"{nearest:.2f} std. dev. apart", f"The smallest distance between two {apart}"),
        Figure("On average", mean, f"{mean:.2f} std. dev. apart", f"The mean distance over all pairs of {apart}"),
        Figure("Worth", worth, f"{worth:.1f} of {len(result.results)} different ones", different),
    ]


def figures_frame(result: RunResult) -> pd.DataFrame:
    """The figures as a table, one row each: what, number and meaning."""
    return pd.DataFrame(result_figures(result), columns=["what", "number", "reads", "meaning"])


def variety_sentence(result: RunResult) -> str:
    """How good and how different the results are, in plain words; "" where nothing was measured."""
    measured = result.diversity
    if measured is None:
        return ""
    share = percent_words(100 * measured.share_within)
    words = (
        f"The results have {100 * result.front.share:.0f} % of what the whole front has."
        if result.front
        else (
            f"{share} of the candidates found were good enough to be results ({floor_words(result.spec.floor)}). "
            f"The worst result reaches {100 * measured.worst_over_best:.1f} % of the best, penalties counted."
        )
    )
    if measured.smallest_distance is not None and measured.mean_distance is not None:
        words += (
            f" The nearest two lie {measured.smallest_distance:.2f} std. dev. apart, two on average "
            f"{measured.mean_distance:.2f}."
        )
    return words


def figures_sentence(result: RunResult) -> str:
    """The figures in one line, or "" where there are none."""
    return "; ".join(f"{figure.name.lower()}: {figure.value}" for figure in result_figures(result))


SMALL_LOSS, LARGE_LOSS = 10.0, 30.0
"""Loss in the worst case that is good, and above which it is bad, in % of the outcome; behind the worst case of the
reference, what is not material is good, and up to the first of the two is doubtful. The kinder of the two counts."""

UNUSUAL_TOLERANCES = 2.0
"""How many tolerances off the usual density is bad."""

NEAR, FAR = 0.5, 1.0
"""Distance to the nearest recorded row that is good, and above which it is bad, in standard deviations per feature."""


class Tone(StrEnum):
    """What something means for the trust in a result."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


class ResultSummary(NamedTuple):
    """One thing that says how far to trust a result.

    Attributes:
        name: what is looked at, such as "Density".
        tone: whether it is good news.
        words: what was found, in a few words that tell whether it is good as well, such as "as usual".
        meaning: the same in a sentence or two, with the numbers.
    """

    name: str
    tone: Tone
    words: str
    meaning: str

    @property
    def line(self) -> str:
        """Name and words, such as "Density: as usual"."""
        return f"{self.name}: {self.words}"


class Light(NamedTuple):
    """How far a row can be trusted, in one colour.

    Attributes:
        tone: the worst of what counts.
        words: the same in a few words.
        reasons: what speaks against it; where nothing does, what it was checked for.
    """

    tone: Tone
    words: str
    reasons: tuple[str, ...]


DISTANCE = "Distance from records"
_COUNTED = ("Density", DISTANCE, "Distance, another way", "Rules", "Limits", "Dosing errors")
_LIGHTS = {
    Tone.GOOD: "Nothing speaks against it",
    Tone.DOUBTFUL: "Check it before you rely on it",
    Tone.BAD: "Do not rely on it",
}


def light_of(result: RunResult, rows: ResultSet, k: int) -> Light | None:
    """How far row ``k`` can be trusted, by the worst of its checks; None where there was none."""
    checks = [one for one in result_summaries(result, rows, k) if one.name in _COUNTED]
    if not checks:
        return None
    worst = max((one.tone for one in checks), key=list(Tone).index)
    against = [one.line for one in checks if one.tone is not Tone.GOOD]
    return Light(worst, _LIGHTS[worst], tuple(against or [one.line for one in checks]))


def result_summaries(result: RunResult, rows: ResultSet, k: int) -> list[ResultSummary]:
    """What row ``k`` is known by: already measured, density, plausibility, second check, rules, robustness, nearest.

    What a run did not ask for, or its model cannot say, is left out.
    """
    checks = (_already, _density, _plausibility, _second_check, _constraints, _limits, _robustness, _nearest)
    return [found for check in checks if (found := check(result, rows, k)) is not None]


REMARKS = {Tone.GOOD: "", Tone.DOUBTFUL: " (doubtful)", Tone.BAD: " (not good)"}
"""What is said behind a check by its tone, where colours are not seen."""


def checks_of(result: RunResult, rows: ResultSet, k: int) -> list[tuple[str, Tone]]:
    """Everything that row ``k`` was checked for: density and its like, then every rule and step."""
    checks = [
        # The numbers of the density stand nowhere else.
        (f"{one.line} ({one.meaning.rstrip('.')})" if one.name == "Density" else one.line, one.tone)
        for one in result_summaries(result, rows, k)
        if one.name != "Rules"  # each of them follows
    ]
    kept = checks_of_constraints(result, rows, k)
    return [*checks, *((words, Tone.GOOD if is_met else Tone.BAD) for words, is_met in kept)]


def checks_in_words(result: RunResult, rows: ResultSet, k: int) -> str:
    """The same in one line, with a remark behind each that is not good."""
    return "; ".join(words + REMARKS[tone] for words, tone in checks_of(result, rows, k))


def _already(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    words = already_words(result, rows, k)
    return ResultSummary("Already measured", Tone.DOUBTFUL, words, nearest_sentence(result, rows, k)) if words else None


def _graded(value: float, good: float, bad: float) -> Tone:
    """The tone of a number that is the better the smaller it is; what is no number is doubtful."""
    if math.isnan(value):
        return Tone.DOUBTFUL
    return Tone.GOOD if value <= good else Tone.DOUBTFUL if value <= bad else Tone.BAD


def _density(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    known = result.density
    if rows.densities is None or known is None or not known.tolerance > 0:
        return None
    value, unit = rows.densities[k], known.unit
    off = float(known.tolerances_off([value])[0])
    decimals = common_decimals([value])
    usual = f"{number_words(known.target, decimals)} ± {number_words(known.tolerance, decimals)} {unit}".rstrip()
    meaning = f"{number_words(value, decimals)} {unit}".rstrip() + f", where {usual} is usual."
    tone = _graded(abs(off), USUAL_TOLERANCES, UNUSUAL_TOLERANCES)
    if tone is Tone.GOOD:
        return ResultSummary("Density", tone, "as usual", meaning)
    far, side = "far " if tone is Tone.BAD else "", "above" if off > 0 else "below"
    words = f"{number_words(value, decimals)} {unit}".rstrip() + f", {far}{side} usual"
    return ResultSummary("Density", tone, words, meaning)


def _plausibility(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.plausibility is None:
        return None
    percent = rows.plausibility[k]
    meaning = f"{distance_words(percent)}. The distance from records is {DISTANCE_MEANING}."
    return _by_percent(DISTANCE, percent, meaning[0].upper() + meaning[1:])


def _second_check(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.second_check is None:
        return None
    percent = rows.second_check[k]
    meaning = disagreement(rows, k) or (
        f"The distance from records by another measure, which the search never saw: {distance_words(percent)}."
    )
    found = _by_percent("Distance, another way", percent, meaning)
    if not disagreement(rows, k):
        return found
    tone = Tone.DOUBTFUL if found.tone is Tone.GOOD else found.tone
    return found._replace(tone=tone, words=f"{found.words}, disagrees")


def _by_percent(name: str, percent: float, meaning: str) -> ResultSummary:
    tone = _graded(-percent, -AMONG_PERCENT, -EDGE_PERCENT)
    return ResultSummary(name, tone, "unknown" if math.isnan(percent) else distance_level(percent), meaning)


def _constraints(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    checks = checks_of_rules(result, rows, k)
    if not checks:
        return None
    broken = [words for words, is_met in checks if not is_met]
    n = "the rule" if len(checks) == 1 else f"all {len(checks)} rules"
    if not broken:
        return ResultSummary("Rules", Tone.GOOD, "met", f"It meets {n}: {'; '.join(words for words, _ in checks)}.")
    words = f"{len(broken)} of {len(checks)} not met"
    return ResultSummary("Rules", Tone.BAD, words, f"Not met: {'; '.join(broken)}.")


def _limits(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    """Whether a row keeps the limits of the run."""
    limited = [j for j, info in enumerate(result.outcomes) if info.is_limited]
    if not limited or rows.others is None:
        return None
    said = [f"{result.outcomes[j].label} {kept_words(result.outcomes[j], rows.others[j], k)}" for j in limited]
    broken = [j for j in limited if not (rows.others[j].keeps or (True,) * (k + 1))[k]]
    meaning = f"{'; '.join(said)}."
    if not broken:
        return ResultSummary("Limits", Tone.GOOD, "kept", meaning)
    return ResultSummary("Limits", Tone.BAD, f"{len(broken)} of {len(limited)} broken", meaning)


def _robustness(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    """What the worst case of a row loses; it is good if that of the reference is no better."""
    worst = worst_cases(result, rows)
    if worst is None or not math.isfinite(worst[k]) or not math.isfinite(rows.outcomes[k]):
        return None
    name, reference = reference_of(result)
    others = worst_cases(result, reference) if len(reference) else None
    shortfall, predicted = misses(result, worst[k]), misses(result, rows.outcomes[k])
    per_cent = 100 / max(abs(rows.outcomes[k]), abs(worst[k]), 1e-300)
    loss = per_cent * max(shortfall - predicted, 0.0)
    tone = _graded(loss, SMALL_LOSS, LARGE_LOSS)
    if others is not None and math.isfinite(others[0]):
        behind = _graded(per_cent * (shortfall - misses(result, others[0])), 100 * MATERIAL_SHARE, SMALL_LOSS)
        tone = min(tone, behind, key=list(Tone).index)
    decimals, unit = objective_decimals(result), result.objective_unit
    at_worst = f"at worst {number_words(worst[k], decimals)} {unit}".rstrip()
    meaning = (
        f"Dosed as exactly as people dose, and with what the model does not know, the outcome is {at_worst} in 95 % of "
        f"all cases, {loss:.0f} % worse than predicted."
    )
    if others is not None:
        meaning += f" {name} is, likewise, at worst {number_words(others[0], decimals)} {unit}".rstrip() + "."
    return ResultSummary("Dosing errors", tone, at_worst, meaning)


def _nearest(result: RunResult, rows: ResultSet, k: int) -> ResultSummary | None:
    if rows.nearest is None or already_words(result, rows, k):
        return None
    one, swept = rows.nearest[k], result.spec.swept
    n = sum(feature.is_free and feature.name != swept for feature in result.features)
    tone = _graded(one.distance / math.sqrt(max(n, 1)), NEAR, FAR)
    where = {Tone.GOOD: "near", Tone.DOUBTFUL: "some way off", Tone.BAD: "far off"}[tone]
    return ResultSummary("Recorded row", tone, f"{one.row} is {where}", nearest_sentence(result, rows, k))
