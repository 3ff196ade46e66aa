"""The thin face of the component: one call draws the live run or its replay."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ui.live_view.message import encode
from ui.live_view.scene import Progress, Scene
from ui.live_view.wish import Wish, wish_of
from ui.web import Delivered, read_parts

FOLDER = Path(__file__).parent
# In the order in which they need one another.
SCRIPTS = (
    "../web/look.js",
    "../web/place.js",
    "store.js",
    "player.js",
    "axes.js",
    "ground.js",
    "shapes.js",
    "map.js",
    "board.js",
    "pick.js",
    "panel.js",
    "steer.js",
    "frames.js",
    "controls.js",
    "live_view.js",
)


_component = Delivered("mixwright_live_view", read_parts(FOLDER, "live_view", SCRIPTS))


def bring_live_view() -> None:
    """Bring the code of the live view, once in every run of a page that shows one: outside of its fragment."""
    _component.deliver("live-view-code")


def live_view(
    scene: Scene,
    progress: Progress,
    *,
    key: str,
    height: int = 460,
    is_looping: bool = False,
    on_gap: Callable[[int], None] | None = None,
    on_wish: Callable[[Wish], None] | None = None,
) -> None:
    """Draw a run, live or as a replay.

    Args:
        scene: what stays the same while the run is watched.
        progress: the next piece of the trace; an empty one is fine.
        key: the same in every rerun, or the view starts anew.
        height: in pixels, on a wide screen; a narrow one stacks the parts and takes what it needs.
        is_looping: whether it is replayed again and again once it has ended, as in a demo.
        on_gap: called, before the page or the fragment runs again, with the number of the last generation that the
            browser has where it lacks what follows (the page was left and shown again, or a message was skipped), or
            with 0 where it wants the whole run. The next call then has to begin there.
        on_wish: called likewise with what the user wants of the search.
    """

    def note_gap() -> None:
        view = st.session_state.get(key)  # gone where the question came in when the page was left already
        known = view.get("resend") if view else None
        if known and on_gap is not None:
            on_gap(max(0, int(known[0])))

    def note_wish() -> None:
        view = st.session_state.get(key)
        wish = wish_of(view.get("steer") if view else None)
        if wish is not None and on_wish is not None:
            on_wish(wish)

    message = encode(scene, progress, height=height, is_looping=is_looping)
    _component.draw(message, key=key, on_resend_change=note_gap, on_steer_change=note_wish)
