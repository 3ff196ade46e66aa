"""Rows of a run that can be drawn, and the same run with less detail.

A run of a hundred thousand generations has more events than anybody can see: neighbouring generations are drawn as one,
and where that is not enough, lineages that came and went in between are left out. Numbers of lineages stay those of
the whole run.
"""

from dataclasses import dataclass, replace

import numpy as np

GENERATION_WIDTH = 6  # number, evaluations, then lineages born, extinct, merged and dropped until then
SHAPE_WIDTH = 6  # an ellipse (centre, variances xx, xy, yy), and the lineage that a merged one went into, else -1
BORN, STALLED, EXTINCT = 0, 2, 3
BRIEFLY = 3  # added to the state of an end within the drawn generation of the birth
MAX_COARSENING = 2  # times as few generations are drawn before lineages are left out


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a run, ordered by generation.

    Attributes:
        events: (n, d + 8) see `event_width`.
        generations: (g, 6) number, evaluations, and how many lineages were born, extinct, merged and dropped by then.
        shapes: (n, 6) what the events' lineages draw from (an ellipse on the map) and merged into; None for nothing.
        edition: another one leaves out lineages that were told of before, so that their ends would never be told.
    """

    events: np.ndarray
    generations: np.ndarray
    shapes: np.ndarray | None = None
    edition: int = 0

    @classmethod
    def empty(cls, width: int) -> "Rows":
        """Return nothing, for events of so many columns."""
        return cls(np.zeros((0, width), dtype=np.float32), np.zeros((0, GENERATION_WIDTH)))

    @classmethod
    def joined(cls, first: "Rows", second: "Rows") -> "Rows":
        """Return the rows of the one, then of the other."""
        shapes = None
        if first.shapes is not None or second.shapes is not None:
            shapes = np.concatenate([shapes_of(first), shapes_of(second)])
        return cls(
            np.concatenate([first.events, second.events]),
            np.concatenate([first.generations, second.generations]),
            shapes,
            first.edition,
        )

    @property
    def last(self) -> int:
        """Number of the last generation, 0 where there is none."""
        return int(self.generations[-1, 0]) if len(self.generations) else 0

    def take(self, rows: np.ndarray) -> "Rows":
        """Return these events, and all generations."""
        return replace(self, events=self.events[rows], shapes=None if self.shapes is None else self.shapes[rows])

    def after(self, number: int) -> "Rows":
        """Return what follows a generation."""
        first = int(np.searchsorted(self.events[:, 0], number, side="right"))
        start = int(np.searchsorted(self.generations[:, 0], number, side="right"))
        shapes = None if self.shapes is None else self.shapes[first:]
        return Rows(self.events[first:], self.generations[start:], shapes, self.edition)


def shapes_of(rows: Rows) -> np.ndarray:
    """Return (n, 6) the shapes of rows that may have none."""
    if rows.shapes is not None:
        return rows.shapes
    shapes = np.full((len(rows.events), SHAPE_WIDTH), np.nan, dtype=np.float32)
    shapes[:, -1] = -1
    return shapes


def thinned(rows: Rows, max_generations: int, max_events: int) -> Rows:
    """Return the rows with at most so many generations and about so many events; the same ones where they are few.

    The last generation, the best lineage and every end of a lineage that was there before are kept; then, as far as
    they fit, lineages that led, those that live at the end, and a fair sample of those that came and went.

    Args:
        rows: ordered by generation.
        max_generations: at least 1.
        max_events: surpassed only by what has to be kept.
    """
    n = len(rows.generations)
    stride = -(-n // max_generations)
    coarsest = min(stride * MAX_COARSENING, n)
    found = _coarser(rows, stride) if stride > 1 else rows
    while len(found.events) > max_events and stride < coarsest:
        stride = min(2 * stride, coarsest)
        found = _coarser(rows, stride)
    return _fewer(found, max_events) if len(found.events) > max_events else found


def _coarser(rows: Rows, stride: int) -> Rows:
    """Return the rows with every `stride`-th generation, in which what happened until then is told."""
    n = len(rows.generations)
    generations = rows.generations[np.unique(np.append(np.arange(stride - 1, n, stride), n - 1))]
    if not len(rows.events):
        return replace(rows, generations=generations)
    at = np.searchsorted(generations[:, 0], rows.events[:, 0])
    ids = rows.events[:, 1].astype(np.int64)
    order = np.argsort(at * (ids.max() + 1) + ids, kind="stable")  # of each lineage and drawn generation one group
    is_first = np.append(True, (np.diff(at[order]) != 0) | (np.diff(ids[order]) != 0))
    starts = np.flatnonzero(is_first)
    last = order[np.append(starts[1:], len(order)) - 1]
    states = rows.events[order, 2]
    lowest = np.minimum.reduceat(states, starts)  # a move outdoes a later standstill
    final = rows.events[last, 2]
    merged = np.where(final >= EXTINCT, final + BRIEFLY * ((lowest == BORN) & (final < EXTINCT + BRIEFLY)), lowest)
    back = np.argsort(last)
    taken = rows.take(last[back])
    events = taken.events.copy()
    events[:, 0] = generations[at[last[back]], 0]
    events[:, 2] = merged[back]
    return Rows(events, generations, taken.shapes, rows.edition)


def _fewer(rows: Rows, max_events: int) -> Rows:
    """Return the rows of the lineages that matter most, all generations, and ends of lineages that came from before."""
    scores = np.where(np.isfinite(rows.events[:, 3]), rows.events[:, 3], np.inf)
    states = rows.events[:, 2]
    is_end = states >= EXTINCT
    is_birth = (states == BORN) | (states >= EXTINCT + BRIEFLY)
    _, lineage, n_events = np.unique(rows.events[:, 1], return_inverse=True, return_counts=True)

    def has_any(which: np.ndarray) -> np.ndarray:
        return np.bincount(lineage[which], minlength=len(n_events)) > 0

    leads = has_any(scores < np.minimum.accumulate(np.append(np.inf, scores))[:-1])
    is_passing = has_any(is_birth) & has_any(is_end)
    rank = np.where(leads, 0, np.where(is_passing, 2, 1))
    chance = (np.unique(rows.events[:, 1]).astype(np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    order = np.lexsort((chance, rank))
    kept = np.zeros(len(n_events), dtype=bool)
    kept[order] = np.cumsum(n_events[order]) <= max_events
    kept[lineage[scores.argmin()]] = True
    return rows.take(kept[lineage] | (is_end & ~has_any(is_birth)[lineage]))
