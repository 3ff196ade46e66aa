"""The app, served for the pictures on a free port."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from services.catalog.settings import ROOT, Settings

SECONDS = 60.0


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Give the address of the app with these settings; it is ended afterwards.

    Raises:
        RuntimeError: it does not answer; the text holds what it wrote.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless", "true", "--server.port", str(port)]
    log = settings.home / "server.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | settings.environment, stdout=written, stderr=written
        )
    try:
        end = time.monotonic() + SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The app did not start: {log.read_text('utf-8', errors='replace')}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
