"""Clicks: what people do on the pages, one after the other, each timed from the hand to the page's answer."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from playwright.sync_api import Browser, Page, TimeoutError as PlaywrightTimeoutError

from benchmarks.page.probe import answer_milliseconds
from benchmarks.page.serving import newcomer, settle
from benchmarks.page.visits import LINKS, TITLES, Visitor

Act = Callable[[Page], object]
MOST_TRIES, LIST_MILLISECONDS = 5, 3_000


@dataclass(frozen=True, slots=True)
class Click:
    """One thing that people do.

    Attributes:
        name: in words.
        act: the click or the key.
        answer: JavaScript that says whether the page has answered; see `probe.answer_milliseconds`.
        is_run: whether the server has to run for the answer.
        prepare: what comes before, not timed, such as unfolding a list.
    """

    name: str
    act: Act
    answer: str = "true"
    is_run: bool = True
    prepare: Act | None = None


def milliseconds(page: Page, click: Click) -> float:
    """Return how long the page takes to answer; the page rests before and after.

    Raises:
        TimeoutError: it does not answer, or there is nothing to click on; the text says which click it was.
    """
    try:
        if click.prepare is not None:
            click.prepare(page)
            settle(page)
        taken = answer_milliseconds(page, lambda: click.act(page), click.answer, is_run=click.is_run)
        settle(page)
    except PlaywrightTimeoutError as error:
        raise TimeoutError(f"The click '{click.name}' at {page.url} got no answer: {error}") from None
    return taken


def click_milliseconds(
    browser: Browser, visitor: Visitor, clicks: Sequence[Click], repeats: int
) -> dict[str, list[float]]:
    """Return the times of every click, made in this order by a visitor who looks at a run, again and again.

    What comes first is not counted: it is done once before, as the server is warm.
    """
    context = newcomer(browser)
    page = context.new_page()
    page.goto(visitor.url("results"))
    settle(page)
    taken: dict[str, list[float]] = {click.name: [] for click in clicks}
    for repeat in range(repeats + 1):
        for click in clicks:
            time = milliseconds(page, click)
            if repeat:
                taken[click.name].append(time)
    context.close()
    return taken


# -- hands ------------------------------------------------------------------------------------------------------------


def press(name: str, role: str = "button") -> Act:
    """Return a click on what is called so."""
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def key(name: str, keys: str, role: str = "slider") -> Act:
    """Return a key on what is called so."""
    return lambda page: page.get_by_role(role, name=name, exact=True).first.press(keys)  # type: ignore[arg-type]


def enter(page: Page) -> None:
    """Press the Enter key, wherever the page has the focus."""
    page.keyboard.press("Enter")


def key_on(selector: str, keys: str) -> Act:
    """Return a key on what a selector finds."""
    return lambda page: page.locator(selector).first.press(keys)


def click_on(selector: str, number: int = 0) -> Act:
    """Return a click on what a selector finds."""
    return lambda page: page.locator(selector).nth(number).click()


def unfold(name: str) -> Act:
    """Return a click that folds a part of the page out, unless it is."""

    def act(page: Page) -> None:
        part = page.locator('[data-testid="stExpander"] details').filter(has_text=name).last
        if part.get_attribute("open") is None:
            part.locator("summary").first.click()

    return act


def find_entry(label: str, wanted: str) -> Act:
    """Return what somebody does who looks for an entry of a list by typing: a key alone is left to choose it.

    A list that opens while the page still moves closes again, and is opened once more.
    """

    def act(page: Page) -> None:
        box = page.get_by_role("combobox", name=label, exact=True).first
        entry = page.get_by_role("option", name=wanted, exact=True).first
        for _ in range(MOST_TRIES):
            settle(page)
            box.click()
            box.fill(wanted)
            with contextlib.suppress(PlaywrightTimeoutError):
                entry.wait_for(timeout=LIST_MILLISECONDS)
                return
            page.keyboard.press("Escape")
        entry.wait_for()

    return act


def to(name: str, shown: str = "true") -> Click:
    """Return the click that goes to a page by the navigation.

    Args:
        name: of the page, as its address ends.
        shown: JavaScript that says whether what the page is for is there.
    """
    link = press(LINKS[name], "link")
    return Click(f"go to {LINKS[name]}", link, f"text('h1').startsWith({TITLES[name]!r}) && {shown}")


def option(label: str, wanted: str, answer: str, name: str = "") -> Click:
    """Return the key that chooses an entry of a list, which was found before.

    Args:
        label: of the list.
        wanted: the entry.
        answer: see `Click`.
        name: what this is in words, by default label and entry.
    """
    return Click(name or f"{label}: {wanted}", enter, answer, prepare=find_entry(label, wanted))


def on(page: str, *clicks: Click) -> list[Click]:
    """Return clicks with the page that they are made on in front of their names."""
    return [replace(click, name=f"{LINKS[page]}: {click.name}") for click in clicks]
