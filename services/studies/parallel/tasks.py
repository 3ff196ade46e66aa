"""What all processes that do the tasks of a study share: which task is next, what is done, how far everything is."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from services.catalog.loading import ModelWithData
from services.problems.estimate import left_words
from services.processes import Throttle

SECONDS_PER_PROGRESS = 0.3


class Progress(NamedTuple):
    """How far a study is.

    Attributes:
        n_done: tasks that are done or failed.
        n: all tasks.
        share: of the work that is done, 0 to 1.
        seconds: since it began.
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


@dataclass(frozen=True, slots=True)
class Execution:
    """How a study of several searches is done, and what is called meanwhile, by one thread at a time.

    Attributes:
        n_processes: searches at once: one in this process, the others in child processes of a low priority.
        on_start: called with every task that begins.
        on_piece: called with every part of the study's result as soon as it is there.
        on_progress: called a few times a second.
        should_stop: asked often; True ends the searches that were begun, and begins no others.
    """

    n_processes: int = 1
    on_start: Callable[[Any], None] = lambda task: None
    on_piece: Callable[[Any], None] = lambda piece: None
    on_progress: Callable[[Progress], None] = lambda progress: None
    should_stop: Callable[[], bool] = lambda: False

    def suited_to(self, model_data: ModelWithData) -> "Execution":
        """The same in this process alone where the model takes TensorFlow: loaded once, not once per process."""
        return replace(self, n_processes=1) if model_data.is_deferred else self


class TaskQueue:
    """The tasks of a study, handed out one by one to several threads.

    Args:
        tasks: n of them.
        execution: of the study.
        piece_of: gives the part of the study's result that a task and its outcome make.
        costs: (n,) how long each takes against the others, or None where all take the same.
    """

    def __init__(
        self,
        tasks: Sequence[Any],
        execution: Execution,
        piece_of: Callable[[Any, Any], Any],
        costs: Sequence[float] | None = None,
    ) -> None:
        self.tasks = tasks
        self.should_stop = execution.should_stop
        self.outcomes: list[Any] = [None] * len(tasks)
        self._execution = execution
        self._piece_of = piece_of
        self._lock = threading.RLock()
        self._next = 0
        self._costs = [1.0] * len(tasks) if costs is None else list(costs)
        self._shares = [0.0] * len(tasks)
        self._n_done = 0
        self._started = time.monotonic()
        self._throttle = Throttle(SECONDS_PER_PROGRESS)

    @property
    def is_over(self) -> bool:
        """Whether no task will be handed out any more."""
        return self._next >= len(self.tasks) or self.should_stop()

    def take(self) -> int | None:
        """The index of the next task, or None where none is left or the study shall end."""
        with self._lock:
            if self.is_over:
                return None
            self._next += 1
            self._execution.on_start(self.tasks[self._next - 1])
            return self._next - 1

    def finish(self, k: int, outcome: Any) -> None:
        """Keep the outcome of a task; None is that of one that a stop cut short."""
        with self._lock:
            self.outcomes[k] = outcome
            if outcome is None:
                return
            self._n_done += 1
            self._shares[k] = 1.0
            self._execution.on_piece(self._piece_of(self.tasks[k], outcome))
            self._report()

    def note(self, k: int, share: float) -> None:
        """Note which share of a task is done."""
        with self._lock:
            self._shares[k] = min(max(share, self._shares[k]), 1.0)
            if self._throttle.is_due():
                self._report()

    def _report(self) -> None:
        total = sum(self._costs) or 1.0
        share = sum(cost * done for cost, done in zip(self._costs, self._shares, strict=True)) / total
        self._execution.on_progress(Progress(self._n_done, len(self.tasks), share, time.monotonic() - self._started))
