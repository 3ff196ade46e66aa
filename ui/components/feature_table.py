"""Which features may move, between which bounds, and how far a mutation goes."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from models import Dataset
from services.runspec import CategoricalSpec, FeatureSpec, NumericSpec, RunSpec
from ui.session import AppSession
from ui.text import safe_label

_FREE, _LOW, _HIGH, _VALUE, _WEIGHT, _STEP = "Free", "Between", "and", "Frozen at", "Mutation weight", "Step"
_TOLERANCE = "Tolerance"


def feature_table(session: AppSession, spec: RunSpec, dataset: Dataset, *, has_weights: bool) -> RunSpec:
    """Draw every feature and return the run with what the user chose; the sweep feature of a curve is left out.

    Args:
        session: of the user.
        spec: the run so far.
        dataset: its recorded rows.
        has_weights: whether the method mutates, so that mutation weights say something.
    """
    swept = spec.curve.feature if spec.curve else None
    numeric = [f for f in spec.features if isinstance(f, NumericSpec) and f.name != swept]
    categorical = [f for f in spec.features if isinstance(f, CategoricalSpec)]
    changed: dict[str, FeatureSpec] = {}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Features", width="stretch")
        has_tolerance = bool(numeric) and _shows_tolerance(session, numeric)
    if numeric:
        hidden = [*([] if has_weights else [_WEIGHT]), *([] if has_tolerance else [_TOLERANCE])]
        changed |= _numeric_table(session, numeric, dataset, hidden)
    for feature in categorical:
        changed[feature.name] = _categorical_row(session, feature, dataset, has_weights)
    if swept:
        st.caption(f"{safe_label(swept)} is not searched: the curve runs over it.")
    return spec.revised(features=tuple(changed.get(feature.name, feature) for feature in spec.features))


def _numeric_table(
    session: AppSession, features: list[NumericSpec], dataset: Dataset, hidden: list[str]
) -> dict[str, FeatureSpec]:
    """Draw the numeric features as one table, without the hidden columns.

    The table is fed with what the session held when the page was entered, never with its own output, which would lose
    every second edit.
    """
    key = session.key("feature-table") + "|" + "|".join(feature.name for feature in features)
    shown = [session.table_start.setdefault(feature.name, feature) for feature in features]
    units = dataset.units
    frame = pd.DataFrame(
        {
            "Feature": [f"{f.name} [{units[f.name]}]" if f.name in units else f.name for f in shown],
            _FREE: [f.is_free for f in shown],
            _LOW: [f.low for f in shown],
            _HIGH: [f.high for f in shown],
            _VALUE: [f.value for f in shown],
            _WEIGHT: [f.weight for f in shown],
            _STEP: pd.array([f.step for f in shown], dtype="Float64"),
            _TOLERANCE: pd.array([f.tolerance for f in shown], dtype="Float64"),
        }
    )
    edited = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=["Feature"],
        width="stretch",
        alt="Features with their bounds",
        placeholder="–",
        column_config=_columns() | dict.fromkeys(hidden),
    )
    rows = edited.to_dict("records")
    return {feature.name: _read(feature, row) for feature, row in zip(shown, rows, strict=True)}


def _shows_tolerance(session: AppSession, features: list[NumericSpec]) -> bool:
    """Draw whether the column of tolerances is shown; it is from the start where there are any."""
    return st.toggle(
        "Show dosing tolerance",
        any(feature.tolerance is not None for feature in features),
        key=session.key("shows-tolerance"),
        help="How exactly each feature is dosed. Results say in which band the outcome then lies; the search itself "
        "does not depend on it.",
    )


def _columns() -> dict[str, Any]:
    """Return what each column says of itself."""
    number = st.column_config.NumberColumn
    return {
        _FREE: st.column_config.CheckboxColumn(help="Free: the search may move it. Otherwise it is frozen."),
        _LOW: number(help="Smallest value a candidate may have.", format="%.6g"),
        _HIGH: number(help="Largest value a candidate may have.", format="%.6g"),
        _VALUE: number(help="Where it is held when it is not free.", format="%.6g"),
        _WEIGHT: number(
            help="How far a mutation goes, in standard deviations of the recorded values.", min_value=0.0, format="%.3g"
        ),
        _STEP: number(
            help="Candidates are multiples of it, such as what can be dosed; empty for any value.", format="%.4g"
        ),
        _TOLERANCE: number(
            help="One standard deviation of how exactly it is dosed, in its unit; empty for 2 % of its recorded range.",
            min_value=0.0,
            format="%.4g",
        ),
    }


def _read(feature: NumericSpec, row: Mapping[Hashable, Any]) -> NumericSpec:
    """Return a feature with one row of the table; an emptied cell keeps what was there."""

    def number(column: str, kept: float) -> float:
        return kept if pd.isna(row[column]) else float(row[column])

    step, tolerance = row[_STEP], row[_TOLERANCE]
    return feature.model_copy(
        update={
            "is_free": bool(row[_FREE]),
            "low": number(_LOW, feature.low),
            "high": number(_HIGH, feature.high),
            "value": number(_VALUE, feature.value),
            "weight": number(_WEIGHT, feature.weight),
            "step": None if pd.isna(step) or float(step) == 0 else float(step),
            "tolerance": None if pd.isna(tolerance) else max(float(tolerance), 0.0),
        }
    )


def _categorical_row(
    session: AppSession, feature: CategoricalSpec, dataset: Dataset, has_weights: bool
) -> CategoricalSpec:
    """Draw one categorical feature as a row of its own."""
    categories = list(dataset.features[dataset.index(feature.name)].categories)
    columns = st.columns([1, 2.4, 1.2], vertical_alignment="bottom")
    with columns[0]:
        is_free = st.toggle(
            f"{safe_label(feature.name)}: free", feature.is_free, key=session.key(f"free-{feature.name}")
        )
    with columns[1]:
        if is_free:
            allowed = st.multiselect(
                f"Allowed {safe_label(feature.name)}",
                categories,
                default=[c for c in feature.allowed if c in categories],
                key=session.key(f"allowed-{feature.name}"),
            )
            value = feature.value
        else:
            allowed = list(feature.allowed) or categories  # freed again, it may be anything
            value = st.selectbox(
                f"{safe_label(feature.name)} frozen at",
                categories,
                index=categories.index(feature.value),
                key=session.key(f"value-{feature.name}"),
            )
    weight = feature.weight
    if has_weights:
        weight = columns[2].number_input(
            "Mutation weight",
            0.0,
            1.0,
            feature.weight,
            key=session.key(f"weight-{feature.name}"),
            help="Probability that a mutation draws another category.",
        )
    return feature.model_copy(
        update={"is_free": is_free, "allowed": tuple(allowed), "value": value, "weight": float(weight)}
    )
