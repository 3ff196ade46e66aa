"""What a result says of one candidate, in words: the same on the page and on the command line."""

import math
from typing import NamedTuple

import pandas as pd

from services.specs.digits import common_decimals, number_words
from services.specs.results import ResultSet, RunResult
from services.specs.run import NumericSpec
from services.texts.tables import floor_words

SAME = 1e-9  # standard deviations: nearer than this is the same but for rounding
PLAUSIBILITY_MEANING = "at 30 %, 30 % of your recorded rows are more unusual than this one"


_APART = "in standard deviations of the recorded values, over all free features together."


class Fact(NamedTuple):
    """One thing to know of a candidate: what, how it reads, and what that means."""

    name: str
    value: str
    meaning: str


def objective_decimals(result: RunResult) -> int:
    """How many decimals the objective is shown with, everywhere alike."""
    return common_decimals([*result.results.outcomes, *result.best_recorded.outcomes])


def interval_words(result: RunResult, rows: ResultSet, k: int) -> str:
    """The predicted objective with its interval, such as "10,000 (9,400 to 10,600)", or alone."""
    decimals = objective_decimals(result)
    value = number_words(rows.outcomes[k], decimals)
    if rows.lows is None or rows.highs is None or not math.isfinite(rows.lows[k]):
        return value
    return f"{value} ({number_words(rows.lows[k], decimals)} to {number_words(rows.highs[k], decimals)})"


def facts(result: RunResult, rows: ResultSet, k: int) -> list[Fact]:
    """What is predicted of one row of a set; what it was checked for is in `result_summaries`."""
    unit = f" {result.objective_unit}" if result.objective_unit else ""
    level = f"{100 * result.spec.level:g} %"
    has_interval = rows.lows is not None
    found = [
        Fact(
            f"Predicted {result.objective_short}",
            f"{interval_words(result, rows, k)}{unit}",
            f"The true value lies between the two in {level} of such cases, if it is like what was recorded."
            if has_interval
            else "What the model predicts. It cannot say how sure that is.",
        )
    ]
    if rows.robust_low is not None and rows.robust_high is not None:
        decimals = objective_decimals(result)
        low, high = (number_words(ends[k], decimals) for ends in (rows.robust_low, rows.robust_high))
        causes = "dosing errors and the model's own uncertainty" if has_interval else "dosing errors"
        found.append(
            Fact(
                "5-95 % when dosed",
                f"{low} to {high}{unit}",
                f"The predicted outcome lies in this band in 90 % of all cases, with {causes}.",
            )
        )
    return found


def nearest_sentence(result: RunResult, rows: ResultSet, k: int) -> str:
    """Which recorded row is nearest, what was measured there and how the candidate differs, or ""."""
    if rows.nearest is None:
        return ""
    one = rows.nearest[k]
    unit = f" {result.outcome_unit}" if result.outcome_unit else ""
    at = ""
    if one.at is not None and result.sweep is not None:
        at = f" at {result.sweep.feature} {one.at:,.6g} {result.sweep.unit}".rstrip()
    measured = f"{number_words(one.measured, common_decimals([one.measured]))}{unit}{at}"
    if not one.differences:
        same = "the same" if one.distance < SAME else "practically the same"
        return f"Recorded row {one.row} has {same} settings; measured {measured}."
    return (
        f"Nearest recorded row: {one.row}, {one.distance:.2f} std. dev. away, measured {measured}. "
        f"The result differs from it by {one.words}."
    )


def checks_of_constraints(result: RunResult, rows: ResultSet, k: int) -> list[tuple[str, bool]]:
    """Every rule of the run, then its steps, each in words and whether the row as it is shown meets it."""
    met = rows.constraints_met[k] if rows.constraints_met is not None else ()
    checks = list(zip(result.constraints, met, strict=False))
    values = dict(zip([feature.name for feature in result.features], rows.X[k], strict=True))
    stepped: dict[float, list[str]] = {}
    for feature in result.spec.features:
        is_moved = isinstance(feature, NumericSpec) and feature.is_free and feature.name != result.spec.swept
        if isinstance(feature, NumericSpec) and feature.step and is_moved:
            stepped.setdefault(feature.step, []).append(feature.name)
    for step, names in sorted(stepped.items()):
        are_on = all(math.isclose(values[name] / step, round(values[name] / step), abs_tol=1e-6) for name in names)
        checks.append((f"in steps of {step:g}: {', '.join(names)}", are_on))
    return checks


def disagreement(rows: ResultSet, k: int) -> str:
    """What to think of two checks that disagree, or "" where they agree or there is one only."""
    if rows.disagrees is None or not rows.disagrees[k] or rows.plausibility is None or rows.second_check is None:
        return ""
    return (
        f"The two checks disagree: plausibility {percent_words(rows.plausibility[k])}, second check "
        f"{percent_words(rows.second_check[k])}. Trust the lower one, and try it out before you rely on it."
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
    n = len(result.results)
    figures = [
        Figure(
            "Good enough",
            measured.share_within,
            f"{100 * measured.share_within:.0f} % of the candidates",
            f"The share of all candidates found from which results are chosen: {floor_words(result.spec.floor)}.",
        ),
        Figure(
            "Worst result",
            measured.worst_over_best,
            f"{100 * measured.worst_over_best:.1f} % of the best",
            "What the worst result reaches of the best candidate, penalties counted. 100 % is as good as the best.",
        ),
    ]
    if measured.smallest_distance is None or measured.mean_distance is None:
        return figures
    return [
        *figures,
        Figure(
            "Nearest two",
            measured.smallest_distance,
            f"{measured.smallest_distance:.2f} std. dev. apart",
            f"The smallest distance between two results, {_APART}",
        ),
        Figure(
            "On average",
            measured.mean_distance,
            f"{measured.mean_distance:.2f} std. dev. apart",
            f"The mean distance over all pairs of results, {_APART}",
        ),
        Figure(
            "Worth",
            measured.solow_polasky,
            f"{measured.solow_polasky:.1f} of {n} different ones",
            "Results that resemble each other count less than whole. It is their Solow-Polasky diversity with theta = "
            f"{measured.theta:g} per std. dev.: two results are alike by exp(-theta x distance).",
        ),
    ]


def figures_frame(result: RunResult) -> pd.DataFrame:
    """The figures as a table, one row each: what, number and meaning."""
    figures = result_figures(result)
    return pd.DataFrame(
        {
            "what": [figure.name for figure in figures],
            "number": [figure.number for figure in figures],
            "reads": [figure.value for figure in figures],
            "meaning": [figure.meaning for figure in figures],
        }
    )


def figures_sentence(result: RunResult) -> str:
    """The figures in one line, or "" where there are none."""
    return "; ".join(f"{figure.name.lower()}: {figure.value}" for figure in result_figures(result))
