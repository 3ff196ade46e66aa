"""What live views and result views draw of a run: its trace as rows, and its pictures."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from models import Dataset
from optimizer import Decision, LineageState, is_end
from services.catalog.intervals import curve_bands
from services.catalog.loading import ModelWithData
from services.jobs.workers.traces import TraceFeed, TracePiece
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from ui.web.live_view import BRIEFLY, Rows, thinned
from ui.web.result_view import Ground, encode, picture_of
from ui.web.scenes import SceneRows

MAX_EVENTS = 200_000  # rows that are kept, some 20 MB; beyond, the run is kept with half of them
MAX_GENERATIONS = 40_000


class DrawnTrace:
    """The rows of one run that have reached the store, for all who watch it.

    Args:
        feed: of the run, read by nobody else.
        rows: turns pieces of its trace into rows.
        width: columns of an event.
    """

    def __init__(self, feed: TraceFeed, rows: SceneRows, width: int) -> None:
        self._feed = feed
        self._to_rows = rows
        self._lock = threading.Lock()
        self._kept = Rows.empty(width)
        self._census = Census()
        self._decisions: tuple[Decision, ...] = ()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What users decided in the generations that were read."""
        return self._decisions

    def read(self) -> Rows:
        """Return everything so far, with less detail where it is very long."""
        with self._lock:
            while (piece := self._feed.next()) is not None:
                self._kept = Rows.joined(self._kept, self._rows_of(piece))
                self._decisions += piece.decisions
                if len(self._kept.events) > MAX_EVENTS or len(self._kept.generations) > MAX_GENERATIONS:
                    fewer = thinned(self._kept, MAX_GENERATIONS // 2, MAX_EVENTS // 2)
                    self._kept = replace(fewer, edition=self._kept.edition + 1)
            return self._kept

    def _rows_of(self, piece: TracePiece) -> Rows:
        """Return the rows of a piece; on screen generations are counted from 1."""
        counts, is_first = self._census.take(piece)
        generations = np.column_stack([piece.generations[:, 0] + 1, piece.generations[:, 1], counts])
        events = self._to_rows.of_events(piece.events)
        events[is_first & is_end(piece.events.states), 2] += BRIEFLY
        return Rows(events, generations, self._to_rows.of_shapes(piece))


class Census:
    """Counts the lineages of a run while its trace is read piece by piece."""

    def __init__(self) -> None:
        self._is_known = np.zeros(0, dtype=bool)  # by number of the lineage
        self._is_extinct = np.zeros(0, dtype=bool)
        self._counts = np.zeros(4)

    def take(self, piece: TracePiece) -> tuple[np.ndarray, np.ndarray]:
        """Return what the next piece tells.

        A lineage is born with its first event, which may be its end already.

        Returns:
            (g, 4) how many lineages were born, extinct, merged and dropped by each generation, since the start of the
            run, each counted by how it ended last;
            (e,) whether each event is the first of its lineage.
        """
        events = piece.events
        is_first = np.zeros(len(events), dtype=bool)
        is_first[np.unique(events.ids, return_index=True)[1]] = True
        n_more = int(events.ids.max(initial=-1)) + 1 - len(self._is_known)
        none_yet = np.zeros(max(0, n_more), dtype=bool)
        self._is_known, self._is_extinct = np.append(self._is_known, none_yet), np.append(self._is_extinct, none_yet)
        is_first &= ~self._is_known[events.ids]
        self._is_known[events.ids] = True
        where = np.searchsorted(piece.generations[:, 0], events.generations)
        is_extinct, is_merged, is_dropped = (
            events.states == state for state in (LineageState.EXTINCT, LineageState.MERGED, LineageState.DROPPED)
        )
        self._is_extinct[events.ids[is_extinct]] = True
        was_extinct = is_dropped & self._is_extinct[events.ids]  # it leaves the archive
        which = (is_first, is_extinct, is_merged, is_dropped, was_extinct)
        n_each = [np.bincount(where[rows], minlength=len(piece.generations)) for rows in which]
        new = np.column_stack([n_each[0], n_each[1] - n_each[4], *n_each[2:4]])
        counts = self._counts + np.cumsum(new, axis=0)
        if len(counts):
            self._counts = counts[-1]
        return counts, is_first


def build_message(
    result: RunResult, dataset: Dataset, find_ground: Callable[[], Ground], find_material: Callable[[], ModelWithData]
) -> dict[str, Any]:
    """Return the message of the whole view; without map and intervals where table or model are not what they were.

    Args:
        result: of the run.
        dataset: the recorded rows of that run.
        find_ground: gives recorded rows and archive on the map of the run.
        find_material: gives recorded rows and model of the run.
    """
    try:
        ground = find_ground()
        bands = curve_bands(result, result.results, find_material())
    except USER_ERRORS:
        return encode(picture_of(result, dataset))
    return encode(picture_of(result, dataset, ground, bands))
