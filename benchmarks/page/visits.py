"""Visits of pages in a browser: the time until a title is painted, until a click is answered, and what is sent."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, WebSocket

from benchmarks.page.world import World
from benchmarks.timing import seconds
from scripts.served_app import READY, TIMEOUT, environment_of
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import RunStore
from services.specs.results import RunResult
from services.studies.what_if.explorer import WhatIfModel

TITLES = {
    "start": "Several believable ways to the best outcome",
    "data": "Data",
    "model": "Model",
    "optimize": "Optimize",
    "results": "Results",
    "what_if": "What if",
    "runs": "Runs",
    "how_it_works": "How it works",
}
"""What is painted on top of every page, by the end of its address, in the order of the navigation."""
LINKS = {name: title for name, title in TITLES.items() if name != "how_it_works"} | {"start": "Start"}
"""What the navigation calls the pages that stand in it."""
BARE = "Bare"
BARE_SCRIPT = f"import streamlit as st\n\nst.title({BARE!r})\n"
WITH_RUN = ("optimize", "results", "what_if")
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
N_WARM_UP = 3
PAGE_ENDS, PART_ENDS, OTHER = "page ends", "part ends", "other"  # kinds of messages
PROFILER = "has('.profiler[data-ready=\"true\"]')"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Knows where the pages are, and opens them in a browser."""

    address: str
    world: World
    run: str

    def url(self, name: str) -> str:
        """Address of a page, with what it shows where addresses can say that."""
        if name in WITH_RUN:
            return f"{self.address}/{name}?run={self.run}"
        if name == "model" and self.run == self.world.story:
            return f"{self.address}/model?quality={self.world.quality}"
        return f"{self.address}/{'' if name == 'start' else name}"

    def enter(self, context: BrowserContext, name: str) -> Page:
        """A page in a new tab, once its title is painted."""
        page = context.new_page()
        page.goto(self.url(name))
        page.get_by_role("heading", name=TITLES[name], exact=True, level=1).wait_for(state="visible")
        return page

    def settled(self, browser: Browser, name: str) -> Page:
        """A page that is drawn and rests, in a new browser."""
        page = new_context(browser).new_page()
        page.goto(self.url(name))
        settle(page)
        return page


class Recorder:
    """Keeps the kind and the bytes of every message that a page is sent from now on."""

    def __init__(self, page: Page) -> None:
        self.messages: list[tuple[str, int]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._note)

    def _note(self, payload: bytes | str) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        self.messages.append((kind_of(data), len(data)))

    def take(self) -> list[tuple[str, int]]:
        """What came since this was last asked."""
        taken, self.messages = self.messages, []
        return taken


def kind_of(payload: bytes) -> str:
    """Whether a message of the server ends the drawing of a page, or of a part of it."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    try:
        message = ForwardMsg.FromString(payload)
    except DecodeError:
        return OTHER
    if message.WhichOneof("type") != "script_finished":
        return OTHER
    return PART_ENDS if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY else PAGE_ENDS


def bytes_of_parts(messages: Iterable[tuple[str, int]]) -> list[int]:
    """Bytes of the messages that draw a part of a page anew, as a live view does, without those that draw all of it."""
    kept: list[int] = []
    waiting: list[int] = []
    for kind, n_bytes in messages:
        waiting.append(n_bytes)
        if kind == PART_ENDS:
            kept += waiting
        if kind != OTHER:
            waiting = []
    return kept


def new_context(browser: Browser) -> BrowserContext:
    """A browser that was never here: nothing is cached in it."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT)
    context.add_init_script(path=Path(__file__).with_name("probe.js"))
    return context


def settle(page: Page) -> None:
    """Wait until a page is drawn and rests."""
    page.wait_for_selector(READY)
    page.wait_for_selector("h1")
    page.wait_for_function("() => window.pageProbe.isAtRest()")


def paint_milliseconds(
    browser: Browser, visitor: Visitor, names: Sequence[str], repeats: int, *, is_new: bool, bare: str = ""
) -> dict[str, list[float]]:
    """Times from asking for a page by its address until its title is painted.

    All pages are visited in turn, again and again: what else the machine does meanwhile counts for all alike.

    Args:
        is_new: whether every visit is the first of a new browser; else each page was visited once before.
        bare: address of a page that has a title and nothing else, which is visited too where there is one.
    """
    asked = [*names, BARE] if bare else list(names)
    known = new_context(browser)

    def once(name: str) -> float:
        context = new_context(browser) if is_new else known
        started = time.perf_counter()
        page = _enter_bare(context, bare) if name == BARE else visitor.enter(context, name)
        taken = 1000 * (time.perf_counter() - started)
        settle(page)  # what goes on here would slow the next one down
        (context if is_new else page).close()
        return taken

    if not is_new:
        for name in asked:
            once(name)
    rounds = [{name: once(name) for name in asked} for _ in range(repeats)]
    known.close()
    return {name: [each[name] for each in rounds] for name in asked}


def _enter_bare(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.get_by_role("heading", name=BARE, exact=True, level=1).wait_for(state="visible")
    return page


def page_bytes(browser: Browser, visitor: Visitor) -> dict[str, int]:
    """Bytes that every page is sent until it rests, by one visitor who looks at a run and goes from page to page.

    The first page includes what a session is sent once.
    """
    page = new_context(browser).new_page()
    recorder = Recorder(page)
    page.goto(visitor.url("results"))
    settle(page)
    sent = {"results": sum(n_bytes for _, n_bytes in recorder.take())}
    for name in (name for name in LINKS if name != "results"):
        page.get_by_role("link", name=LINKS[name], exact=True).first.click()
        page.get_by_role("heading", name=TITLES[name], exact=True, level=1).wait_for(state="visible")
        settle(page)
        sent[name] = sum(n_bytes for _, n_bytes in recorder.take())
    page.context.close()
    return {name: sent[name] for name in LINKS}


@dataclass(frozen=True, slots=True)
class Click:
    """One thing that people do.

    Attributes:
        answer: JavaScript that says whether the page has answered, with `has(css)`, `text(css)` and `all(css)`, which
            look into components too and see visible elements only.
        is_run: whether the server has to run for the answer.
    """

    name: str
    act: Callable[[Page], object]
    answer: str = "true"
    is_run: bool = True


def press(name: str, role: str = "button") -> Callable[[Page], object]:
    """Click on what is called so."""
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def key(label: str, keys: str) -> Callable[[Page], object]:
    """Key on a slider."""
    return lambda page: page.get_by_role("slider", name=label, exact=True).first.press(keys)


def go_to(name: str, shown: str = "true") -> Click:
    """Click on a page's link in the navigation."""
    return Click(
        f"go to {LINKS[name]}", press(LINKS[name], "link"), f"text('h1').startsWith({TITLES[name]!r}) && {shown}"
    )


def choose_result(number: int) -> Click:
    """Click on a row of the table of results."""
    return Click(
        f"choose result {number}",
        lambda page: page.locator("tr.result").nth(number - 1).click(),
        f"has('.result-view[data-chosen=\"Result {number}\"]')",
    )


TOUR = [
    go_to("start"),
    go_to("data"),
    go_to("model"),
    go_to("optimize", "has('.live-view')"),
    Click(
        "open the goal", lambda page: page.locator("[data-role=goal-opener]").click(), "has('.fields select')", False
    ),
    Click("search for the smallest", lambda page: page.get_by_label("Goal", exact=True).press("ArrowDown")),
    Click("search for the largest", lambda page: page.get_by_label("Goal", exact=True).press("ArrowUp")),
    Click(
        "close the goal", lambda page: page.locator("[data-role=goal-opener]").click(), "!has('.fields select')", False
    ),
    go_to("results", "has('.result-view tr.result')"),
    choose_result(2),
    choose_result(1),
    Click("sort the table", press("Trust"), "has('th.light[aria-sort=\"ascending\"]')", False),
    Click("sort it as it was", press("Candidate"), "!has('th.light[aria-sort=\"ascending\"]')", False),
    go_to("what_if", PROFILER),
    Click("start over", press("Start over"), PROFILER),
    go_to("runs"),
    Click("compare runs", press("Compare runs", "radio"), "has('[data-testid=\"stMultiSelect\"]')"),
    Click("list all runs", press("All runs", "radio")),
]
"""Every page by its link, and what is done most on them; each is undone, so that the tour can be made again."""


def answer_milliseconds(page: Page, click: Click) -> float:
    """Time from the event of a hand to the frame that shows the page's answer; the page rests before and after.

    Raises:
        playwright.sync_api.TimeoutError: the page does not answer, or there is nothing to click on.
    """
    page.evaluate("([answer, isRun]) => window.pageProbe.arm(answer, isRun)", [click.answer, click.is_run])
    click.act(page)
    page.wait_for_function("() => window.pageProbe.taken() !== null")
    taken = float(page.evaluate("() => window.pageProbe.taken()"))
    settle(page)
    return taken


def click_milliseconds(browser: Browser, visitor: Visitor, repeats: int) -> dict[str, list[float]]:
    """Times of every click of the tour; the first tour is not counted, as the server is warm."""
    page = visitor.settled(browser, "results")
    tours = [{click.name: answer_milliseconds(page, click) for click in TOUR} for _ in range(repeats + 1)]
    page.context.close()
    return {click.name: [tour[click.name] for tour in tours[1:]] for click in TOUR}


def what_if_milliseconds(browser: Browser, visitor: Visitor, repeats: int) -> tuple[list[float], list[float]]:
    """Times from an arrow key in the profiler to the drawn answer, and of the answer alone, in this process."""
    page = visitor.settled(browser, "what_if")
    page.locator('.profiler[data-ready="true"]').wait_for()
    label = page.locator('.profiler [role="slider"]').first.get_attribute("aria-label") or ""
    in_browser = []
    for k in range(repeats + N_WARM_UP):
        number = page.locator(".profiler").get_attribute("data-number")
        ready = f"all('.profiler').some(({{dataset}}) => dataset.ready === 'true' && Number(dataset.number) > {number})"
        in_browser.append(answer_milliseconds(page, Click("", key(label, ("ArrowRight", "ArrowLeft")[k % 2]), ready)))
    page.context.close()
    settings = Settings.from_environment(environment_of(visitor.world.folder))
    store = RunStore(settings.database)
    job = store.get(visitor.run)
    store.close()
    assert job is not None and job.result is not None
    result = RunResult.model_validate_json(job.result)
    model = WhatIfModel.of(result.spec, Catalog.of(settings).model_data(result.spec))
    asked = np.resize(result.results.X, (repeats + N_WARM_UP, len(model.axes)))
    in_server = [1000 * seconds(lambda: model.answer(setting)) for setting in asked]  # noqa: B023
    return in_browser[N_WARM_UP:], in_server[N_WARM_UP:]


def watch_story(browser: Browser, visitor: Visitor) -> tuple[float, int]:
    """Press the story's button in a new browser, then that to its results; milliseconds to them, largest message."""
    page = new_context(browser).new_page()
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
    recorder.take()  # what drew the page before anything moved
    page.get_by_role("button", name="See the results").click()  # as soon as it is there; lineages may still be moving
    page.locator(".result-view tr.result").first.wait_for(state="visible")
    table = 1000 * (time.perf_counter() - started)
    largest = max(bytes_of_parts(recorder.take()))
    page.context.close()
    return table, largest
