"""First paint: from asking for a page by its address until its title is painted."""

import time
from collections.abc import Sequence

from playwright.sync_api import Browser, BrowserContext

from benchmarks.page.messages import Recorder
from benchmarks.page.serving import newcomer, settle
from benchmarks.page.visits import LINKS, TITLES, Visitor


def paint_milliseconds(context: BrowserContext, visitor: Visitor, name: str) -> float:
    """Return how long one visit of a page takes until its title is painted."""
    started = time.perf_counter()
    page = visitor.enter(context, name)
    taken = 1000 * (time.perf_counter() - started)
    settle(page)  # what goes on here would slow the next one down
    page.close()
    return taken


def known_paints(browser: Browser, visitor: Visitor, names: Sequence[str], repeats: int) -> dict[str, list[float]]:
    """Return the paints of pages in a browser that was here before, each page in a new tab."""
    context = newcomer(browser)
    for name in names:
        paint_milliseconds(context, visitor, name)
    taken = {name: [paint_milliseconds(context, visitor, name) for _ in range(repeats)] for name in names}
    context.close()
    return taken


def new_paints(browser: Browser, visitor: Visitor, names: Sequence[str], repeats: int) -> dict[str, list[float]]:
    """Return the paints of pages in browsers that were never here."""

    def once(name: str) -> float:
        context = newcomer(browser)
        try:
            return paint_milliseconds(context, visitor, name)
        finally:
            context.close()

    return {name: [once(name) for _ in range(repeats)] for name in names}


def page_bytes(browser: Browser, visitor: Visitor) -> dict[str, int]:
    """Return what every page is sent until it rests, by one visitor who looks at a run and goes from page to page.

    The first page includes what a session is sent once.
    """
    context = newcomer(browser)
    page = context.new_page()
    recorder = Recorder(page)
    page.goto(visitor.url("results"))
    settle(page)
    sent = {"results": sum(message.n_bytes for message in recorder.taken())}
    for name in (name for name in TITLES if name != "results"):
        page.get_by_role("link", name=LINKS[name], exact=True).first.click()
        page.get_by_role("heading", name=TITLES[name], exact=True, level=1).wait_for(state="visible")
        settle(page)
        sent[name] = sum(message.n_bytes for message in recorder.taken())
    context.close()
    return {name: sent[name] for name in TITLES}
