"""How the table of results looks: which columns come first, how numbers read, what is tinted."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from services.digits import common_decimals, number_words, step_decimals
from services.ordering import worst_cases
from services.results import ResultSet, RunResult
from services.runspec import NumericSpec
from services.sheets import PLAUSIBILITY, SECOND_CHECK, comparison_frame, label, predicted_header
from services.wordings import interval_words, objective_decimals, percent_words

PLAUSIBLE, CHECKED = "plausibility", "second check"
WARNING = "⚠"
_TINT = "background-color: rgba(11, 98, 168, {alpha:.2f})"
_DOUBTFUL = "background-color: rgba(213, 94, 0, {alpha:.2f})"
_BELIEVABLE = "background-color: rgba(0, 158, 115, {alpha:.2f})"
_REFERENCE_STYLE = "font-weight: 600"
_DOUBT = 20.0  # %: below, a candidate is tinted as doubtful


def shown_sets(result: RunResult) -> list[ResultSet]:
    """Return the sets in the order in which the table shows them."""
    return [result.results, result.best_recorded, *([result.baseline_random] if result.baseline_random else [])]


def screen_frame(result: RunResult) -> pd.DataFrame:
    """Return the table as the page shows it, one row each: what counts first, then the settings."""
    frame = comparison_frame(result).rename(columns={PLAUSIBILITY: PLAUSIBLE, SECOND_CHECK: CHECKED})
    features = [label(feature.name, feature.unit) for feature in result.features]
    settings = [header for header in frame.columns if header.removesuffix(" (feature)") in features]
    worst = [worst_cases(result, rows) for rows in shown_sets(result)]
    first = ["candidate", predicted_header(result), PLAUSIBLE, CHECKED]
    measured = label(f"measured {result.outcome_name}", result.outcome_unit)
    density = label("density", result.density.unit) if result.density else ""
    if all(values is not None for values in worst):
        frame[worst_header(result)] = np.concatenate([values for values in worst if values is not None])
    first += [density, measured, worst_header(result), "rules met", "penalty"]
    own = [header for header in dict.fromkeys(first) if header in frame.columns and header not in settings]
    return frame[own + settings]


def worst_header(result: RunResult) -> str:
    """Return the header of the worst cases."""
    return label("worst case", result.objective_unit)


def styled(result: RunResult, frame: pd.DataFrame, places: list[int]) -> Styler:
    """Return the table of `screen_frame` with readable numbers and tints; its cells stay numbers.

    Args:
        result: whose table it is.
        frame: the table.
        places: rows of it in the order in which they are shown, the results first.
    """
    stds = {label(feature.name, feature.unit): feature.std for feature in result.features}
    frame = frame.iloc[places].reset_index(drop=True)
    style = frame.style.apply(_tints, axis=None, n_results=len(result.results), stds=stds)
    style = style.format(_formats(result, frame), na_rep="–")
    texts = [interval_words(result, rows, k) for rows in shown_sets(result) for k in range(len(rows))]
    flags = [flag for rows in shown_sets(result) for flag in rows.disagrees or (False,) * len(rows)]
    header = predicted_header(result)
    for row, place in enumerate(places):
        style = style.format(_always(texts[place]), subset=pd.IndexSlice[[row], [header]])
        if flags[place] and CHECKED in frame.columns:
            style = style.format(_flagged, subset=pd.IndexSlice[[row], [CHECKED]])
    return style


def _tints(frame: pd.DataFrame, *, n_results: int, stds: dict[str, float]) -> pd.DataFrame:
    """Return the style of every cell: the first recorded row is the reference that results are compared with."""
    styles = pd.DataFrame("", index=frame.index, columns=frame.columns)
    for header in (PLAUSIBLE, CHECKED):
        if header in frame.columns and header not in stds:
            styles[header] = [_belief_tint(value) for value in frame[header]]
    if n_results >= len(frame):
        return styles
    for header in [header for header in frame.columns if header not in (PLAUSIBLE, CHECKED)]:
        styles.loc[n_results, header] = _REFERENCE_STYLE
    for header, std in stds.items():
        if header not in frame.columns:
            continue
        reference = frame[header].iloc[n_results]
        for row in range(n_results):
            value = frame[header].iloc[row]
            if isinstance(value, str):
                share = 1.0 if value != reference else 0.0
            else:
                share = min(abs(value - reference) / (2 * std), 1.0) if std > 0 else 0.0
            if share > 0.05:
                styles.loc[styles.index[row], header] = _TINT.format(alpha=0.06 + 0.26 * share)
    return styles


def _belief_tint(percent: float) -> str:
    """Return the colour of a percentage: the more orange the less plausible, the more green the more so."""
    if not math.isfinite(percent):
        return ""
    if percent < _DOUBT:
        return _DOUBTFUL.format(alpha=0.14 + 0.34 * (1 - percent / _DOUBT))
    return _BELIEVABLE.format(alpha=0.08 + 0.24 * (percent - _DOUBT) / (100 - _DOUBT))


def _formats(result: RunResult, frame: pd.DataFrame) -> dict[Any, Any]:
    """Return a format per numeric column: a feature's own step, a percentage, or three or four digits."""
    steps = {feature.name: feature.step for feature in result.spec.features if isinstance(feature, NumericSpec)}
    own = {label(f.name, f.unit): 1.0 if f.is_integer else steps.get(f.name) for f in result.features}
    formats: dict[Any, Any] = {}
    for header in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[header]):
            continue
        if header in (PLAUSIBLE, CHECKED) and header not in own:
            formats[header] = percent_words
            continue
        step = own.get(header)
        decimals = step_decimals(step) if step else common_decimals(frame[header].tolist())
        if header == worst_header(result):
            decimals = objective_decimals(result)
        formats[header] = _reader(decimals)
    if "rules met" in frame.columns and "rules met" not in own:
        formats["rules met"] = _ticked
    return formats


def _reader(decimals: int) -> Callable[[Any], str]:
    return lambda value: number_words(value, decimals)


def _always(text: str) -> Callable[[Any], str]:
    return lambda _: text


def _flagged(percent: Any) -> str:
    return f"{WARNING} {percent_words(percent)}"


def _ticked(met: str) -> str:
    """Return "5 of 5" with a tick, anything less with a cross."""
    n_met, n = met.split(" of ")
    return f"{'✓' if n_met == n else '✗'} {met}"
