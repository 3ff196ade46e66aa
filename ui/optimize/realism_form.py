"""How realistic results have to be: density, plausibility and risk aversion, by one dial or each by hand."""

import streamlit as st

from models import Dataset
from services.catalog.loading import ModelWithData
from services.problems.defaults import (
    AT_LEAST,
    LEVEL_SETTINGS,
    default_density,
    extrapolation_level_of,
    holds_sum,
    with_extrapolation_level,
)
from services.specs.run import DensitySpec, PlausibilitySpec, RunSpec
from ui.shared.session import AppSession
from ui.shared.widgets import Fields

DIAL = "dial"
MAX_WEIGHT = 10.0
DENSITY_WEIGHTS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""What the slider offers: results lie beyond the tolerance by about one over the weight, so steps are factors."""

MAX_RISK_AVERSION = 3.0
DEFAULT_LIMIT = 1.0
_WIDTHS = [2.4, 1, 1]
_NO_UNCERTAINTY = (
    "This model does not say how uncertain it is, so there is no risk aversion and no extrapolation limit: train a "
    "model with several members on the Model page."
)

_HELP = {
    "density-weight": "Within the tolerance nothing is paid. This is what one tolerance beyond it costs, in standard "
    "deviations of the objective; two cost four times as much. Each step of the slider brings results nearer to what "
    "is usual. Off: the model is trusted wherever it was never tried.",
    "plausibility-weight": "What it costs to be as unusual as the rows of which only 5 % are more so, in standard "
    "deviations of the objective. 0 switches it off.",
    "at-least": "How many of the recorded rows are more unusual than a result, at least. What has less is none.",
    "risk-aversion": "So many standard errors of a prediction count against it: the search looks for the best lower "
    "confidence bound (upper, when minimising); for a value, they count as distance from it. 0 takes every prediction "
    "at its word.",
    "extrapolation-limit": "Results may lie as far from the recorded rows as distance alone makes a prediction "
    "uncertain by so many standard deviations of the outcome.",
}


def extrapolation_form(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> None:
    """Draw the dial where a run has it; a turn sets the session's draft anew, and what it turns shows that."""
    current, version = extrapolation_level_of(spec), session.forms.version(DIAL)
    key = session.forms.key(f"extrapolation-{current}", DIAL)  # turned by hand below, it stands elsewhere

    def turn() -> None:
        chosen = st.session_state.get(key)
        # a browser in haste may send once more what a dial held that is gone
        is_shown = version == session.forms.version(DIAL)
        if is_shown and chosen is not None and session.draft is not None:
            session.draft = with_extrapolation_level(session.draft, chosen, has_confidence=has_confidence)
            session.forms.renew(DIAL)

    st.segmented_control(
        "How far to extrapolate",
        list(LEVEL_SETTINGS),
        default=current,
        format_func=lambda level: LEVEL_SETTINGS[level].label,
        key=key,
        on_change=turn,
        help="How far results may leave what was recorded. The farther, the more there may be to gain, and the less a "
        "prediction can be trusted.",
    )
    st.caption(LEVEL_SETTINGS[current].meaning if current else "Set by hand below.")


def density_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> RunSpec:
    """Draw the penalty and return the run with what the user chose."""
    parts = _parts_of(session, spec, dataset)
    if holds_sum(spec.constraints, parts):
        st.caption(":material/rule: A rule holds the sum of the parts, so no penalty has to.")
        return spec.revised(density=None)
    given = spec.density if spec.density and spec.density.parts == parts else default_density(dataset, parts)
    if given is None:
        return spec.revised(density=None)
    unit = dataset.features[dataset.index(given.parts[0])].unit
    suffix = f" [{unit}]" if unit else ""
    fields, columns = Fields(session.forms.key, _HELP), st.columns(_WIDTHS, vertical_alignment="bottom", gap="medium")
    weights = sorted({*DENSITY_WEIGHTS, given.weight})
    weight = fields.steps(columns[0], "density-weight", "Density penalty", weights, given.weight, _weight_words)
    target = fields.number(columns[1], "density-target", f"Target density{suffix}", given.target, format="%.5g")
    tolerance = fields.number(columns[2], "density-tolerance", f"Tolerance{suffix}", given.tolerance, format="%.4g")
    return spec.revised(density=DensitySpec(parts=given.parts, target=target, tolerance=tolerance, weight=weight))


def _weight_words(weight: float) -> str:
    return f"{weight:g}" if weight else "off"


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
    """Draw what keeps a search from where nothing was recorded; return the run as chosen."""
    has_confidence = model_data.has_confidence
    st.subheader("Realism", help="A model is least to be trusted where nothing was recorded, and a search goes there.")
    dial = st.container()  # drawn when all that it turns is known
    spec = density_form(session, spec, model_data.dataset)
    is_by_hand = extrapolation_level_of(spec) is None
    with st.expander(
        "Plausibility, risk aversion and extrapolation limit by hand",
        expanded=is_by_hand,
        key=session.forms.key("by-hand"),
    ):
        spec = _by_hand(session, spec, has_confidence=has_confidence)
    with dial:
        extrapolation_form(session, spec, has_confidence=has_confidence)
    return spec


def _by_hand(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> RunSpec:
    """Draw all that the dial turns, each on its own; return the run as chosen.

    A model that does not say how uncertain it is allows neither risk aversion nor an extrapolation limit.
    """
    given, fields = spec.plausibility or PlausibilitySpec(), Fields(lambda name: session.forms.key(name, DIAL), _HELP)
    columns = st.columns(_WIDTHS, vertical_alignment="bottom", gap="medium")
    most = max(MAX_WEIGHT, given.weight)
    weight = fields.slider(columns[0], "plausibility-weight", "Plausibility penalty", given.weight, 0.0, most, 0.25)
    is_gate = fields.toggle(columns[1], "has-gate", "Only plausible results", given.at_least is not None)
    start, options = given.at_least or AT_LEAST, {"step": 5.0, "format": "%.3g", "disabled": not is_gate}
    percent = fields.number(columns[2], "at-least", "Plausibility at least [%]", start, 0.1, 99.9, **options)
    if is_gate:
        st.caption(
            f"Plausibility: at {percent:g} %, {percent:g} % of your recorded rows are more unusual than this one."
        )
    columns = st.columns(_WIDTHS, vertical_alignment="bottom", gap="medium")
    most, is_off = max(MAX_RISK_AVERSION, spec.risk_aversion), not has_confidence
    start = spec.risk_aversion if has_confidence else 0.0
    risk_aversion = fields.slider(columns[0], "risk-aversion", "Risk aversion", start, 0.0, most, 0.1, disabled=is_off)
    is_limited = given.extrapolation_limit is not None
    is_limited = fields.toggle(columns[1], "has-limit", "Limit extrapolation", is_limited, disabled=is_off)
    label, start = "Extrapolation limit [std. dev.]", given.extrapolation_limit or DEFAULT_LIMIT
    options = {"step": 0.25, "format": "%.3g", "disabled": not is_limited or is_off}
    limit = fields.number(columns[2], "extrapolation-limit", label, start, 0.01, 100.0, **options)
    if not has_confidence:
        st.caption(f":material/info: {_NO_UNCERTAINTY}")
    limits = {"at_least": percent if is_gate else None, "extrapolation_limit": limit if is_limited else None}
    chosen = given.model_copy(update={"weight": weight, **limits})
    kept = spec.plausibility if chosen == spec.plausibility else None
    if weight != 0 or chosen.is_gate:
        kept = chosen
    return spec.revised(plausibility=kept, risk_aversion=risk_aversion if has_confidence else 0.0)
