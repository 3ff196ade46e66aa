"""The thin face of the component: one call draws a page of the list, and says what the user does in it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from ui.web import read_parts

FOLDER = Path(__file__).parent
SCRIPTS = ("../place.js", "clock.js", "cells.js", "run_list.js")  # in the order in which they need one another


@dataclass(frozen=True, slots=True)
class RunItem:
    """One row as it is shown, all of it in words.

    Attributes:
        opens: what a click on the name does.
        is_named: whether its name may be changed.
        story: a word for where it came from, or "".
        state_word: its state; ``detail`` says what there is to add to it.
        stops: what the button that ends it is called, or "" where there is nothing to end.
        at: when it was started, or deleted, in milliseconds since 1970.
        since: since when it has been running, likewise, or None.
    """

    id: str
    name: str
    opens: str
    is_named: bool
    note: str
    story: str
    story_help: str
    dataset: str
    model: str
    goal: str
    best: str
    unit: str
    n_results: int | None
    state: str
    state_word: str
    detail: str
    stops: str
    is_deleted: bool
    at: float
    took: str
    since: float | None


@dataclass(frozen=True, slots=True)
class Act:
    """What the user did to one run: open, rename, note, stop or restore it; the text is the new name or note."""

    name: str
    id: str
    text: str = ""


_component = st.components.v2.component("mixwright_run_list", **read_parts(FOLDER, "run_list", SCRIPTS)._asdict())


def run_list(
    items: Sequence[RunItem],
    chosen: Sequence[str],
    turn: int,
    *,
    caption: str,
    key: str,
    on_act: Callable[[Act], None],
    on_choice: Callable[[tuple[str, ...], int], None],
) -> None:
    """Draw a page of the list.

    Args:
        items: its rows, in order.
        chosen: ids of the runs that are chosen, on this page or another.
        turn: number of the choice that ``chosen`` is the answer to, as ``on_choice`` was told; the browser keeps
            what was chosen in it since then.
        caption: what the page shows, for those who hear it.
        key: the same in every rerun, or the list loses what is being written in it.
        on_act: called before the page or fragment runs again with what the user did to a run.
        on_choice: likewise, with the ids of all chosen runs and the number of the choice.
    """

    def note_act() -> None:
        act = _told(key, "act")
        if act:
            on_act(Act(str(act["name"]), str(act["id"]), str(act["text"])))

    def note_choice() -> None:
        choice = _told(key, "chosen")
        if choice:
            on_choice(tuple(str(run_id) for run_id in choice["ids"]), int(choice["turn"]))

    data = {"runs": [asdict(item) for item in items], "chosen": list(chosen), "turn": turn, "caption": caption}
    _component(data=data, key=key, on_act_change=note_act, on_chosen_change=note_choice)


def _told(key: str, name: str) -> Any:
    """Return what the browser said, or None where the page was left before it came in."""
    view = st.session_state.get(key)
    return view.get(name) if view else None
