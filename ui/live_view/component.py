"""The thin face of the component: one call draws the live run or its replay."""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui.live_view.message import Sent, encode
from ui.live_view.scene import Progress, Scene

FOLDER = Path(__file__).parent
# In the order in which they need one another.
SCRIPTS = (
    "look.js",
    "store.js",
    "player.js",
    "axes.js",
    "ground.js",
    "map.js",
    "board.js",
    "pick.js",
    "panel.js",
    "frames.js",
    "controls.js",
    "live_view.js",
)


def bundle_scripts(sources: list[str]) -> str:
    """Return one JavaScript module made of several.

    A component takes a single script, and a script given as text has no address that an `import` could start from.
    So imports between the files go, exports other than the default one lose the keyword, and, as the script travels
    with every message, lines that are comments go as well as indentation.
    """
    text = re.sub(r"^import\s[^;]*;$", "", "\n".join(sources), flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "mixwright_live_view",
    html=_read("live_view.html"),
    css=_read("live_view.css"),
    js=bundle_scripts([_read(name) for name in SCRIPTS]),
)


def live_view(
    scene: Scene, progress: Progress, *, key: str, height: int = 460, on_gap: Callable[[Sent], None] | None = None
) -> None:
    """Draw a run, live or as a replay.

    Args:
        scene: what stays the same while the run is watched.
        progress: the next piece of the trace; an empty one is fine.
        key: the same in every rerun, or the view starts anew.
        height: in pixels, on a wide screen; a narrow one stacks the parts and takes what it needs.
        on_gap: called, before the page or the fragment runs again, with what the browser has where it lacks a piece of
            the trace: the page was left and shown again, or a message was skipped. The next call then has to begin
            with what follows.
    """

    def note_gap() -> None:
        known = st.session_state[key].get("resend")
        if known and on_gap is not None:
            n_events, n_generations = known
            on_gap(Sent(max(0, int(n_events)), max(0, int(n_generations))))

    _component(data=encode(scene, progress, height=height), key=key, on_resend_change=note_gap)
