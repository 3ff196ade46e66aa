"""Which runs the list shows: words, what, state, table, model and order."""

import streamlit as st

from services.jobs import JobKind, JobState, RunChoices, RunFilter, RunOrder
from services.jobs.texts import KIND_WORDS, STATE_WORDS

KINDS = tuple(KIND_WORDS)
_DELETED = "deleted"  # what the list is of beside the kinds: those of all kinds that were deleted
_WIDTH = 172  # of a filter, in pixels: two beside each other on a phone


_ORDERS = {
    RunOrder.NEWEST: "Newest first",
    RunOrder.OLDEST: "Oldest first",
    RunOrder.NAME: "By name",
    RunOrder.HIGHEST: "Highest outcome first",
    RunOrder.LOWEST: "Lowest outcome first",
    RunOrder.LONGEST: "Longest first",
}


def run_filters(choices: RunChoices) -> RunFilter:
    """Draw the filters, in one row where there is room, and return what they ask for.

    Args:
        choices: what there is, with numbers.
    """
    with st.container(horizontal=True):
        text = st.text_input(
            "Search",
            key="runs-text",
            type="search",
            placeholder="Words",
            help="Looks in names, notes, tables and models. All of the words have to be there.",
            live=True,
            persist_state="session",
        )
        what = _what(choices)
        states = _several("State", [state for state in JobState if state in choices.states], STATE_WORDS)
        tables = _several("Table", list(choices.datasets))
        models = _several("Model", list(choices.models))
        sorting = st.selectbox(
            "Order",
            list(_ORDERS),
            format_func=_ORDERS.__getitem__,
            key="runs-order",
            width=_WIDTH,
            persist_state="session",
        )
    return RunFilter(
        text=(text or "")[:200],
        kinds=KINDS if what == _DELETED else (JobKind(what),),
        states=tuple(JobState(state) for state in states),
        datasets=tuple(tables),
        models=tuple(models),
        is_deleted=what == _DELETED,
        order=RunOrder(sorting),
    )


def clear_filters() -> None:
    """Let the list show all of its kind again."""
    st.session_state["runs-text"] = ""
    for name in ("State", "Table", "Model"):
        st.session_state[f"runs-{name}"] = []


def _what(choices: RunChoices) -> str:
    """Draw what the list is of, and return the kind of its jobs, or that it is of those that were deleted."""
    counts = {kind.value: choices.kinds.get(kind, 0) for kind in KINDS} | {_DELETED: choices.n_deleted}
    labels = {kind.value: words for kind, words in KIND_WORDS.items()} | {_DELETED: "Deleted"}
    return st.selectbox(
        "Show",
        list(labels),
        format_func=lambda value: f"{labels[value]} ({counts[value]:,})",
        key="runs-what",
        width=_WIDTH,
        persist_state="session",
    )


def _several(label: str, options: list[str], words: dict[JobState, str] | None = None) -> list[str]:
    """Draw a filter that lets everything through while nothing is chosen; what is gone is not asked for."""
    key = f"runs-{label}"
    known = [value for value in st.session_state.get(key, []) if value in options]
    if known != st.session_state.get(key, []):
        st.session_state[key] = known
    return st.multiselect(
        label,
        [str(option) for option in options],
        format_func=lambda value: words[JobState(value)] if words else value,
        placeholder="Any",
        key=key,
        width=_WIDTH,
        persist_state="session",
    )
