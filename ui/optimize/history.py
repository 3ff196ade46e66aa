"""Settings of before: undo, and the last ten changes to go back behind."""

from collections.abc import Mapping

import streamlit as st

from services.specs.run import RunSpec
from services.studies.compare.runs import differences
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_MOST_NAMED = 2  # settings that one change names


def change_words(before: RunSpec, after: RunSpec, units: Mapping[str, str]) -> str:
    """What was changed between two runs, such as "density penalty 5 → 2"; "" where no setting differs."""
    found = differences([before, after], units)
    words = [f"{_lowered(name)} {_lowered(old)} → {_lowered(new)}" for name, (old, new) in found.items()]
    n_more = len(words) - _MOST_NAMED
    return "; ".join(words[:_MOST_NAMED]) + (f" and {n_more} more" if n_more > 0 else "")


def _lowered(words: str) -> str:
    """Words within a sentence; names in capitals, such as "CO2", stay."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def note_change(session: AppSession, spec: RunSpec, units: Mapping[str, str]) -> None:
    """Remember what the draft was before, where it is another one now."""
    before = session.history.now
    if before is None or (before.dataset, before.model) != (spec.dataset, spec.model):
        session.history.begin(spec)
    elif before != spec:
        session.history.note(spec, change_words(before, spec, units))


def undo_list(session: AppSession) -> None:
    """Draw the last changes, each of which can be taken back with all that were made after it; nothing without any."""
    history = session.history
    if not history.past and not history.undone:
        return
    with st.popover("Undo", icon=":material/undo:"):
        for n, step in enumerate(history.past, start=1):
            key, icon = f"undo-{n}", ":material/undo:" if n == 1 else ":material/history:"
            st.button(safe_label(step.words), key=key, icon=icon, type="tertiary", on_click=_go, args=(session, n))
        if len(history.past) > 1:
            st.caption("Takes back a change and all after it.")
        if history.undone:
            label = f"Again: {safe_label(history.undone[0].words)}"
            st.button(label, key="redo", icon=":material/redo:", type="tertiary", on_click=_redo, args=(session,))


def _go(session: AppSession, n: int) -> None:
    if session.draft is not None and len(session.history.past) >= n:
        session.draft = session.history.back(n)
        session.renew_forms()


def _redo(session: AppSession) -> None:
    if session.draft is not None and session.history.undone:
        session.draft = session.history.again()
        session.renew_forms()
