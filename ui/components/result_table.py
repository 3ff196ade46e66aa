"""The results beside the best recorded rows and the reference, cells that differ from it tinted."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from services.figures import result_figures
from services.results import RunResult
from services.runspec import NumericSpec
from services.sheets import closing_sentence, comparison_frame, density_warning, label, search_sentence
from ui.text import safe_label

_TINT = "background-color: rgba(11, 98, 168, {alpha:.2f})"
_REFERENCE_STYLE = "font-weight: 600"


def result_table(result: RunResult) -> None:
    """Draw the table and the closing sentence."""
    if not len(result.results):
        st.warning(
            "Nothing was found: no candidate got a finite prediction. Choose another model, or narrower bounds.",
            icon=":material/search_off:",
        )
        return
    frame = comparison_frame(result)
    st.caption(safe_label(search_sentence(result)))
    if warning := density_warning(result):
        st.warning(safe_label(warning), icon=":material/warning:")
    stds = {label(feature.name, feature.unit): feature.std for feature in result.features}
    styled = frame.style.apply(_tints, axis=None, n_results=len(result.results), stds=stds).format(
        _formats(result, frame)
    )
    st.dataframe(
        styled,
        hide_index=True,
        width="stretch",
        placeholder="–",
        alt="Results and best recorded rows",
        column_config={"candidate": st.column_config.TextColumn(pinned=True)},
    )
    reference = f"row {result.best_recorded.rows[0]}" if result.best_recorded.rows else "the best recorded row"
    st.caption(
        f"Reference: recorded {reference}, the best recorded by the same objective. Tinted cells differ from it, the "
        "more the stronger. Results are predictions, not measurements."
    )
    _figures(result)
    st.write(safe_label(closing_sentence(result)))


def _figures(result: RunResult) -> None:
    """Draw how good and how different the results are, quietly: one line where there is room."""
    with st.container(horizontal=True, gap="small", key="figures"):
        for figure in result_figures(result):
            st.caption(f"{figure.name}: **{safe_label(figure.value)}**", help=figure.meaning, width="content")


def _tints(frame: pd.DataFrame, *, n_results: int, stds: dict[str, float]) -> pd.DataFrame:
    """Return the style of every cell: the first recorded row is the reference that results are compared with."""
    styles = pd.DataFrame("", index=frame.index, columns=frame.columns)
    if n_results >= len(frame):
        return styles
    styles.iloc[n_results] = _REFERENCE_STYLE
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


def _formats(result: RunResult, frame: pd.DataFrame) -> dict[Any, Any]:
    """Return a number format per numeric column: a feature's own step, else three or four digits."""
    steps = {feature.name: feature.step for feature in result.spec.features if isinstance(feature, NumericSpec)}
    own = {label(f.name, f.unit): 1.0 if f.is_integer else steps.get(f.name) for f in result.features}
    formats: dict[Any, Any] = {}
    for header in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[header]):
            continue
        largest = frame[header].abs().max()
        decimals = 0 if largest >= 1000 else 1 if largest >= 10 else 2
        step = own.get(header)
        formats[header] = f"{{:,.{max(0, -math.floor(math.log10(step))) if step else decimals}f}}"
    return formats
