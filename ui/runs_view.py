"""What a session knows of the list of runs."""

from dataclasses import dataclass


@dataclass
class RunsView:
    """What is chosen in the list, and what was just done in it.

    Attributes:
        chosen: ids of the chosen runs, on any page of the list.
        turn: number of the choice in the browser that made ``chosen``.
        opening: id of the run whose name was clicked, or None.
        undone: ids of the runs that the last deletion took away, which can be had back with one click.
        is_stale: whether the numbers of runs outside of the list have changed.
    """

    chosen: tuple[str, ...] = ()
    turn: int = 0
    opening: str | None = None
    undone: tuple[str, ...] = ()
    is_stale: bool = False
