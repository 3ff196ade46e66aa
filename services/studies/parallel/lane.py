"""This process's end of a process beside it."""

import contextlib
import pickle
import subprocess
import sys
import threading
import time
from typing import Any

from services.catalog.settings import ROOT
from services.specs.errors import Failure
from services.studies.parallel.tasks import SHARE, TaskQueue

SECONDS_PER_LOOK = 0.1  # at whether to stop
SECONDS_TO_STOP = 1.5  # a process that has not ended a stopped task by then is killed


class ChildProcess:
    """Starts a process, and gives it tasks as long as there are some.

    Args:
        crew: of the job.
        packed: the work, pickled.
    """

    def __init__(self, crew: TaskQueue, packed: bytes) -> None:
        self._crew = crew
        self._packed = packed
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._saying = threading.Lock()

    def run(self) -> None:
        """Do tasks until none is left; a process that dies at a task is replaced."""
        while self._begin():
            is_alive = True
            while is_alive and (k := self._crew.take()) is not None:
                outcome, is_alive = self._task(k)
                self._crew.finish(k, outcome)
            self._end()
            if is_alive or self._crew.should_stop():
                return

    def _begin(self) -> bool:
        """Start the process; return whether it is ready for tasks."""
        self._is_ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.studies.parallel.child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(self._packed)
            self._process.stdin.flush()
        except OSError:
            self._end()
            return False
        self._is_ready = self._hear() is not None
        if not self._is_ready:
            self._end()
        return self._is_ready

    def _task(self, k: int) -> tuple[Any, bool]:
        """Return the outcome of a task in the process, or its `Failure`, and whether the process still lives."""
        self._say((self._crew.tasks[k],))
        while (heard := self._hear()) is not None:
            word, content = heard
            if word == SHARE:
                self._crew.note(k, content)
            else:
                return content, True
        return (None if self._crew.should_stop() else Failure("The process that searched ended unexpectedly.")), False

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Pass a stop on, and end a process that does not answer it, or that comes too late for any task."""
        while process.poll() is None:
            if self._crew.is_empty and not self._is_ready:
                process.kill()
                return
            if self._crew.should_stop():
                self._say(None)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(SECONDS_TO_STOP)
                process.kill()
                return
            time.sleep(SECONDS_PER_LOOK)

    def _say(self, message: tuple[Any] | None) -> None:
        assert self._process is not None and self._process.stdin is not None
        with self._saying, contextlib.suppress(OSError, ValueError):  # ValueError: its end was closed already
            pickle.dump(message, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()

    def _hear(self) -> tuple[str, Any] | None:
        """Return what the process says next, or None when it is gone."""
        assert self._process is not None and self._process.stdout is not None
        try:
            heard: tuple[str, Any] = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return heard

    def _end(self) -> None:
        """End the process: its standard input closes."""
        assert self._process is not None
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_STOP)
        self._process.kill()
        self._process.wait()
