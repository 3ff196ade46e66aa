"""What the user wants of a search that is watched, as the browser says it."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

WishKind = Literal["drop", "more", "hold", "resume"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish.

    Attributes:
        kind: drop a lineage, look for more like it; hold the search, or let it go on.
        lineage: its number, None where the whole search is meant.
    """

    kind: WishKind
    lineage: int | None = None


def wish_of(said: Any) -> Wish | None:
    """Return what a browser said as a wish, or None where it is none: browsers may say anything."""
    if not isinstance(said, dict) or said.get("kind") not in get_args(WishKind):
        return None
    kind, lineage = said["kind"], said.get("lineage")
    if kind in ("hold", "resume"):
        return Wish(kind)
    if not isinstance(lineage, int | float) or isinstance(lineage, bool) or not 0 <= lineage < 2**31:
        return None
    return Wish(kind, int(lineage)) if lineage == int(lineage) else None
