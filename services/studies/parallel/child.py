"""A process that does tasks of a study for the process that runs it (``python -m services.studies.parallel.child``)."""

import contextlib
import os
import pickle
import queue
import threading
from typing import Any

from services.processes import ParentConnection, Throttle
from services.specs.errors import failure_of
from services.studies.parallel.run import OUTCOME, READY, SHARE, STOP

NICENESS = 10  # pages, and the process that has the job, go first
SECONDS_PER_REPORT = 0.25


def main() -> None:
    """Do one task after the other until the parent is gone; what is done with them is the first message."""
    parent = ParentConnection()
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    is_stopped = threading.Event()

    def take(message: Any) -> None:
        if message == (STOP, None):
            is_stopped.set()
        else:
            messages.put(message)

    parent.listen(take)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    work = pickle.loads(messages.get())
    throttle = Throttle(SECONDS_PER_REPORT)

    def report(share: float) -> None:
        if throttle.is_due():
            parent.send((SHARE, share))

    parent.send((READY, None))
    while True:
        _, task = messages.get()
        try:
            outcome = work(task, report, is_stopped.is_set)
        except Exception as error:
            outcome = failure_of(error)
        parent.send((OUTCOME, outcome))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
