"""The trace of a run as it grows, read piece by piece."""

import threading

from services.runs.store import RunStore
from services.runs.traces import TracePiece


class TraceFeed:
    """The generations of one run that have reached the store so far; pieces are read and decoded once.

    Args:
        store: where the run is kept.
        run_id: the run.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._n_chunks = 0
        self._piece: TracePiece | None = None
        self._lock = threading.Lock()

    def read(self) -> TracePiece | None:
        """Return everything that has happened so far, or None before the first generation."""
        with self._lock:
            chunks = self._store.chunks(self._run_id, first=self._n_chunks)
            if chunks:
                new = [TracePiece.from_bytes(chunk) for chunk in chunks]
                self._piece = TracePiece.joined([self._piece, *new] if self._piece else new)
                self._n_chunks += len(chunks)
            return self._piece
