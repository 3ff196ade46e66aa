"""The live view on a page: one call draws a run, and hears what the user wants of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ui.web.assets import Delivered
from ui.web.live_view.message import RunStatus, Scene, encode
from ui.web.live_view.row_block import RowBlock

RequestKind = Literal["drop", "more", "hold", "resume"]


@dataclass(frozen=True, slots=True)
class SteeringRequest:
    """Something that the user wants of a search.

    Attributes:
        kind: drop a lineage, look for more like it; hold the search, or let it go on.
        lineage: its number, None where the whole search is meant.
    """

    kind: RequestKind
    lineage: int | None = None


def steering_request_of(sent: Any) -> SteeringRequest | None:
    """The request that a browser sent, or None where it is none: browsers may send anything."""
    if not isinstance(sent, dict) or sent.get("kind") not in get_args(RequestKind):
        return None
    kind, lineage = sent["kind"], sent.get("lineage")
    if kind in ("hold", "resume"):
        return SteeringRequest(kind)
    if not isinstance(lineage, int | float) or isinstance(lineage, bool) or not 0 <= lineage < 2**31:
        return None
    return SteeringRequest(kind, int(lineage)) if lineage == int(lineage) else None


_component = Delivered(Path(__file__).parent)
PARTS = _component.parts


def bring_live_view() -> None:
    """Bring the code of the live view, once in every run of a page that shows one: outside of its fragment."""
    _component.deliver("live-view-code")


def live_view(
    scene: Scene,
    block: RowBlock,
    status: RunStatus,
    *,
    key: str,
    height: int = 460,
    is_looping: bool = False,
    on_gap: Callable[[int], None] | None = None,
    on_request: Callable[[SteeringRequest], None] | None = None,
) -> None:
    """Draw a run, live or as a replay.

    Args:
        scene: what stays the same while the run is watched.
        block: the rows that the browser lacks; an empty block is fine.
        key: the same in every rerun, or the view starts anew.
        height: in pixels, on a wide screen; a narrow one stacks the parts and takes what it needs.
        is_looping: whether it is replayed again and again once it has ended, as in a demo.
        on_gap: called, before the page or the fragment runs again, with the number of the last generation that the
            browser has where it lacks what follows (the page was left and shown again, or a message was skipped), or
            with 0 where it wants the whole run. The next call then has to begin there.
        on_request: called likewise with what the user wants of the search.
    """

    def note_gap(known: Any) -> None:
        if known and on_gap is not None:
            on_gap(max(0, int(known[0])))

    def note_request(sent: Any) -> None:
        request = steering_request_of(sent)
        if request is not None and on_request is not None:
            on_request(request)

    message = encode(scene, block, status, height=height, is_looping=is_looping)
    _component.draw(message, key=key, resend=note_gap, steer=note_request)
