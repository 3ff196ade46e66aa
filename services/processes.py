"""Child processes that run a module of this project, the messages to and from them, and how busy the machine is.

A child reads messages from its standard input and writes them to its standard output. It ends when its input closes,
so it never outlives the process that started it. Both ends are this project's own code of one version, so messages are
pickled; nothing that a user sends ever is.
"""

import contextlib
import logging
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
NICENESS = 5  # a third of the weight of others
_LOAD_SECONDS = 10.0  # that the average looks back
_LOAD_EVERY = 0.5  # seconds between two looks
_LOAD_SOURCE = Path("/proc/loadavg")

T = TypeVar("T")

log = logging.getLogger("mixwright.processes")


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message.

    Raises:
        OSError: the other end is gone.
    """
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def received(stream: IO[bytes]) -> Iterator[Any]:
    """Messages as they arrive, until the other end is gone."""
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):  # the last: it broke off within a message
        while True:
            yield pickle.load(stream)


def aside(work: Callable[[], T]) -> T:
    """What ``work`` gives, done by a thread behind all others, which on Linux gets what these leave."""

    def step_back() -> None:
        if hasattr(os, "nice"):
            os.nice(NICENESS)

    with ThreadPoolExecutor(1, initializer=step_back) as thread:
        return thread.submit(work).result()


class Throttle:
    """Lets messages pass at most every so many seconds, the first at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._passed_at, self._about = -math.inf, ""

    def is_due(self, about: str = "") -> bool:
        """Whether a message may pass now; if so, the next one waits, unless it is about something else."""
        if about != self._about:
            self.reset()
        self._about = about
        is_due = time.monotonic() - self._passed_at >= self._seconds
        if is_due:
            self._passed_at = time.monotonic()
        return is_due

    def reset(self) -> None:
        """Let the next message pass."""
        self._passed_at = -math.inf


class ChildProcess:
    """A process ``python -m MODULE ARGUMENT...`` with a thread that takes in its messages.

    Args:
        command: the module and its arguments.
        on_message: called in that thread, with this process and every message.
        on_end: called in that thread, with this process and why it ended, in words.
        environment: variables of the process besides those of this one.
    """

    def __init__(
        self,
        command: Sequence[str],
        on_message: Callable[[Any, Any], None],
        on_end: Callable[[Any, str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._sending = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        threading.Thread(target=self._listen, name=" ".join(command), daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, message: Any) -> None:
        """Send a message; to a process that is gone, nothing: `on_end` is called for that."""
        assert self._process.stdin is not None
        with self._sending, contextlib.suppress(OSError, ValueError):  # ValueError: its input was closed already
            send(self._process.stdin, message)

    def stop(self, seconds: float) -> None:
        """Close the input of the process, upon which it ends, and kill it where it still runs seconds later."""
        assert self._process.stdin is not None
        with self._sending, contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        for message in received(self._process.stdout):
            try:
                self._on_message(self, message)
            except Exception:  # a store that cannot be written must not end the thread: later messages matter too
                log.exception("a message is lost: %s", type(message).__name__)
        code = self._process.wait()
        self._process.stdout.close()
        with self._sending, contextlib.suppress(OSError):
            self._process.stdin.close()
        self._on_end(self, reason_of(code))


class ParentConnection:
    """A child's messages to and from the process that started it; made before anything is printed.

    Standard output is for messages alone; whatever libraries print goes to standard error.
    """

    def __init__(self) -> None:
        kept = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(kept, os.O_BINARY)
        self._output = os.fdopen(kept, "wb")
        self._sending = threading.Lock()

    def listen(self, on_message: Callable[[Any], None]) -> None:
        """Have a thread call ``on_message`` with every message, and end this process when the parent is gone."""

        def take_all() -> None:
            for message in received(sys.stdin.buffer):
                on_message(message)
            os._exit(0)  # at once, whatever other threads compute

        threading.Thread(target=take_all, daemon=True).start()

    def send(self, message: Any) -> None:
        """Send a message; any thread may."""
        with self._sending:
            send(self._output, message)


def reason_of(code: int) -> str:
    """What an exit code says, in words."""
    if code >= 0:
        return f"it ended with exit code {code}"
    name = signal.Signals(-code).name
    hint = ", perhaps because memory ran out" if name == "SIGKILL" else ""
    return f"it was ended by the signal {name}{hint}"


class MachineLoad:
    """A moving average of how many threads run or wait for a core.

    Attributes:
        mean: of what was noted, the older the less.
    """

    def __init__(self, first: float) -> None:
        self.mean = first

    def note(self, n_running: float, seconds: float) -> None:
        """Let a number that was seen count for so many seconds."""
        self.mean += (n_running - self.mean) * min(1.0, seconds / _LOAD_SECONDS)


def running_in(line: str) -> int:
    """How many threads other than the one that asks run or wait for a core, by a line of Linux's ``/proc/loadavg``."""
    return max(0, int(line.split()[3].partition("/")[0]) - 1)


def slowdown() -> float:
    """How many times as long work takes now as on an idle machine: it shares the cores with what runs already."""
    return max(1.0, (_load() + 1) / (os.cpu_count() or 1))


def _load() -> float:
    if _LOAD_SOURCE.is_file():
        return _watched().mean
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # of a minute: other systems tell no more


@cache
def _watched() -> MachineLoad:
    """The load of this machine, which is followed from the first question on."""
    load = MachineLoad(_running())
    threading.Thread(target=_follow, args=(load,), daemon=True).start()
    return load


def _running() -> int:
    return running_in(_LOAD_SOURCE.read_text("ascii"))


def _follow(load: MachineLoad) -> None:
    while True:
        time.sleep(_LOAD_EVERY)
        load.note(_running(), _LOAD_EVERY)
