"""The supervisor's end of one worker process."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from services.catalog.settings import ROOT, Settings
from services.jobs.store.store import JobKind
from services.jobs.workers import messages

log = logging.getLogger("mixwright.process")


class WorkerProcess:
    """A worker process with a thread that hears it.

    Args:
        kind: of the jobs it does.
        heard: called, in that thread, with every message.
        died: called, in that thread, with the reason when the process has ended.
        settings: that the process works with.
    """

    def __init__(
        self,
        kind: JobKind,
        heard: Callable[["WorkerProcess", messages.Message], None],
        died: Callable[["WorkerProcess", str], None],
        settings: Settings,
    ) -> None:
        self.kind = kind
        self._heard = heard
        self._died = died
        self._ready = threading.Event()
        self._sending = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.jobs.workers.worker", str(kind)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | settings.environment | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        threading.Thread(target=self._listen, name=f"{kind} worker", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether it has loaded what it needs and still runs."""
        return self.was_ready and self.is_alive

    @property
    def was_ready(self) -> bool:
        """Whether it once had loaded what it needs."""
        return self._ready.is_set()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, message: messages.Message) -> None:
        """Say something to the worker; one that is gone is noticed elsewhere."""
        assert self._process.stdin is not None
        with self._sending:
            try:
                messages.send(self._process.stdin, message)
            except (OSError, ValueError):  # ValueError: its end was closed already
                return

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        while (message := messages.receive(self._process.stdout)) is not None:
            if isinstance(message, messages.Ready):
                self._ready.set()
            try:
                self._heard(self, message)
            except Exception:  # a store that cannot be written must not leave the worker unheard
                log.exception("what the %s worker said is lost: %s", self.kind, type(message).__name__)
        code = self._process.wait()
        self._process.stdout.close()
        with self._sending, contextlib.suppress(OSError):
            self._process.stdin.close()
        self._died(self, reason_of(code))


def reason_of(code: int) -> str:
    """Return what an exit code says, in words."""
    if code >= 0:
        return f"it ended with exit code {code}"
    name = signal.Signals(-code).name
    hint = ", perhaps because memory ran out" if name == "SIGKILL" else ""
    return f"it was ended by the signal {name}{hint}"
