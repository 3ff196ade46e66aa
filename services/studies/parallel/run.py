"""Every task of a job done, as many at once as there are lanes."""

import io
import pickle
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from services.specs.errors import failure_of
from services.studies.parallel.lane import ChildProcess
from services.studies.parallel.tasks import Progress, TaskQueue


class Work(Protocol):
    """What is done with every task."""

    def __call__(self, task: Any, report: Callable[[float], None], should_stop: Callable[[], bool], /) -> Any:
        """Return the outcome of a task, or None where a stop cut it short.

        Args:
            task: what to do.
            report: told now and then which share of the task is done, 0 to 1.
            should_stop: asked often; True ends the task.
        """


def run_parallel(
    work: Work,
    tasks: Sequence[Any],
    *,
    n_lanes: int = 1,
    costs: Sequence[float] | None = None,
    on_start: Callable[[int], None] = lambda k: None,
    on_done: Callable[[int, Any], None] = lambda k, outcome: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Any]:
    """Return (n,) the outcome of every task, a `Failure` where it could not be done, or None after a stop.

    Every task gives what it gives alone, however many are done at once; a failed one does not end the others, nor does
    a process that dies. What is called back is called by one thread at a time, though not always by this one.

    Args:
        work: what is done with a task. Where it cannot be pickled, tasks are done one after the other.
        tasks: n of them, begun in this order.
        n_lanes: tasks at once: one in this process, the others in processes of their own at a low priority.
        costs: (n,) how long each task takes against the others; by default all take the same.
        on_start: called with the place of every task that begins.
        on_done: called with the place and outcome of every task that is done, or with its `Failure`.
        on_progress: called a few times a second.
        should_stop: asked often; True ends the tasks that were begun, and begins no others.
    """
    crew = TaskQueue(tasks, costs, (on_start, on_done, on_progress), should_stop)
    threads = []
    n_beside = min(n_lanes, len(tasks)) - 1
    packed = _packed(work) if n_beside > 0 else None
    if packed is not None:
        threads = [threading.Thread(target=ChildProcess(crew, packed).run, daemon=True) for _ in range(n_beside)]
        for thread in threads:
            thread.start()
    while (k := crew.take()) is not None:
        crew.finish(k, _done_here(work, tasks[k], partial(crew.note, k), crew.should_stop))
    for thread in threads:
        thread.join()
    return crew.outcomes


def _done_here(work: Work, task: Any, report: Callable[[float], None], should_stop: Callable[[], bool]) -> Any:
    """Return the outcome of a task that is done in this process, or its `Failure`."""
    try:
        return work(task, report, should_stop)
    except Exception as error:
        return failure_of(error)


def _packed(work: Work) -> bytes | None:
    """Return the work as another process takes it, or None for what only lives here, such as a function of a script."""
    packed = io.BytesIO()
    try:
        _Packer(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(work)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return None if b"__main__" in packed.getvalue() else packed.getvalue()


class _Packer(pickle.Pickler):
    """Leaves out what models keep for each thread: another process makes its own."""

    def reducer_override(self, obj: Any) -> Any:
        """Return how an object is made again, where that is our business."""
        return (threading.local, ()) if isinstance(obj, threading.local) else NotImplemented
