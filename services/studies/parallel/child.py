"""A process that does tasks of a job beside the process that has the job; see `run_parallel`.

Started as ``python -m services.studies.parallel.child``. It hears over its standard input and ends when that
closes, so it never outlives who started it. Both ends are this project's own code of one version, so messages are
pickled; nothing that a user sends is.
"""

import contextlib
import os
import pickle
import queue
import sys
import threading
import time
from typing import Any

from services.specs.errors import failure_of
from services.studies.parallel.tasks import ENDED, READY, SHARE

PRIORITY = 10  # below the pages' and the job's own
SECONDS_PER_REPORT = 0.25


def main() -> None:
    """Do one task after the other until the standard input closes."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever libraries print goes to standard error
    if hasattr(os, "nice"):
        os.nice(PRIORITY)
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stopped = threading.Event()
    work = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_listen, args=(tasks, stopped), daemon=True).start()

    def say(word: str, content: Any) -> None:
        pickle.dump((word, content), out, protocol=pickle.HIGHEST_PROTOCOL)
        out.flush()

    say(READY, None)
    while True:
        task = tasks.get()
        told_at = time.monotonic()

        def report(share: float) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= SECONDS_PER_REPORT:
                told_at = time.monotonic()
                say(SHARE, share)

        try:
            outcome = work(task, report, stopped.is_set)
        except Exception as error:
            outcome = failure_of(error)
        say(ENDED, outcome)


def _listen(tasks: "queue.SimpleQueue[Any]", stopped: threading.Event) -> None:
    """Take in tasks, and None for a stop; end the process when nobody is there any more."""
    with contextlib.suppress(EOFError):
        while True:
            (task,) = pickle.load(sys.stdin.buffer) or (None,)
            if task is None:
                stopped.set()
            else:
                tasks.put(task)
    os._exit(0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
