"""The results beside the best recorded rows and the reference, cells that differ from it tinted."""

from typing import Any

import pandas as pd
import streamlit as st

from services.results import RunResult
from services.sheets import closing_sentence, comparison_frame, label
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
    if result.objective_short != result.objective_name:
        st.caption(safe_label(f"Predicted {result.objective_short}: {result.objective_name}."))
    stds = {label(feature.name, feature.unit): feature.std for feature in result.features}
    styled = frame.style.apply(_tints, axis=None, n_results=len(result.results), stds=stds).format(
        _formats(frame), na_rep=""
    )
    st.dataframe(styled, hide_index=True, width="stretch", alt="Results and best recorded rows")
    reference = f"row {result.best_recorded.rows[0]}" if result.best_recorded.rows else "the best recorded row"
    st.caption(
        f"Reference: recorded {reference}, the best recorded by the same objective. Tinted cells differ from it, the "
        "more the stronger. Results are predictions, not measurements."
    )
    st.write(safe_label(closing_sentence(result)))


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


def _formats(frame: pd.DataFrame) -> dict[Any, Any]:
    """Return a number format per numeric column: three or four digits that mean something."""
    formats: dict[Any, Any] = {}
    for header in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[header]):
            largest = frame[header].abs().max()
            decimals = 0 if largest >= 1000 else 1 if largest >= 10 else 2
            formats[header] = f"{{:,.{decimals}f}}"
    return formats
