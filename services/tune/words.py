"""A tuning in sentences: what it will do, and what one setting costs against another."""

import math
from collections.abc import Callable

from services.digits import common_decimals, number_words
from services.estimate import duration_words, estimate_seconds
from services.tune import TunePoint, TuneSpec
from services.tune.dials import Dial, setting_words
from services.wordings import percent_words


def tune_seconds(spec: TuneSpec, seconds_per_evaluation: float, n_lanes: int = 1) -> float:
    """Return the seconds that a tuning will take with so many searches at once."""
    seconds = [estimate_seconds(spec.run_at(weight), seconds_per_evaluation) for weight in spec.weights]
    return math.ceil(len(seconds) / n_lanes) * sum(seconds) / len(seconds)


def tune_plan(spec: TuneSpec, seconds: float, n_lanes: int = 1) -> str:
    """Return what a tuning will do and roughly how long, in a sentence or two."""
    n, evaluations = len(spec.weights), spec.run.budget.evaluations
    at_once = "one after the other" if n_lanes == 1 else f"up to {n_lanes} at once"
    searches = "1 search" if n == 1 else f"{n} searches, {at_once},"
    return f"{searches} of {evaluations:,} evaluations at most each. This takes {duration_words(seconds)}."


def price_sentence(dial: Dial, point: TunePoint, other: TunePoint | None) -> str:
    """Return what the results of one setting promise, and how that differs from another setting's.

    Args:
        dial: that is turned.
        point: the setting.
        other: what it is compared with, such as the present setting; None or the same for no comparison.
    """
    figures, result = point.figures, point.result
    at = f"With {setting_words(dial, point.weight)}"
    if figures.mean is None:
        return f"{at} nothing good enough was found."
    unit = f" {result.objective_unit}" if result.objective_unit else ""
    mean = number_words(figures.mean, common_decimals([figures.mean]))
    text = f"{at} the results promise {mean}{unit} on average"
    is_compared = other is not None and other.weight != point.weight and other.figures.mean is not None
    if is_compared and other is not None and other.figures.mean:
        share = 100 * (figures.mean - other.figures.mean) / abs(other.figures.mean)
        text += f", {_share(share)} at the present setting {other.weight:g}"
    said = [
        _measured("lie {} tolerances from the usual density", _tolerances, point, other, "density_deviation"),
        _measured("are {} plausible", percent_words, point, other, "plausibility"),
        _measured(f"have intervals {{}}{unit} wide", "{:,.4g}".format, point, other, "interval_width"),
    ]
    said = [words for words in said if words]
    return f"{text}. They {_listed(said)}." if said else f"{text}."


def _tolerances(value: float) -> str:
    return "less than 0.1" if value < 0.05 else f"{value:.1f}"


def _measured(words: str, say: Callable[[float], str], point: TunePoint, other: TunePoint | None, name: str) -> str:
    """Return one figure in words, with the other setting's where that reads differently; "" where it is not known."""
    value = getattr(point.figures, name)
    if value is None:
        return ""
    before = getattr(other.figures, name) if other is not None else None
    now, then = say(value), "" if before is None else say(before)
    return words.format(now) if then in ("", now) else f"{words.format(now)} (there {then})"


def _share(share: float) -> str:
    if abs(share) < 0.05:
        return "as much as"
    return f"{abs(share):.1f} % {'more' if share > 0 else 'less'} than"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
