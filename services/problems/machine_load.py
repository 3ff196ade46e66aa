"""How busy the machine is now: the average of the last ten seconds, not that of the last minute."""

import os
import time
from functools import cache
from pathlib import Path
from threading import Thread

_SECONDS = 10.0  # that the average looks back
_EVERY = 0.5  # seconds between two looks
_SOURCE = Path("/proc/loadavg")


class MachineLoad:
    """A moving average of how many threads run or wait for a core.

    Attributes:
        mean: of what was noted, the older the less.
    """

    def __init__(self, first: float) -> None:
        self.mean = first

    def note(self, n_running: float, seconds: float) -> None:
        """Let a number that was seen count for so many seconds."""
        self.mean += (n_running - self.mean) * min(1.0, seconds / _SECONDS)


def running_in(line: str) -> int:
    """How many threads other than the one that asks run or wait for a core, by a line of Linux's ``/proc/loadavg``."""
    return max(0, int(line.split()[3].partition("/")[0]) - 1)


def slowdown() -> float:
    """How many times as long work takes now as on an idle machine: it shares the cores with what runs already."""
    return max(1.0, (_load() + 1) / (os.cpu_count() or 1))


def _load() -> float:
    if _SOURCE.is_file():
        return _watched().mean
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # of a minute: other systems tell no more


@cache
def _watched() -> MachineLoad:
    """The load of this machine, which is followed from the first question on."""
    load = MachineLoad(_running())
    Thread(target=_follow, args=(load,), daemon=True).start()
    return load


def _running() -> int:
    return running_in(_SOURCE.read_text("ascii"))


def _follow(load: MachineLoad) -> None:
    while True:
        time.sleep(_EVERY)
        load.note(_running(), _EVERY)
