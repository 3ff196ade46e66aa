"""Ctrl-C keeps what was found: the first one asks for an end, the second one ends at once."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """What tells a search whether it shall end: True from the first Ctrl-C on, while this lasts.

    In a thread nobody can be interrupted, so it is always False there.
    """
    is_stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield is_stopped.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: Any) -> None:
        signal.signal(signal.SIGINT, before)
        is_stopped.set()
        print("Stopping: what was found is kept. Ctrl-C again ends at once.", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, stop)
    try:
        yield is_stopped.is_set
    finally:
        signal.signal(signal.SIGINT, before)
