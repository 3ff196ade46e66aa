"""A tuning as tables and in sentences."""

import math
from collections.abc import Callable

import pandas as pd

from optimizer.constraints.constraint import listed
from services.problems.estimate import duration_words, estimate_seconds
from services.results.names import result_names
from services.specs.digits import common_decimals, label, number_words
from services.studies.tune.swept_settings import SWEPT_SETTINGS, SweptSetting, setting_words
from services.studies.tune.tuning import TunePoint, TuneResult, TuneSpec
from services.texts.results import percent_words
from services.texts.tables import set_frame


def curve_frame(tuned: TuneResult) -> pd.DataFrame:
    """The curve as a table: one row per setting from the lowest to the highest, only what could be measured."""
    points = tuned.curve
    if not points:
        return pd.DataFrame({setting_header(tuned): []})
    result = points[0].result
    name, unit = result.objective_short, result.objective_unit
    columns: dict[str, list[float | int | None]] = {
        setting_header(tuned): [point.weight for point in points],
        "results": [len(point.result.results) for point in points],
        label(f"best predicted {name}", unit): [point.figures.best for point in points],
        label(f"mean predicted {name}", unit): [point.figures.mean for point in points],
        label("density deviation", "tolerances"): [point.figures.density_deviation for point in points],
        label("plausibility", "%"): [point.figures.plausibility for point in points],
        label("least plausibility", "%"): [point.figures.least_plausibility for point in points],
        label("interval width", unit): [point.figures.interval_width for point in points],
        label("search", "s"): [point.result.statistics.seconds for point in points],
    }
    known = {header: values for header, values in columns.items() if any(value is not None for value in values)}
    return pd.DataFrame(known)


def sets_frame(tuned: TuneResult) -> pd.DataFrame:
    """The results of every setting below one another, named by the setting they belong to."""
    header = setting_header(tuned)
    frames = [_set(point, header) for point in tuned.curve if len(point.result.results)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({header: []})


def setting_header(tuned: TuneResult) -> str:
    """What the column of settings is called."""
    info = SWEPT_SETTINGS[tuned.spec.dial]
    return label(info.label.lower(), info.unit)


def _set(point: TunePoint, header: str) -> pd.DataFrame:
    frame = set_frame(point.result, point.result.results, result_names(len(point.result.results)))
    frame.insert(0, header, point.weight)
    return frame


def tune_seconds(spec: TuneSpec, seconds_per_evaluation: float, n_processes: int = 1) -> float:
    """The seconds that a tuning will take with so many searches at once."""
    seconds = [estimate_seconds(spec.run_at(weight), seconds_per_evaluation) for weight in spec.weights]
    return math.ceil(len(seconds) / n_processes) * sum(seconds) / len(seconds)


def tune_plan(spec: TuneSpec, seconds: float, n_processes: int = 1) -> str:
    """What a tuning will do and roughly how long, in a sentence or two."""
    n, evaluations = len(spec.weights), spec.run.budget.evaluations
    at_once = "one after the other" if n_processes == 1 else f"up to {n_processes} at once"
    searches = "1 search" if n == 1 else f"{n} searches, {at_once},"
    return f"{searches} of {evaluations:,} evaluations at most each. This takes {duration_words(seconds)}."


def price_sentence(dial: SweptSetting, point: TunePoint, other: TunePoint | None) -> str:
    """What the results of one setting promise, and how that differs from another setting's.

    The other is such as the present one; None, or the same, for no comparison.
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
    details = [
        _measured("lie {} tolerances from the usual density", _tolerances, point, other, "density_deviation"),
        _measured("are {} plausible", percent_words, point, other, "plausibility"),
        _measured(f"have intervals {{}}{unit} wide", "{:,.4g}".format, point, other, "interval_width"),
    ]
    details = [words for words in details if words]
    return f"{text}. They {listed(details)}." if details else f"{text}."


def _tolerances(value: float) -> str:
    return "less than 0.1" if value < 0.05 else f"{value:.1f}"


def _measured(words: str, say: Callable[[float], str], point: TunePoint, other: TunePoint | None, name: str) -> str:
    """One figure in words, with the other setting's where that reads differently; "" where it is not known."""
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
