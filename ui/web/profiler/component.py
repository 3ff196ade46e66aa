"""The thin face of the profiler: one call draws it and hears what is moved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from services.studies.what_if import Answer
from services.studies.what_if.starts import WhatIfStart
from ui.web import Delivered, read_parts
from ui.web.profiler.message import WhatIfContext

PARTS = read_parts(Path(__file__).parent, "profiler")
_component = Delivered("mixwright_profiler", PARTS)
deliver = _component.deliver


@dataclass(frozen=True, slots=True)
class Moved:
    """What the browser says.

    Attributes:
        times: which beginning the setting goes back to; see `profiler`.
        setting: d values.
        locked: features that cannot be moved, by their places.
    """

    times: int
    setting: tuple[float, ...]
    locked: tuple[int, ...]


def profiler(
    stage: WhatIfContext,
    answer: Answer,
    start: WhatIfStart,
    start_outcome: float,
    locked: Sequence[int],
    times: int,
    *,
    key: str,
    on_move: Callable[[Moved], None],
) -> None:
    """Draw the profiler with an answer.

    Args:
        stage: what stays.
        answer: of the setting that the page knows.
        start: where the user began.
        start_outcome: the objective there.
        locked: features that cannot be moved, by their places.
        times: another number than before makes the browser take setting and locks from here; else its own count.
        key: the same in every rerun, or the profiler starts anew.
        on_move: hears of every move, before the fragment runs again.
    """

    def hear() -> None:
        if (moved := read_moved(_said(key))) is not None:
            on_move(moved)

    said = _said(key)
    message = {
        "scene": stage.scene if said.get("scene") != stage.key else {"id": stage.key},
        "number": int(said.get("number") or 0),
        "times": times,
        "locked": list(locked),
        "answer": stage.answer(answer, start, start_outcome),
    }
    _component.draw(message, key=key, on_moved_change=hear)


def read_moved(said: dict[str, Any]) -> Moved | None:
    """What a browser said, or None where that is no move."""
    try:
        values = tuple(float(value) for value in said["values"])
        return Moved(int(said["times"]), values, tuple(sorted(int(place) for place in said["locked"])))
    except (KeyError, TypeError, ValueError):
        return None


def _said(key: str) -> dict[str, Any]:
    """What the browser said last, or nothing."""
    view = st.session_state.get(key)
    said = view.get("moved") if view else None
    return dict(said) if said else {}
