"""How realistic results have to be, by hand: usual density, plausibility, risk aversion and extrapolation."""

import streamlit as st

from models import Dataset
from services.catalog.loading import ModelWithData
from services.problems.defaults import AT_LEAST, default_density, holds_sum
from services.specs.run import PlausibilitySpec, RunSpec
from ui.shared.session import AppSession
from ui.shared.widgets import Fields

DIAL = "dial"
MAX_WEIGHT = 10.0
MAX_RISK_AVERSION = 3.0
DEFAULT_LIMIT = 1.0
_NO_UNCERTAINTY = (
    "This model does not say how uncertain it is, so there is no risk aversion and no extrapolation limit: train a "
    "model with several members on the Model page."
)

_HELP = {
    "density-target": "The sum of the parts that is usual in the recorded rows.",
    "density-tolerance": "Within so much of it nothing is paid.",
    "plausibility-weight": "What it costs to be as unusual as the rows of which only 5 % are more so, in standard "
    "deviations of the objective. 0 switches it off.",
    "at-least": "How many of the recorded rows are more unusual than a result, at least. What has less is none.",
    "risk-aversion": "So many standard errors of a prediction count against it: the search looks for the best lower "
    "confidence bound (upper, when minimising); for a value, they count as distance from it. 0 takes every prediction "
    "at its word.",
    "extrapolation-limit": "Results may lie as far from the recorded rows as distance alone makes a prediction "
    "uncertain by so many standard deviations of the outcome.",
}


def density_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> RunSpec:
    """Draw what the density penalty is measured by; return the run with what the user chose."""
    parts = _parts_of(session, spec, dataset)
    if holds_sum(spec.constraints, parts):
        return spec.revised(density=None)
    given = spec.density if spec.density and spec.density.parts == parts else default_density(dataset, parts)
    if given is None:
        return spec.revised(density=None)
    unit = dataset.features[dataset.index(given.parts[0])].unit
    suffix = f" [{unit}]" if unit else ""
    fields, columns = Fields(session.forms.key, _HELP), st.columns(2, vertical_alignment="bottom", gap="medium")
    target = fields.number(columns[0], "density-target", f"Usual density{suffix}", given.target, format="%.5g")
    tolerance = fields.number(columns[1], "density-tolerance", f"Tolerance{suffix}", given.tolerance, format="%.4g")
    return spec.revised(density=given.model_copy(update={"target": target, "tolerance": tolerance}))


def density_note(spec: RunSpec, dataset: Dataset) -> str:
    """Why a run has no density penalty although its table has parts, or ""."""
    return (
        "A rule holds the sum of the parts, so no penalty has to." if holds_sum(spec.constraints, dataset.parts) else ""
    )


def _parts_of(session: AppSession, spec: RunSpec, dataset: Dataset) -> tuple[str, ...]:
    """The parts that add up; where the table names none, the user may choose some here."""
    if dataset.parts:
        return dataset.parts
    numeric = [column.name for column in dataset.features if not column.is_categorical]
    if len(numeric) < 2:
        return ()
    chosen = st.multiselect(
        "Parts that add up",
        numeric,
        default=list(spec.density.parts) if spec.density else [],
        key=session.forms.key("density-parts"),
        placeholder="None: there is no density to check",
        help="Columns whose sum should be what it usually is, such as the ingredients of one cubic metre.",
    )
    return tuple(chosen) if len(chosen) > 1 else ()


def realism_form(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> RunSpec:
    """Draw what the density penalty is measured by, and by hand all that "How far to go" sets; return the run."""
    st.subheader(
        "Realism by hand", help="A model is least to be trusted where nothing was recorded, and a search goes there."
    )
    spec = density_form(session, spec, model_data.dataset)
    return _by_hand(session, spec, has_confidence=model_data.has_confidence)


def _by_hand(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> RunSpec:
    """Draw all that the dial turns, each on its own; return the run as chosen.

    A model that does not say how uncertain it is allows neither risk aversion nor an extrapolation limit.
    """
    given, fields = spec.plausibility or PlausibilitySpec(), Fields(lambda name: session.forms.key(name, DIAL), _HELP)
    columns, is_off = st.columns(2, vertical_alignment="bottom", gap="medium"), not has_confidence
    most = max(MAX_WEIGHT, given.weight)
    weight = fields.slider(columns[0], "plausibility-weight", "Plausibility penalty", given.weight, 0.0, most, 0.25)
    most = max(MAX_RISK_AVERSION, spec.risk_aversion)
    start = spec.risk_aversion if has_confidence else 0.0
    risk_aversion = fields.slider(columns[1], "risk-aversion", "Risk aversion", start, 0.0, most, 0.1, disabled=is_off)
    columns = st.columns(2, vertical_alignment="bottom", gap="medium")
    is_gate = fields.toggle(columns[0], "has-gate", "Only plausible results", given.at_least is not None)
    start, options = given.at_least or AT_LEAST, {"step": 5.0, "format": "%.3g", "disabled": not is_gate}
    percent = fields.number(columns[0], "at-least", "Plausibility at least [%]", start, 0.1, 99.9, **options)
    is_limited = given.extrapolation_limit is not None
    is_limited = fields.toggle(columns[1], "has-limit", "Limit extrapolation", is_limited, disabled=is_off)
    label, start = "Extrapolation limit [std. dev.]", given.extrapolation_limit or DEFAULT_LIMIT
    options = {"step": 0.25, "format": "%.3g", "disabled": not is_limited or is_off}
    limit = fields.number(columns[1], "extrapolation-limit", label, start, 0.01, 100.0, **options)
    if not has_confidence:
        st.caption(f":material/info: {_NO_UNCERTAINTY}")
    limits = {"at_least": percent if is_gate else None, "extrapolation_limit": limit if is_limited else None}
    chosen = given.model_copy(update={"weight": weight, **limits})
    kept = spec.plausibility if chosen == spec.plausibility else None
    if weight != 0 or chosen.is_gate:
        kept = chosen
    return spec.revised(plausibility=kept, risk_aversion=risk_aversion if has_confidence else 0.0)
