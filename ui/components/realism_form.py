"""How believable results have to be: density, plausibility and caution, by one dial or each by hand."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from services.boldness import AT_LEAST, boldness_of
from services.material import Material
from services.runspec import PlausibilitySpec, RunSpec
from ui.components.boldness_form import boldness_form
from ui.components.density_form import density_form
from ui.session import AppSession

MAX_WEIGHT = 10.0
MAX_CAUTION = 3.0
DEFAULT_REACH = 1.0
_WIDTHS = [2.4, 1, 1]
_NO_UNCERTAINTY = (
    "This model does not say how uncertain it is, so there is no caution and no reach: train a model with several "
    "members on the Model page."
)


def realism_form(session: AppSession, spec: RunSpec, material: Material) -> RunSpec:
    """Draw what keeps a search from where nothing was recorded; return the run as chosen."""
    has_confidence = material.confidence is not None
    st.subheader("Realism", help="A model is least to be trusted where nothing was recorded, and a search goes there.")
    dial = st.container()  # drawn when all that it turns is known
    spec = density_form(session, spec, material.dataset)
    is_by_hand = boldness_of(spec) is None
    with st.expander("Plausibility, caution and reach by hand", expanded=is_by_hand, key=session.key("by-hand")):
        spec = _by_hand(session, spec, has_confidence=has_confidence)
    with dial:
        boldness_form(session, spec, has_confidence=has_confidence)
    return spec


def _by_hand(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> RunSpec:
    """Draw all that the dial turns, each on its own; return the run as chosen."""
    given = spec.plausibility or PlausibilitySpec()
    columns = st.columns(_WIDTHS, vertical_alignment="bottom", gap="medium")
    with columns[0]:
        weight = st.slider(
            "Plausibility penalty",
            0.0,
            max(MAX_WEIGHT, given.weight),
            given.weight,
            0.25,
            key=_key(session, "plausibility-weight"),
            help="What it costs to be as unusual as the rows of which only 5 % are more so, in standard deviations of "
            "the objective. 0 switches it off.",
        )
    at_least = _gate(session, given, columns[1], columns[2])
    if at_least is not None:
        st.caption(
            f"Plausibility: at {at_least:g} %, {at_least:g} % of your recorded rows are more unusual than this one."
        )
    columns = st.columns(_WIDTHS, vertical_alignment="bottom", gap="medium")
    with columns[0]:
        caution = _caution(session, spec, has_confidence=has_confidence)
    reach = _reach(session, given, columns[1], columns[2], has_confidence=has_confidence)
    if not has_confidence:
        st.caption(f":material/info: {_NO_UNCERTAINTY}")
    chosen = given.model_copy(update={"weight": weight, "at_least": at_least, "reach": reach})
    is_off = weight == 0 and not chosen.is_gate
    kept = (spec.plausibility if chosen == spec.plausibility else None) if is_off else chosen
    return spec.revised(plausibility=kept, caution=caution)


def _key(session: AppSession, name: str) -> str:
    """Return the key of a widget that the dial sets as well."""
    return session.key(f"{name}-{session.dial_turns}")


def _gate(session: AppSession, given: PlausibilitySpec, left: DeltaGenerator, right: DeltaGenerator) -> float | None:
    """Draw whether results need a plausibility, and which in percent."""
    with left:
        is_on = st.toggle("Only plausible results", given.at_least is not None, key=_key(session, "has-gate"))
    with right:
        percent = st.number_input(
            "Plausibility at least [%]",
            0.1,
            99.9,
            given.at_least or AT_LEAST,
            step=5.0,
            format="%.3g",
            key=_key(session, "at-least"),
            disabled=not is_on,
            help="How many of the recorded rows are more unusual than a result, at least. What has less is none.",
        )
    return float(percent) if is_on else None


def _caution(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> float:
    """Draw how much a prediction's uncertainty counts against it; 0 for a model that does not know it."""
    caution = st.slider(
        "Caution",
        0.0,
        max(MAX_CAUTION, spec.caution),
        spec.caution if has_confidence else 0.0,
        0.1,
        key=_key(session, "caution"),
        disabled=not has_confidence,
        help="Searches for the prediction minus so many times its uncertainty (plus, when minimising); for a value, "
        "uncertainty counts as distance from it. 0 takes every prediction at its word.",
    )
    return caution if has_confidence else 0.0


def _reach(
    session: AppSession, given: PlausibilitySpec, left: DeltaGenerator, right: DeltaGenerator, *, has_confidence: bool
) -> float | None:
    """Draw whether results may lie only so far from what was recorded, and how far."""
    with left:
        is_on = st.toggle(
            "Limited reach", given.reach is not None, key=_key(session, "has-reach"), disabled=not has_confidence
        )
    with right:
        reach = st.number_input(
            "Reach [std. dev.]",
            0.01,
            100.0,
            given.reach or DEFAULT_REACH,
            step=0.25,
            format="%.3g",
            key=_key(session, "reach"),
            disabled=not (is_on and has_confidence),
            help="Results may lie as far from the recorded rows as distance alone makes a prediction uncertain by so "
            "many standard deviations of the outcome.",
        )
    return float(reach) if is_on else None
