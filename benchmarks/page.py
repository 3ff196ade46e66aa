"""How long a visitor waits: first paint of every page, first moving frame and finished table of the concrete story.

Run with ``python -m benchmarks.page``. It starts a server and a headless Chromium of its own. The last line is JSON.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from benchmarks.timing import print_table
from scripts.ensure_browser import find_browser
from services.settings import ROOT

PAGES = {
    "start": "Several believable ways to the best outcome",
    "data": "Data",
    "model": "Model",
    "optimize": "Optimize",
    "results": "Results",
    "how_it_works": "How it works",
}
REPEATS = 5
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
READY_SECONDS = 60
WARM_UP_SECONDS = 25  # for the training worker to load TensorFlow: a warm server is one that has been up for a while


def main() -> None:
    """Print the times, then one JSON line."""
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_ARGUMENTS)
        visit(browser, address, "start")
        time.sleep(WARM_UP_SECONDS)
        new = {name: paint_milliseconds(browser, address, name) for name in PAGES}
        known = browser.new_context(viewport=VIEWPORT)
        paints = {name: paint_milliseconds(known, address, name) for name in PAGES}
        stories = [story_milliseconds(browser, address) for _ in range(REPEATS)]
        browser.close()
    first_frame, table = (statistics.median(times) for times in zip(*stories, strict=True))
    rows = [(f"{name}: first paint", f"{paints[name]:,.0f}", f"{new[name]:,.0f}") for name in PAGES]
    rows += [("story: first moving frame", "", f"{first_frame:,.0f}"), ("story: finished table", "", f"{table:,.0f}")]
    print_table(f"Chromium, warm server, median of {REPEATS}", ("[ms]", "browser was here before", "new browser"), rows)
    figures = {
        "paint_ms": {name: round(milliseconds) for name, milliseconds in paints.items()},
        "paint_new_browser_ms": {name: round(milliseconds) for name, milliseconds in new.items()},
        "first_frame_ms": round(first_frame),
        "table_ms": round(table),
    }
    print(json.dumps({"benchmark": "page", **figures}))


@contextlib.contextmanager
def serve(home: Path) -> Iterator[str]:
    """Yield the address of a server with a run store of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"MIXWRIGHT_HOME": str(home)},
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


def visit(browser: Browser | BrowserContext, address: str, name: str) -> Page:
    """Open a page, in a new browser or in a new tab of a known one; return it when its title is painted."""
    page = browser.new_page() if isinstance(browser, BrowserContext) else browser.new_page(viewport=VIEWPORT)
    page.goto(f"{address}/{'' if name == 'start' else name}")
    page.get_by_role("heading", name=PAGES[name], exact=True).wait_for(state="visible")
    return page


def paint_milliseconds(browser: Browser | BrowserContext, address: str, name: str) -> float:
    """Return the median time from asking for a page by its address until its title is painted."""
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        page = visit(browser, address, name)
        taken.append(1000 * (time.perf_counter() - started))
        page.close()
    return statistics.median(taken)


def story_milliseconds(browser: Browser, address: str) -> tuple[float, float]:
    """Return the times from the press of the story's button to the first moving frame and to the finished table."""
    page = visit(browser, address, "start")
    button = page.get_by_role("button", name="Watch it search").first
    button.wait_for(state="visible")
    started = time.perf_counter()
    button.click()
    view = page.locator(".live-view")
    view.wait_for(state="visible")
    while float(view.get_attribute("data-generation") or 0) <= 0:
        page.wait_for_timeout(10)
    first_frame = 1000 * (time.perf_counter() - started)
    page.get_by_test_id("stDataFrame").first.wait_for(state="visible")
    table = 1000 * (time.perf_counter() - started)
    page.close()
    return first_frame, table


if __name__ == "__main__":
    main()
