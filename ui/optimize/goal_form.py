"""What is searched for: Max, Min or Value, of the outcome or of its curve."""

import streamlit as st

from models import Dataset
from optimizer import Goal, Summary
from services.catalog.loading import ModelWithData
from services.problems.defaults import default_curve
from services.results.baselines import recorded_objective
from services.results.report import objective_words
from services.specs.run import CurveSpec, RunSpec
from ui.shared.session import AppSession

_GOALS = {"Max": Goal.MAXIMUM, "Min": Goal.MINIMUM, "Value": Goal.VALUE}
_SUMMARIES = {
    "area under it": Summary.AREA,
    "mean": Summary.MEAN,
    "minimum": Summary.MINIMUM,
    "maximum": Summary.MAXIMUM,
    "value at a point": Summary.POINT,
}
OUTCOME, CURVE = "the outcome itself", "its curve"


def goal_form(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> RunSpec:
    """Draw the goal of a run and return the run with what the user chose."""
    dataset = model_data.dataset
    st.subheader("Goal")
    columns = st.columns([1.1, 1, 1.5], vertical_alignment="bottom")
    with columns[0]:
        words = list(_GOALS)
        chosen = st.segmented_control(
            "Search for",
            words,
            default=words[list(_GOALS.values()).index(spec.goal)],
            key=session.forms.key("goal"),
            required=True,
            help="Max and Min look for the best the model predicts; Value looks for settings that reach a number.",
        )
    goal = _GOALS[chosen or "Max"]
    sweepable = [column.name for column in dataset.features if not column.is_categorical]
    with columns[2]:
        kinds = [OUTCOME, CURVE] if sweepable and len(dataset.features) > 1 else [OUTCOME]
        kind = st.segmented_control(
            "Of",
            kinds,
            default=CURVE if spec.curve else OUTCOME,
            key=session.forms.key("objective"),
            required=True,
            help="The curve is the outcome along one feature, such as strength over age, summarised to one number.",
        )
    curve = _curve_form(session, spec, dataset, sweepable) if kind == CURVE else None
    chosen_spec = spec.revised(goal=goal, curve=curve)
    if goal is not Goal.VALUE:
        return chosen_spec
    with columns[1]:
        return chosen_spec.revised(value=_value_form(session, spec, chosen_spec, model_data))


def _value_form(session: AppSession, given: RunSpec, chosen: RunSpec, model_data: ModelWithData) -> float:
    """Draw the value that is searched for; it begins at what is usual for the objective as it is chosen now."""
    low, usual, high = recorded_objective(chosen, model_data)
    is_kept = given.value is not None and given.curve == chosen.curve
    _, unit = objective_words(chosen, model_data)
    value = st.number_input(
        f"The value [{unit}]" if unit else "The value",
        value=given.value if is_kept and given.value is not None else usual,
        format="%.6g",
        key=session.forms.key(f"value-{chosen.curve.model_dump_json() if chosen.curve else ''}"),
        help=f"By the model, the recorded rows reach {low:,.4g} to {high:,.4g}.",
    )
    return float(value)


def _curve_form(session: AppSession, spec: RunSpec, dataset: Dataset, sweepable: list[str]) -> CurveSpec | None:
    given = spec.curve or default_curve(dataset, dataset.sweep or sweepable[0])
    columns = st.columns([1.6, 1, 1, 1.6, 1], vertical_alignment="bottom")
    with columns[0]:
        known = given.feature if given and given.feature in sweepable else sweepable[0]
        feature = st.selectbox("Curve over", sweepable, index=sweepable.index(known), key=session.forms.key("sweep"))
    if given is None or feature != given.feature:
        given = default_curve(dataset, feature)
    if given is None:
        st.caption("This feature never varied, so there is no curve over it: choose another one.")
        return None
    suffix = f"{feature}:{session.forms.version()}"
    start = columns[1].number_input("From", value=given.start, format="%.6g", key=f"curve-from:{suffix}")
    end = columns[2].number_input("To", value=given.end, format="%.6g", key=f"curve-to:{suffix}")
    with columns[3]:
        words = list(_SUMMARIES)
        index = list(_SUMMARIES.values()).index(given.summary)
        summary = _SUMMARIES[st.selectbox("Summary", words, index=index, key=f"curve-summary:{suffix}")]
    at = given.at
    if summary is Summary.POINT:
        with columns[4]:
            middle = given.at if given.at is not None else (given.start + given.end) / 2
            at = float(st.number_input("At", value=float(middle), format="%.6g", key=f"curve-at:{suffix}"))
    return CurveSpec(feature=feature, start=start, end=end, points=given.points, summary=summary, at=at)
