"""The thin face of the component: one call draws the live run or its replay."""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui.live_view.message import encode
from ui.live_view.scene import Progress, Scene

FOLDER = Path(__file__).parent
# In the order in which they need one another.
SCRIPTS = (
    "look.js",
    "store.js",
    "player.js",
    "axes.js",
    "ground.js",
    "shapes.js",
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
    scene: Scene, progress: Progress, *, key: str, height: int = 460, on_gap: Callable[[int], None] | None = None
) -> None:
    """Draw a run, live or as a replay.

    Args:
        scene: what stays the same while the run is watched.
        progress: the next piece of the trace; an empty one is fine.
        key: the same in every rerun, or the view starts anew.
        height: in pixels, on a wide screen; a narrow one stacks the parts and takes what it needs.
        on_gap: called, before the page or the fragment runs again, with the number of the last generation that the
            browser has where it lacks what follows (the page was left and shown again, or a message was skipped), or
            with 0 where it wants the whole run. The next call then has to begin there.
    """

    def note_gap() -> None:
        view = st.session_state.get(key)  # gone where the question came in when the page was left already
        known = view.get("resend") if view else None
        if known and on_gap is not None:
            on_gap(max(0, int(known[0])))

    _component(data=encode(scene, progress, height=height), key=key, on_resend_change=note_gap)
