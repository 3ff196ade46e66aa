"""The live view: how soon it moves, and what it is sent while a run goes on."""

import time
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.page.messages import Recorder, Stream, of_parts
from benchmarks.page.serving import newcomer
from benchmarks.page.visits import Visitor


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched story.

    Attributes:
        first_frame: milliseconds from the press of its button to the first moving frame.
        table: milliseconds until the table of results.
        stream: what came while it went on.
    """

    first_frame: float
    table: float
    stream: Stream


def watch_story(browser: Browser, visitor: Visitor) -> Watched:
    """Return how a story goes for somebody who presses its button in a browser that was never here."""
    context = newcomer(browser)
    page = context.new_page()
    recorder = Recorder(page)
    page.goto(visitor.url("start"))
    button = page.get_by_role("button", name="Watch it search").first
    button.wait_for(state="visible")
    started = time.perf_counter()
    button.click()
    view = page.locator(".live-view")
    view.wait_for(state="visible")
    while float(view.get_attribute("data-generation") or 0) <= 0:
        page.wait_for_timeout(10)
    first_frame = 1000 * (time.perf_counter() - started)
    recorder.taken()  # what drew the page before anything moved
    page.locator(".result-view tr.result").first.wait_for(state="visible")  # lineages may still be moving then
    table = 1000 * (time.perf_counter() - started)
    messages = recorder.taken()
    context.close()
    return Watched(first_frame, table, Stream.of(of_parts(messages)))
