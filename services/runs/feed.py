"""The trace of a run as it grows, read piece by piece."""

import threading

import numpy as np

from services.runs.store import RunStore
from services.runs.traces import TracePiece

AT_ONCE = 64  # pieces that are decoded before they are handed on: some 30 MB of a fast search


class TraceFeed:
    """The pieces of one run's trace that reached the store since one last looked; for one reader.

    Args:
        store: where the run is kept.
        run_id: the run.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._n_chunks = 0

    def next(self) -> TracePiece | None:
        """Return what follows, as much as is good for memory, or None where nothing is new."""
        chunks = self._store.chunks(self._run_id, first=self._n_chunks, at_most=AT_ONCE)
        self._n_chunks += len(chunks)
        return TracePiece.joined([TracePiece.from_bytes(chunk) for chunk in chunks]) if chunks else None


class Course:
    """How the best of a run got better: the events that did it, and all generations.

    Args:
        feed: of the run, read by nobody else.
    """

    def __init__(self, feed: TraceFeed) -> None:
        self._feed = feed
        self._lock = threading.Lock()
        self._piece: TracePiece | None = None
        self._best = np.inf

    def read(self) -> TracePiece | None:
        """Return everything so far that bettered the best, or None before the first generation."""
        with self._lock:
            while (piece := self._feed.next()) is not None:
                new = piece.leading(self._best)
                self._best = min(self._best, new.events.bests.scores.min(initial=np.inf))
                self._piece = TracePiece.joined([self._piece, new]) if self._piece else new
            return self._piece
