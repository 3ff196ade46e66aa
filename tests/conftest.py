"""What tests in several rooms need: one real browser, which all that look into one share, and files of HTML as read."""

import os
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from scripts.ensure_browser import ARGUMENTS, find_browser

# What a test proves does not depend on how fast the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a journey often waits for a browser or a worker."""
    return min((os.cpu_count() or 1) + 1, 4)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    path = find_browser()
    if path is None:
        pytest.skip("there is no Chromium: run `make browser`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class ReadHtml(HTMLParser):
    """An HTML file as a browser takes it: its elements in order, and the texts in them.

    Attributes:
        elements: name and attributes of each.
        texts: what stands in elements of a name, joined.
    """

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br", "hr"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> ends {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data

    @property
    def shown(self) -> str:
        """All that is read on the page."""
        unread = [*self.texts.get("script", []), *self.texts.get("style", [])]
        text = self.texts["body"][0]
        for part in unread:
            text = text.replace(part, "")
        return " ".join(text.split())

    @property
    def names(self) -> set[str]:
        """Which elements there are."""
        return {name for name, _ in self.elements}

    @property
    def policy(self) -> str:
        """What the page allows itself."""
        kinds = [attributes for name, attributes in self.elements if name == "meta"]
        return next(str(one["content"]) for one in kinds if one.get("http-equiv") == "Content-Security-Policy")

    @property
    def addresses(self) -> list[str]:
        """Everything that a browser might fetch or follow."""
        kinds = ("src", "href", "action", "formaction", "data", "poster", "srcset", "xlink:href", "style", "background")
        return [str(value) for _, attributes in self.elements for kind, value in attributes.items() if kind in kinds]

    @property
    def handlers(self) -> list[str]:
        """Attributes that would run a script."""
        return [kind for _, attributes in self.elements for kind in attributes if kind.startswith("on")]


@pytest.fixture(scope="session")
def read_html() -> Callable[[str], ReadHtml]:
    """Return a function that reads a file of HTML; elements that are not closed in order fail the test."""
    return ReadHtml
