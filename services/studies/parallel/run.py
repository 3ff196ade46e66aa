"""All tasks of a study done, several at once."""

import contextlib
import io
import math
import pickle
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from services.processes import ChildProcess
from services.specs.errors import Failure, failure_of
from services.studies.parallel.tasks import Execution, TaskQueue

SECONDS_PER_POLL = 0.1  # of whether to stop
SECONDS_TO_STOP = 1.5  # a child process that has not ended a stopped task by then is killed
READY, SHARE, OUTCOME, TASK, STOP, ENDED = "ready", "share", "outcome", "task", "stop", "ended"
"""Kinds of messages to and from a child process: each message is a pair of its kind and what belongs to it."""


class Work(Protocol):
    """What is done with every task."""

    def __call__(self, task: Any, report: Callable[[float], None], should_stop: Callable[[], bool], /) -> Any:
        """The outcome of a task, or None where a stop cut it short.

        Args:
            task: what to do.
            report: called now and then with the share of the task that is done, 0 to 1.
            should_stop: asked often; True ends the task.
        """


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
    execution = execution or Execution()
    pending = TaskQueue(tasks, execution, piece_of, costs)
    n_children = min(execution.n_processes, len(tasks)) - 1
    packed = _packed(work) if n_children > 0 else None
    n_threads = n_children if packed is not None else 0
    threads = [threading.Thread(target=_do_in_child, args=(pending, packed), daemon=True) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    while (k := pending.take()) is not None:
        pending.finish(k, _done_here(work, tasks[k], partial(pending.note, k), pending.should_stop))
    for thread in threads:
        thread.join()
    return pending.outcomes


def _done_here(work: Work, task: Any, report: Callable[[float], None], should_stop: Callable[[], bool]) -> Any:
    try:
        return work(task, report, should_stop)
    except Exception as error:
        return failure_of(error)


class _Messages(queue.SimpleQueue[tuple[str, Any]]):
    """The messages of a child process, and then its end, for the thread that waits for them."""

    def put_message(self, _child: ChildProcess, message: tuple[str, Any]) -> None:
        self.put(message)

    def put_end(self, _child: ChildProcess, reason: str) -> None:
        self.put((ENDED, reason))


def _do_in_child(pending: TaskQueue, packed: bytes) -> None:
    """Have a child process do tasks until none is left; one that dies at a task is replaced."""
    while not pending.is_over:
        messages = _Messages()
        child = ChildProcess(
            ["services.studies.parallel.child"],
            on_message=messages.put_message,
            on_end=messages.put_end,
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


def _becomes_ready(messages: _Messages, pending: TaskQueue) -> bool:
    """Whether a child process has loaded what it needs before the last task was taken.

    One that dies meanwhile is not replaced: the next one would die as well.
    """
    while not pending.is_over:
        with contextlib.suppress(queue.Empty):
            return messages.get(timeout=SECONDS_PER_POLL)[0] == READY
    return False


def _done_in(child: ChildProcess, messages: _Messages, pending: TaskQueue, k: int) -> tuple[Any, bool]:
    """The outcome of a task in a child process, or its `Failure`, and whether that process still lives."""
    child.send((TASK, pending.tasks[k]))
    killed_at = math.inf
    while True:
        if killed_at == math.inf and pending.should_stop():
            child.send((STOP, None))
            killed_at = time.monotonic() + SECONDS_TO_STOP
        if time.monotonic() >= killed_at:
            child.kill()  # `ENDED` is the last message then
        with contextlib.suppress(queue.Empty):
            kind, content = messages.get(timeout=SECONDS_PER_POLL)
            if kind == OUTCOME:
                return content, True
            if kind == ENDED:
                died = Failure("The process that searched ended unexpectedly.")
                return (None if pending.should_stop() else died), False
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
