"""What a page asks of its visitor: controls and words, what needs scrolling, clicks from a table to a search."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize

from benchmarks.page.visits import Visitor, new_context, settle

COUNT = Path(__file__).with_name("count.js")
SCREENS: tuple[ViewportSize, ...] = ({"width": 1440, "height": 900}, {"width": 1280, "height": 720})
FOLD = {
    "verdict": (".st-key-verdict", ""),
    "table": (".result-view tr.result > *", '[data-role="sheet"]'),
    "density check": (".st-key-density-check", ""),
}
"""What Results shows first: selectors, and of what may clip it."""
WAY = ("Use this table and train", "Next: Optimize", "Start search")
"""The buttons from an uploaded table to a search, in the order in which they are offered."""
MOST_CLICKS = 9
_RUN = re.compile(r"[?&]run=")


def count_face(browser: Browser, visitor: Visitor, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Controls and words of every page before anything is opened, by one visitor who looks at a run."""
    counted = {}
    for name in names:
        page = visitor.settled(browser, name)
        page.wait_for_load_state("networkidle")  # charts fetch code of their own, and have words
        settle(page)
        page.add_script_tag(path=COUNT)
        controls, words = page.evaluate("() => [pageCount.controls(), pageCount.words()]")
        counted[name] = int(controls), int(words)
        page.context.close()
    return counted


def above_fold(browser: Browser, visitor: Visitor) -> dict[str, list[str]]:
    """Which parts of Results are seen as a whole without scrolling, by the size of the screen."""
    seen = {}
    for size in SCREENS:
        page = visitor.settled(browser, "results")
        page.set_viewport_size(size)
        page.wait_for_timeout(500)
        settle(page)
        page.add_script_tag(path=COUNT)
        ask = "([selector, clip]) => pageCount.isOnScreen(selector, clip)"
        seen[f"{size['width']}x{size['height']}"] = [
            what for what, selectors in FOLD.items() if page.evaluate(ask, list(selectors))
        ]
        page.context.close()
    return seen


def small_table(n: int = 120) -> bytes:
    """A table as people have it, as CSV: three settings and what was measured."""
    rng = np.random.default_rng(5)
    X = np.column_stack(
        [rng.uniform(20, 80, n).round(1), rng.uniform(1, 5, n).round(2), rng.uniform(0, 30, n).round(1)]
    )
    y = (90 - (X[:, 0] + 15 * X[:, 1] - 95) ** 2 / 80 + 0.2 * X[:, 2] + rng.normal(size=n)).round(2)
    rows = [",".join(f"{value:g}" for value in (*x, value)) for x, value in zip(X, y, strict=True)]
    return "\n".join(["temperature,speed,additive,strength", *rows]).encode()


def clicks_to_search(browser: Browser, visitor: Visitor, seconds: float = 180.0) -> int | None:
    """Clicks of a newcomer from an uploaded table to a running search, or None where the way is another one."""
    page = new_context(browser).new_page()
    page.goto(visitor.url("data"))
    settle(page)
    page.locator('input[type="file"]').first.set_input_files(
        {"name": "strength.csv", "mimeType": "text/csv", "buffer": small_table()}
    )
    n_clicks = _walk(page, time.monotonic() + seconds)
    page.context.close()
    return n_clicks


def _walk(page: Page, end: float) -> int | None:
    n_clicks = 0
    while time.monotonic() < end and n_clicks < MOST_CLICKS:
        if _RUN.search(page.url):
            return n_clicks
        for label in WAY[::-1]:  # the farthest that is offered
            if _is_offered(page, label):
                page.get_by_role("button", name=label).first.click()
                n_clicks += 1
                _leave(page, label)
                break
        else:
            page.wait_for_timeout(100)
    return None


def _is_offered(page: Page, label: str) -> bool:
    """Whether a button can be pressed; one that goes while it is looked at cannot."""
    button = page.get_by_role("button", name=label).first
    try:
        return button.is_visible() and button.is_enabled(timeout=500)
    except TimeoutError:
        return False


def _leave(page: Page, label: str) -> None:
    """Wait until a button that was pressed is offered no more, for two seconds at most."""
    for _ in range(20):
        page.wait_for_timeout(100)
        if _RUN.search(page.url) or not _is_offered(page, label):
            return
