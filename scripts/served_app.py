"""The app served on a free port, a browser for it, and jobs done to their end: for pictures and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from playwright.sync_api import Browser, Playwright
from pydantic import BaseModel

from scripts.ensure_browser import ARGUMENTS, find_browser
from services.catalog.settings import ROOT
from services.jobs import JobKind, JobState, Supervisor

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
TIMEOUT = 60_000  # milliseconds for whatever the browser waits for, on a busy machine
_JOB_SECONDS = 600.0


def environment_of(folder: Path) -> dict[str, str]:
    """Settings that make a process keep all that it writes in a folder."""
    home = folder / "home"
    return {
        "MIXWRIGHT_HOME": str(home),
        "MIXWRIGHT_SAVED_MODELS": str(folder / "models"),
        "MIXWRIGHT_DATABASE": f"sqlite:///{home / 'runs.sqlite'}",
    }


def free_port() -> int:
    """A port of this computer on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    environment: Mapping[str, str],
    port: int,
    seconds: float = 60.0,
    log: int | BinaryIO = subprocess.DEVNULL,
    script: Path = ROOT / "app.py",
) -> subprocess.Popen[bytes]:
    """The app, or another script, with these settings, once it answers on a port.

    Raises:
        TimeoutError: it does not answer within so many seconds; it is ended then.
    """
    command = [sys.executable, "-m", "streamlit", "run", script.name, "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)], cwd=script.parent, env=os.environ | environment, stdout=log, stderr=log
    )
    deadline = time.monotonic() + seconds
    while not _is_healthy(f"http://127.0.0.1:{port}"):
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            raise TimeoutError(f"The app did not answer within {seconds:.0f} s: start it by `make run`.")
        time.sleep(0.1)
    return process


@contextmanager
def serve(environment: Mapping[str, str], script: Path = ROOT / "app.py") -> Iterator[str]:
    """Yield the address of the app, or another script, with these settings; ends it afterwards; errors as `start`."""
    port = free_port()
    process = start(environment, port, script=script)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _is_healthy(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium.

    Raises:
        SystemExit: there is none.
    """
    path = find_browser()
    if path is None:
        sys.exit("No Chromium found: run `make browser`, or set MIXWRIGHT_CHROMIUM to the path of one.")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def finish_job(supervisor: Supervisor, kind: JobKind, name: str, spec: BaseModel, story: str = "") -> str:
    """Id of a new job, once it has been done to its end.

    Raises:
        RuntimeError: it ended otherwise, or takes more than ten minutes.
    """
    began, job_id = time.monotonic(), supervisor.submit(kind, name, spec.model_dump_json(), story)
    while not (job := supervisor.store.get(job_id)) or not job.state.is_final:
        if time.monotonic() - began > _JOB_SECONDS:
            raise RuntimeError(f"The {kind} of '{name}' did not end within {_JOB_SECONDS:.0f} s.")
        time.sleep(0.1)
    if job.state is not JobState.DONE:
        raise RuntimeError(f"The {kind} of '{name}' ended as {job.state}: {job.error}")
    print(f"  {kind} of '{name[:40]}': {time.monotonic() - began:.0f} s", flush=True)
    return job_id
