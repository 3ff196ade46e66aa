"""The density penalty: how much an unusual sum of the parts weighs."""

import streamlit as st

from models import Dataset
from services.defaults import default_density
from services.runspec import DensitySpec, RunSpec
from ui.session import AppSession

MAX_WEIGHT = 10.0


def density_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> RunSpec:
    """Draw the penalty and return the run with what the user chose."""
    parts = _parts_of(session, spec, dataset)
    given = spec.density if spec.density and spec.density.parts == parts else default_density(dataset, parts)
    if given is None:
        return spec.revised(density=None)
    unit = dataset.features[dataset.index(given.parts[0])].unit
    suffix = f" [{unit}]" if unit else ""
    columns = st.columns([2.4, 1, 1], vertical_alignment="bottom", gap="medium")
    with columns[0]:
        weight = st.slider(
            "Density penalty",
            0.0,
            max(MAX_WEIGHT, given.weight),
            given.weight,
            0.25,
            key=session.key("density-weight"),
            help="What one tolerance away from the target density costs, in standard deviations of the objective. "
            "0 switches it off: the model is then trusted wherever it was never tried.",
        )
    with columns[1]:
        target = st.number_input(
            f"Target density{suffix}", value=given.target, format="%.5g", key=session.key("density-target")
        )
    with columns[2]:
        tolerance = st.number_input(
            f"Tolerance{suffix}", value=given.tolerance, format="%.4g", key=session.key("density-tolerance")
        )
    return spec.revised(density=DensitySpec(parts=given.parts, target=target, tolerance=tolerance, weight=weight))


def _parts_of(session: AppSession, spec: RunSpec, dataset: Dataset) -> tuple[str, ...]:
    """Return the parts that add up; where the table names none, the user may choose some here."""
    if dataset.parts:
        return dataset.parts
    numeric = [column.name for column in dataset.features if not column.is_categorical]
    if len(numeric) < 2:
        return ()
    chosen = st.multiselect(
        "Parts that add up",
        numeric,
        default=list(spec.density.parts) if spec.density else [],
        key=session.key("density-parts"),
        placeholder="None: there is no density to check",
        help="Columns whose sum should be what it usually is, such as the ingredients of one cubic metre.",
    )
    return tuple(chosen) if len(chosen) > 1 else ()
