"""A server of one's own, and the browser that visits it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize

from benchmarks.page.probe import READY, install_probe
from scripts.ensure_browser import find_browser
from services.catalog.settings import ROOT

VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
READY_SECONDS = 60
TIMEOUT = 60_000  # milliseconds for whatever the browser waits for, on a busy machine


@contextlib.contextmanager
def serve(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the address of a server that works with these settings, such as where its run store is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def wait_until_healthy(address: str) -> None:
    """Return when the server answers.

    Raises:
        TimeoutError: it does not within a minute.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(f"The server did not answer within {READY_SECONDS} s.")


def launch(playwright: Playwright) -> Browser:
    """Return a headless Chromium."""
    return playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_ARGUMENTS)


def newcomer(browser: Browser) -> BrowserContext:
    """Return a browser that was never here: nothing is cached in it."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT)
    install_probe(context)
    return context


def settle(page: Page) -> None:
    """Wait until a page is drawn and rests."""
    page.wait_for_selector(READY)
    page.wait_for_selector("h1")  # not by its role: an open list hides it from those who hear the page
    page.wait_for_function("() => window.pageProbe.isAtRest()")
