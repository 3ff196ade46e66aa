"""What all who do the tasks of a job share: which task is next, what is done, how far everything is."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.problems.estimate import left_words

SECONDS_PER_PROGRESS = 0.3
READY, SHARE, ENDED = "ready", "share", "ended"
"""What a process beside says: the word, then what belongs to it."""


class Progress(NamedTuple):
    """How far a job is.

    Attributes:
        n_done: tasks that are done or failed.
        n: all tasks.
        share: of the work that is done, 0 to 1.
        seconds: since the job began.
    """

    n_done: int
    n: int
    share: float
    seconds: float

    @property
    def words(self) -> str:
        """How far it is, such as "3 of 7 done, about 20 seconds left"."""
        left = left_words(self.share, self.seconds)
        return f"{self.n_done} of {self.n} done" + (f", {left}" if left else "")


class TaskQueue:
    """The tasks of a job, handed out one by one.

    Args:
        tasks: n of them.
        costs: (n,) how long each takes against the others, or None where all take the same.
        told: called when a task begins, when it is done, and a few times a second with how far the job is.
        should_stop: asked often; True hands out no more.
    """

    def __init__(
        self,
        tasks: Sequence[Any],
        costs: Sequence[float] | None,
        told: tuple[Callable[[int], None], Callable[[int, Any], None], Callable[[Progress], None]],
        should_stop: Callable[[], bool],
    ) -> None:
        self.tasks = tasks
        self.should_stop = should_stop
        self.outcomes: list[Any] = [None] * len(tasks)
        self._on_start, self._on_done, self._on_progress = told
        self._lock = threading.RLock()
        self._next = 0
        self._costs = [1.0] * len(tasks) if costs is None else list(costs)
        self._shares = [0.0] * len(tasks)
        self._n_done = 0
        self._started = time.monotonic()
        self._told_at = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether no task is left to begin."""
        return self._next >= len(self.tasks)

    def take(self) -> int | None:
        """Return the place of the next task, or None where none is left or the job shall end."""
        with self._lock:
            if self.is_empty or self.should_stop():
                return None
            self._next += 1
            self._on_start(self._next - 1)
            return self._next - 1

    def finish(self, k: int, outcome: Any) -> None:
        """Keep the outcome of a task; None is that of one that was cut short."""
        with self._lock:
            self.outcomes[k] = outcome
            if outcome is None:
                return
            self._n_done += 1
            self._shares[k] = 1.0
            self._on_done(k, outcome)
            self._tell()

    def note(self, k: int, share: float) -> None:
        """Note which share of a task is done."""
        with self._lock:
            self._shares[k] = min(max(share, self._shares[k]), 1.0)
            if time.monotonic() - self._told_at >= SECONDS_PER_PROGRESS:
                self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        total = sum(self._costs) or 1.0
        share = sum(cost * done for cost, done in zip(self._costs, self._shares, strict=True)) / total
        self._on_progress(Progress(self._n_done, len(self.tasks), share, self._told_at - self._started))
