"""The thin face of the profiler: one call draws it and hears what is moved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.studies.what_if.explorer import Answer
from services.studies.what_if.settings import WhatIfStart
from ui.web.assets import Delivered, last_sent
from ui.web.profiler.message import WhatIfContext

_component = Delivered(Path(__file__).parent)
PARTS = _component.parts
deliver = _component.deliver


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What the user moved.

    Attributes:
        times: which beginning the setting goes back to; see `profiler`.
        setting: d values.
        locked: features that cannot be moved, by their indices.
    """

    times: int
    setting: tuple[float, ...]
    locked: tuple[int, ...]


def profiler(
    context: WhatIfContext,
    answer: Answer,
    start: WhatIfStart,
    start_outcome: float,
    locked: Sequence[int],
    times: int,
    *,
    key: str,
    on_move: Callable[[SettingChange], None],
) -> None:
    """Draw the profiler with an answer.

    Args:
        answer: of the setting that the page knows.
        start: where the user began.
        start_outcome: the objective there.
        locked: features that cannot be moved, by their indices.
        times: another number than before makes the browser take setting and locks from here; else its own count.
        key: the same in every rerun, or the profiler starts anew.
        on_move: called with every move, before the fragment runs again.
    """

    def note_change(moved: Any) -> None:
        if (change := read_change(moved)) is not None:
            on_move(change)

    sent = last_sent(key, "moved") or {}
    message = {
        "scene": context.scene if sent.get("scene") != context.key else {"id": context.key},
        "number": int(sent.get("number") or 0),
        "times": times,
        "locked": list(locked),
        "answer": context.answer(answer, start, start_outcome),
    }
    _component.draw(message, key=key, moved=note_change)


def read_change(sent: Any) -> SettingChange | None:
    """The change that a browser sent, or None where it is none."""
    try:
        values = tuple(float(value) for value in sent["values"])
        return SettingChange(int(sent["times"]), values, tuple(sorted(int(index) for index in sent["locked"])))
    except (KeyError, TypeError, ValueError):
        return None
