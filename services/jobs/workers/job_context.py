"""What a job at work needs of its worker: what users want of it, and where its progress and its trace go."""

import math
import threading
from collections.abc import Callable
from typing import Any

from optimizer import Decision, DecisionKind
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs.workers.messages import Expected, Piece, Progress, Result, Stopping
from services.processes import Throttle, slowdown
from services.studies import parallel

LONGEST_PAUSE = 600.0  # seconds: a paused run keeps its place, for which others may be waiting


class JobContext:
    """One job at work. The thread that listens to the supervisor notes what users want; the one that works asks.

    Args:
        job_id: the job.
        catalog: where datasets and models are found.
        send: sends a message to the supervisor.
    """

    def __init__(self, job_id: str, catalog: Catalog, send: Callable[[Any], None]) -> None:
        self.job_id = job_id
        self.catalog = catalog
        self._send = send
        self.has_result = False
        self._changed = threading.Condition()
        self._is_stopped = False
        self._has_answered = False
        self._is_paused = False
        self._decisions: list[tuple[DecisionKind, int]] = []
        self._decided: set[tuple[DecisionKind, int]] = set()

    def stop(self) -> None:
        """Want the job to end, a paused one as well."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def pause(self, is_on: bool) -> None:
        """Want the job to pause, or to go on."""
        with self._changed:
            self._is_paused = is_on
            self._changed.notify_all()

    def steer(self, kind: DecisionKind, lineage: int) -> None:
        """Want something of a lineage; a page that is drawn anew meanwhile may say it twice."""
        with self._changed:
            if (kind, lineage) not in self._decided:
                self._decided.add((kind, lineage))
                self._decisions.append((kind, lineage))
            self._changed.notify_all()

    def should_stop(self) -> bool:
        """Whether the job shall end; the supervisor hears once that the work has seen it."""
        if self._is_stopped and not self._has_answered:
            self._has_answered = True
            self._send(Stopping(self.job_id))
        return self._is_stopped

    @property
    def is_paused(self) -> bool:
        """Whether the job shall wait: a stop and a decision are heeded first, for the user waits for what they do."""
        return self._is_paused and not self._is_stopped and not self._decisions

    def wait(self, at_most: float = LONGEST_PAUSE) -> None:
        """Wait until the job may go on; a pause that is forgotten ends after so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self.is_paused, timeout=at_most):
                self._is_paused = False

    def decisions(self, generation: int) -> tuple[Decision, ...]:
        """What the user decided since this was last asked, as taken after a generation."""
        with self._changed:
            taken, self._decisions = self._decisions, []
        return tuple(Decision(generation, kind, lineage) for kind, lineage in taken)

    def add_piece(self, payload: bytes) -> None:
        """Send a piece of what came out so far."""
        self._send(Piece(self.job_id, payload))

    def show_result(self, result: str) -> None:
        """Send the result before the job has ended, for pages to show."""
        self.has_result = True
        self._send(Result(self.job_id, result))

    def set_progress(self, words: str) -> None:
        """Say what the job is doing now."""
        self._send(Progress(self.job_id, words))

    def expect(self, idle_seconds: float) -> None:
        """Note how many seconds the job will take by what it takes on an idle machine; nothing where that is NaN."""
        if math.isfinite(idle_seconds):
            self._send(Expected(self.job_id, idle_seconds * slowdown()))

    def execution(self, words_of: Callable[[Any], str]) -> parallel.Execution:
        """How a study of several searches is done as this job; its progress is sent twice a second.

        Args:
            words_of: says what a task does, such as "searching by CMA-ES".
        """
        current, throttle = "", Throttle(0.5)

        def begin(task: Any) -> None:
            nonlocal current
            current = words_of(task)
            throttle.reset()

        def report(progress: parallel.Progress) -> None:
            if throttle.is_due():
                self.set_progress(f"{progress.words}; {current}")

        return parallel.Execution(
            n_processes=Settings.from_environment().n_processes,
            on_start=begin,
            on_piece=lambda piece: self.add_piece(piece.model_dump_json().encode()),
            on_progress=report,
            on_expected=self.expect,
            should_stop=self.should_stop,
        )
