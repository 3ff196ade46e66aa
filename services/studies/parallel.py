"""Several independent searches of one job at once: one in this process, the others in child processes.

Processes, not threads: a search is many small steps of Python, and threads of one process take turns at those. Run as
a module, this is such a child (``python -m services.studies.parallel``).
"""

import contextlib
import io
import math
import os
import pickle
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from services.catalog.loading import ModelWithData
from services.problems.estimate import left_words
from services.processes import ChildProcess, ParentConnection, Throttle
from services.specs.errors import Failure, failure_of

SECONDS_PER_PROGRESS = 0.3
SECONDS_PER_POLL = 0.1  # of whether to stop
SECONDS_TO_STOP = 1.5  # a child process that has not ended a stopped task by then is killed
NICENESS = 10  # of a child process: pages, and the process that has the job, go first
READY, SHARE, OUTCOME, TASK, STOP, ENDED = "ready", "share", "outcome", "task", "stop", "ended"
"""Kinds of messages to and from a child process: each message is a pair of its kind and what belongs to it."""

Work = Callable[[Any, Callable[[float], None], Callable[[], bool]], Any]
"""What is done with a task, called with the task, with what to call now and then with the share of it that is done,
0 to 1, and with what to ask often whether to end; gives the outcome, or None where a stop cut it short."""


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
        on_expected: called with how many seconds it will take on an idle machine, as soon as that is known.
        should_stop: asked often; True ends the searches that were begun, and begins no others.
    """

    n_processes: int = 1
    on_start: Callable[[Any], None] = lambda task: None
    on_piece: Callable[[Any], None] = lambda piece: None
    on_progress: Callable[[Progress], None] = lambda progress: None
    on_expected: Callable[[float], None] = lambda seconds: None
    should_stop: Callable[[], bool] = lambda: False

    def suited_to(self, model_data: ModelWithData) -> "Execution":
        """The same in this process alone where the model takes TensorFlow: loaded once, not once per process."""
        return replace(self, n_processes=1) if model_data.is_deferred else self


def run_parallel(
    work: Work,
    tasks: Sequence[Any],
    execution: Execution | None = None,
    *,
    piece_of: Callable[[Any, Any], Any] = lambda task, outcome: outcome,
    costs: Sequence[float] | None = None,
) -> list[Any]:
    """(n,) the outcome of every task, a `Failure` where it could not be done, or None after a stop.

    Every task gives what it gives alone, however many are done at once; a failed one does not end the others, nor does
    a process that dies.

    Args:
        work: what is done with a task. Where it cannot be pickled, tasks are done one after the other.
        tasks: n of them, begun in this order.
        execution: how many at once, and what is called meanwhile.
        piece_of: gives the part of the study's result that a task and its outcome, or its `Failure`, make.
        costs: (n,) how long each task takes against the others; by default all take the same.
    """
    pending = _TaskQueue(tasks, execution or Execution(), piece_of, costs or [1.0] * len(tasks))
    n_children = min(pending.execution.n_processes, len(tasks)) - 1
    packed = _packed(work) if n_children > 0 else None
    n_threads = n_children if packed is not None else 0
    threads = [threading.Thread(target=_do_in_child, args=(pending, packed), daemon=True) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    while (k := pending.take()) is not None:
        pending.finish(k, _outcome(work, tasks[k], partial(pending.note, k), pending.execution.should_stop))
    for thread in threads:
        thread.join()
    return pending.outcomes


def _outcome(work: Work, task: Any, report: Callable[[float], None], should_stop: Callable[[], bool]) -> Any:
    try:
        return work(task, report, should_stop)
    except Exception as error:
        return failure_of(error)


class _TaskQueue:
    """The tasks of a study, handed out to several threads one by one, and how far they are; see `run_parallel`."""

    def __init__(
        self, tasks: Sequence[Any], execution: Execution, piece_of: Callable[[Any, Any], Any], costs: Sequence[float]
    ) -> None:
        self.tasks = tasks
        self.execution = execution
        self.outcomes: list[Any] = [None] * len(tasks)
        self._piece_of = piece_of
        self._costs = costs
        self._shares = [0.0] * len(tasks)
        self._next = self._n_done = 0
        self._lock = threading.RLock()
        self._started = time.monotonic()
        self._throttle = Throttle(SECONDS_PER_PROGRESS)

    @property
    def is_over(self) -> bool:
        """Whether no task will be handed out any more."""
        return self._next >= len(self.tasks) or self.execution.should_stop()

    def take(self) -> int | None:
        """The index of the next task, or None where none is left or the study shall end."""
        with self._lock:
            if self.is_over:
                return None
            self._next += 1
            self.execution.on_start(self.tasks[self._next - 1])
            return self._next - 1

    def finish(self, k: int, outcome: Any) -> None:
        """Keep the outcome of a task; None is that of one that a stop cut short."""
        with self._lock:
            self.outcomes[k] = outcome
            if outcome is None:
                return
            self._n_done += 1
            self._shares[k] = 1.0
            self.execution.on_piece(self._piece_of(self.tasks[k], outcome))
            self._report()

    def note(self, k: int, share: float) -> None:
        """Note which share of a task is done."""
        with self._lock:
            self._shares[k] = min(max(share, self._shares[k]), 1.0)
            if self._throttle.is_due():
                self._report()

    def _report(self) -> None:
        done = sum(cost * share for cost, share in zip(self._costs, self._shares, strict=True))
        share = done / (sum(self._costs) or 1.0)
        self.execution.on_progress(Progress(self._n_done, len(self.tasks), share, time.monotonic() - self._started))


_Messages = queue.SimpleQueue[tuple[str, Any]]  # of a child process, and then its end


def _do_in_child(pending: _TaskQueue, packed: bytes) -> None:
    """Have a child process do tasks until none is left; one that dies at a task is replaced."""
    while not pending.is_over:
        messages: _Messages = queue.SimpleQueue()
        child = ChildProcess(
            ["services.studies.parallel"],
            on_message=partial(lambda own, _, message: own.put(message), messages),
            on_end=partial(lambda own, _, reason: own.put((ENDED, reason)), messages),
        )
        # In a thread of its own: it blocks on a full pipe until the child has loaded, and a stop cannot wait for that.
        threading.Thread(target=child.send, args=(packed,), daemon=True).start()
        if not _becomes_ready(messages, pending):
            child.kill()
            return
        is_alive = True
        while is_alive and (k := pending.take()) is not None:
            outcome, is_alive = _done_in(child, messages, pending, k)
            pending.finish(k, outcome)
        child.stop(SECONDS_TO_STOP)


def _becomes_ready(messages: _Messages, pending: _TaskQueue) -> bool:
    """Whether a child process has loaded what it needs before the last task was taken.

    One that dies meanwhile is not replaced: the next one would die as well.
    """
    while not pending.is_over:
        with contextlib.suppress(queue.Empty):
            return messages.get(timeout=SECONDS_PER_POLL)[0] == READY
    return False


def _done_in(child: ChildProcess, messages: _Messages, pending: _TaskQueue, k: int) -> tuple[Any, bool]:
    """The outcome of a task in a child process, or its `Failure`, and whether that process still lives."""
    child.send((TASK, pending.tasks[k]))
    should_stop, killed_at = pending.execution.should_stop, math.inf
    while True:
        if killed_at == math.inf and should_stop():
            child.send((STOP, None))
            killed_at = time.monotonic() + SECONDS_TO_STOP
        if time.monotonic() >= killed_at:
            child.kill()  # `ENDED` is the last message then
        with contextlib.suppress(queue.Empty):
            kind, content = messages.get(timeout=SECONDS_PER_POLL)
            if kind == OUTCOME:
                return content, True
            if kind == ENDED:
                return None if should_stop() else Failure("The process that searched ended unexpectedly."), False
            pending.note(k, content)


def _packed(work: Work) -> bytes | None:
    """The work as another process takes it, or None for what only lives here, such as a function of a script."""
    packed = io.BytesIO()
    try:
        _Packer(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(work)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return None if b"__main__" in packed.getvalue() else packed.getvalue()


class _Packer(pickle.Pickler):
    """Leaves out what models keep for each thread: another process makes its own."""

    def reducer_override(self, obj: Any) -> Any:
        return (threading.local, ()) if isinstance(obj, threading.local) else NotImplemented


def main() -> None:
    """Do one task after the other, as a child, until the parent is gone; its first message says what to do."""
    parent = ParentConnection()
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    is_stopped = threading.Event()
    parent.listen(lambda message: is_stopped.set() if message == (STOP, None) else messages.put(message))
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    work = pickle.loads(messages.get())
    throttle = Throttle(SECONDS_PER_PROGRESS)

    def report(share: float) -> None:
        if throttle.is_due():
            parent.send((SHARE, share))

    parent.send((READY, None))
    while True:
        _, task = messages.get()
        parent.send((OUTCOME, _outcome(work, task, report, is_stopped.is_set)))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
