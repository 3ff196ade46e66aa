"""What users want of the jobs of one worker while they run: to end, to pause, to go another way."""

import threading
from collections import defaultdict

from optimizer import Decision, DecisionKind

LONGEST_PAUSE = 600.0  # seconds: a paused run keeps its place, for which others may be waiting


class Inbox:
    """Heard by the thread that listens, heeded by the one that works."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopped: set[str] = set()
        self._paused: set[str] = set()
        self._decided: defaultdict[str, list[tuple[DecisionKind, int]]] = defaultdict(list)

    def stop(self, job_id: str) -> None:
        """Want a job to end, one that is paused as well."""
        with self._changed:
            self._stopped.add(job_id)
            self._changed.notify_all()

    def pause(self, job_id: str, is_on: bool) -> None:
        """Want a job to pause, or to go on."""
        with self._changed:
            (self._paused.add if is_on else self._paused.discard)(job_id)
            self._changed.notify_all()

    def steer(self, job_id: str, kind: DecisionKind, lineage: int) -> None:
        """Want something of a lineage of a job."""
        with self._changed:
            self._decided[job_id].append((kind, lineage))
            self._changed.notify_all()

    def is_stopped(self, job_id: str) -> bool:
        """Return whether a job shall end."""
        return job_id in self._stopped

    def is_held(self, job_id: str) -> bool:
        """Return whether a job shall wait: it is paused, shall not end, and nothing was decided that is to be done."""
        return job_id in self._paused and job_id not in self._stopped and not self._decided.get(job_id)

    def wait(self, job_id: str, at_most: float = LONGEST_PAUSE) -> None:
        """Return when a job need not wait any longer; one that is forgotten goes on after so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self.is_held(job_id), timeout=at_most):
                self._paused.discard(job_id)

    def take(self, job_id: str, generation: int) -> tuple[Decision, ...]:
        """Return what was decided about a job since this was last asked, as taken after a generation."""
        with self._changed:
            return tuple(Decision(generation, kind, lineage) for kind, lineage in self._decided.pop(job_id, ()))

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended."""
        with self._changed:
            self._stopped.discard(job_id)
            self._paused.discard(job_id)
            self._decided.pop(job_id, None)
