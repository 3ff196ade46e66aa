"""What results are compared with, and what may leave it."""

from collections.abc import Callable
from enum import StrEnum

import streamlit as st

from models import Column, Dataset, DatasetError
from services.problems.reference import (
    moving_only,
    outside_words,
    recorded_reference,
    reference_row,
    setting_words,
    suggested_row,
    typed_reference,
    with_reference,
)
from services.specs.digits import common_decimals, number_words
from services.specs.run import ReferenceSpec, RunSpec
from ui.optimize.bench import BOARD, take_last_edits
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_HELP = (
    "What results are compared with. To improve a setting that you have, choose it here and say which features may "
    "move: all others are frozen where they are."
)
_A_ROW = 4  # fields
MOVING = "what may move"


class Kind(StrEnum):
    """What can be a reference."""

    BEST = "Best recorded"
    ROW = "A recorded row"
    OWN = "My own setting"


def reference_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> None:
    """Draw the reference and what may move; what the user chooses is in the draft before the page is drawn again."""
    kind, key = _kind_of(spec), session.forms.key("reference-kind")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="reference"):
        st.subheader("Reference", help=_HELP, width="content")
        st.segmented_control(
            "Compare results with",
            list(Kind),
            default=kind,
            key=key,
            required=True,
            label_visibility="collapsed",
            width="content",
            on_change=_revises(session, dataset, lambda draft: _as_kind(draft, dataset, st.session_state[key])),
        )
        if spec.reference is None:
            st.caption("To improve a setting that you have, choose it here.", width="content")
    if spec.reference is None:
        return
    columns = st.columns([1, 3], vertical_alignment="bottom")
    with columns[0]:
        if kind is Kind.ROW:
            _row_field(session, spec.reference, dataset)
        else:
            _own_name(session, spec.reference, dataset)
    with columns[1]:
        _moving(session, spec, dataset)
    if kind is Kind.OWN:
        _own_fields(session, spec.reference, spec, dataset)
    _about(spec, dataset)


def _kind_of(spec: RunSpec) -> Kind:
    if spec.reference is None:
        return Kind.BEST
    return Kind.OWN if spec.reference.row is None else Kind.ROW


def _revises(session: AppSession, dataset: Dataset, revised: Callable[[RunSpec], RunSpec]) -> Callable[[], None]:
    """A callback that gives the draft other features or another reference.

    A browser in haste may send once more what a field held that is gone meanwhile: ``revised`` returns the draft as it
    is for what is not on screen any more.
    """

    def revise() -> None:
        take_last_edits(session)  # the board sends its edits together with this change
        draft = session.draft
        if draft is not None and (changed := revised(draft)) != draft:
            session.draft = changed
            session.forms.renew(BOARD)
            session.optimize.refusal = ""

    return revise


def _as_kind(draft: RunSpec, dataset: Dataset, kind: Kind | None) -> RunSpec:
    """The draft with a reference of another kind; it begins at the former one, or at the best measured row."""
    if kind is None or kind is Kind.BEST:
        return with_reference(draft, None)
    best = recorded_reference(draft, dataset, suggested_row(draft, dataset))
    if kind is Kind.ROW:
        return with_reference(draft, best)
    values = (draft.reference or best).values
    return with_reference(draft, ReferenceSpec(values=values, name="My setting"))


def _row_field(session: AppSession, reference: ReferenceSpec, dataset: Dataset) -> None:
    key = session.forms.key("reference-row")
    low, high = int(dataset.numbers.min()), int(dataset.numbers.max())

    def take(draft: RunSpec) -> RunSpec:
        if _kind_of(draft) is not Kind.ROW:
            return draft
        number = int(st.session_state[key])
        try:
            return with_reference(draft, recorded_reference(draft, dataset, number))
        except DatasetError:  # the page says so, and nothing starts, until there is such a row
            return draft.revised(reference=reference.model_copy(update={"row": number}))

    st.number_input(
        "Row",
        min(low, reference.row or low),
        max(high, reference.row or high),
        reference.row,
        key=key,
        help=f"As the table counts its rows: {low:,} to {high:,}. At first, the one that was measured best.",
        on_change=_revises(session, dataset, take),
    )


def _own_name(session: AppSession, reference: ReferenceSpec, dataset: Dataset) -> None:
    key = session.forms.key("reference-name")

    def take(draft: RunSpec) -> RunSpec:
        if draft.reference is None or draft.reference.row is not None:
            return draft
        name = " ".join(str(st.session_state[key]).split()) or "My setting"
        return draft.revised(reference=draft.reference.model_copy(update={"name": name}))

    st.text_input("Called", reference.name, key=key, max_chars=60, on_change=_revises(session, dataset, take))


def _own_fields(session: AppSession, reference: ReferenceSpec, spec: RunSpec, dataset: Dataset) -> None:
    swept = spec.swept
    given = dict(zip([feature.name for feature in spec.features], reference.values, strict=True))
    shown = [column for column in dataset.features if column.name != swept]
    for start in range(0, len(shown), _A_ROW):
        for cell, column in zip(st.columns(_A_ROW), shown[start : start + _A_ROW], strict=False):
            with cell:
                _own_field(session, column, given[column.name], dataset)


def _own_field(session: AppSession, column: Column, value: float | str, dataset: Dataset) -> None:
    key = session.forms.key(f"reference-value-{column.name}")

    def take(draft: RunSpec) -> RunSpec:
        if draft.reference is None or draft.reference.row is not None:
            return draft
        named = zip([feature.name for feature in draft.features], draft.reference.values, strict=True)
        typed = st.session_state[key]
        values = dict(named) | ({} if typed is None else {column.name: typed})
        return with_reference(draft, typed_reference(draft, dataset, values, draft.reference.name))

    on_change, label = _revises(session, dataset, take), safe_label(column.label)
    if column.is_categorical:
        index = column.categories.index(str(value)) if value in column.categories else 0
        st.selectbox(label, column.categories, index=index, key=key, on_change=on_change)
    else:
        st.number_input(label, value=float(value), format="%.6g", key=key, on_change=on_change)


def _about(spec: RunSpec, dataset: Dataset) -> None:
    """Say what the reference is, what was measured there, and whether the search could come back to it."""
    try:
        reference_row(spec, dataset)
    except DatasetError:
        return  # the page says it
    assert spec.reference is not None
    words = setting_words(spec, dataset)
    if spec.reference.row is not None:
        st.caption(safe_label(f"{words}; {_measured(spec, spec.reference.row, dataset)}"))
    if outside := outside_words(spec, dataset):
        st.caption(f":material/info: {safe_label(outside)}")


def _measured(spec: RunSpec, row: int, dataset: Dataset) -> str:
    """What was measured in a row, and for a curve where along it."""
    row_index = int((dataset.numbers == row).argmax())
    value, unit = float(dataset.y[row_index]), dataset.outcome.unit
    words = f"measured {number_words(value, common_decimals([value]))} {unit}".rstrip()
    if spec.curve is None:
        return words
    column = dataset.features[dataset.index(spec.curve.feature)]
    return f"{words} at {column.name} {dataset.X[row_index, dataset.index(column.name)]:,.6g} {column.unit}".rstrip()


def _moving(session: AppSession, spec: RunSpec, dataset: Dataset) -> None:
    """Draw which features may move; the same as which are free, so each shows what the other sets."""
    swept = spec.swept
    names = [feature.name for feature in spec.features if feature.name != swept]
    free = [feature.name for feature in spec.features if feature.is_free and feature.name != swept]
    if set(st.session_state.get(_moving_key(session), free)) != set(free):
        # a new field: one whose value Python changes sends back, when in haste, its former one
        session.forms.renew(MOVING)
    key = _moving_key(session)

    def take(draft: RunSpec) -> RunSpec:
        is_shown = key == _moving_key(session) and draft.reference is not None
        return moving_only(draft, st.session_state[key]) if is_shown else draft

    st.multiselect(
        "Moving at most these features",
        names,
        default=free,
        key=key,
        placeholder="None: choose at least one",
        help="All others are frozen at the values of the reference; the bounds of those that move stay.",
        on_change=_revises(session, dataset, take),
    )


def _moving_key(session: AppSession) -> str:
    return session.forms.key("moving", MOVING)
