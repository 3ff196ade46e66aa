"""A real server and a real browser: what a journey needs, and what fails it whatever it looks at."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, expect

from scripts.served_app import READY, environment_of, finish_job, free_port, start
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, RunStore, Supervisor
from services.problems.stories import story, story_spec

ROOT = Path(__file__).parents[2]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SECONDS = 240.0  # for whatever is waited for, on a loaded machine
TRIES = 10
expect.set_options(timeout=SECONDS * 1000)  # for every assertion that waits; 5 s unless it is set


class Server:
    """The app on a port of its own, with a folder of its own for all that it writes; it can be stopped and started.

    Args:
        folder: its own.
        home: what it begins with: a run store with the finished story.
        is_training_warm: whether TensorFlow is loaded before it is needed.
    """

    def __init__(self, folder: Path, home: Path, *, is_training_warm: bool = False) -> None:
        self._folder = folder
        self.home = folder / "home"
        shutil.copytree(home, self.home)
        self.saved_models = folder / "models"
        if not self.saved_models.exists():
            shutil.copytree(ROOT / "models" / "saved", self.saved_models)
        self._is_training_warm = is_training_warm
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()

    @property
    def url(self) -> str:
        """Where the start page is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self._folder / "server.log").read_text("utf-8", errors="replace")

    def start(self) -> "Server":
        """Start it and wait until it answers."""
        environment = environment_of(self._folder) | {"MIXWRIGHT_WARM_TRAINING": str(int(self._is_training_warm))}
        with (self._folder / "server.log").open("ab") as log:
            self._process = start(environment, self._port, SECONDS, log)
        return self

    def stop(self) -> None:
        """End it as a terminal would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=SECONDS)
            self._process = None


class Tab:
    """One tab of a browser: pages are opened by address, parts are found by what they are called.

    Everything that goes wrong in it is collected; a test whose tab saw an error fails.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("crash", lambda _: self.errors.append("the tab crashed"))

    def open(self, address: str = "") -> "Tab":
        """Go to an address of the app and wait for the page."""
        self.page.goto(f"{self.server.url}/{address}")
        return self.settle()

    def settle(self) -> "Tab":
        """Wait until the page is drawn."""
        self.page.wait_for_selector(READY)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self

    def press(self, name: str, number: int = 0) -> "Tab":
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).nth(number).click()
        return self.settle()

    def follow(self, name: str) -> "Tab":
        """Follow a link to another page."""
        self.page.get_by_role("link", name=name).first.click()
        return self.settle()

    def type(self, label: str, value: str) -> "Tab":
        """Type a value into a field."""
        field = self.page.get_by_label(label, exact=True).first
        field.fill(value)
        field.press("Enter")
        self.page.wait_for_timeout(200)
        return self.settle()

    def choose(self, label: str | re.Pattern[str], option: str) -> "Tab":
        """Choose an option of a drop-down, which closes when the page scrolls or is drawn anew: then it opens again."""
        field = self.page.get_by_role("combobox", name=label).first
        wanted = self.page.get_by_role("option", name=option, exact=True)
        self.settle()
        field.scroll_into_view_if_needed()
        for _ in range(TRIES):
            field.click()
            try:
                wanted.click(timeout=5000)
                break
            except TimeoutError:
                self.page.keyboard.press("Escape")
        else:
            raise AssertionError(f"'{option}' cannot be chosen of '{label}'.")
        self.page.wait_for_timeout(200)
        return self.settle()

    def size(self, label: str, value: str) -> "Tab":
        """Type how many results are wanted, the budget or the seed on Optimize, which one line holds."""
        opener = self.page.get_by_role("button", name=re.compile("results? wanted, budget"))
        if opener.get_attribute("aria-expanded") == "false":
            opener.click()
        return self.type(label, value)

    def read_results(self) -> "Tab":
        """Wait on Optimize until the search has ended, and go on to its results."""
        button = self.page.get_by_role("button", name="See the results")
        button.wait_for()
        button.click()
        self.title_is("Results")
        return self.settle()

    def see(self, words: str | re.Pattern[str]) -> None:
        """Wait until the page shows some words."""
        expect(self.page.get_by_text(words).first).to_be_visible()

    def title_is(self, title: str) -> None:
        """Wait until a page is the one that is shown."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    @property
    def live(self) -> Locator:
        """The live view."""
        return self.page.locator(".live-view")

    def live_number(self, name: str) -> float:
        """Return one of the numbers that the live view tells of itself."""
        return float(self.live.get_attribute(f"data-{name}") or "nan")

    def wait_for_live(self, state: str) -> "Tab":
        """Wait until the live view is in a state: waiting, live or ended."""
        self.page.locator(f'.live-view[data-state="{state}"]').wait_for()
        return self

    @property
    def run_id(self) -> str:
        """The run that the address names."""
        self.page.wait_for_url(re.compile(r"[?&]run="))
        return re.findall(r"[?&]run=([\w-]+)", self.page.url)[0]

    def take_away(self, name: str) -> tuple[str, bytes]:
        """Return name and content of a file of the run whose results are shown, once nothing more is made for it."""
        expect(self.page.locator('[data-testid="stProgress"]')).to_have_count(0)  # the page is drawn anew then
        button = self.page.get_by_role("button", name=name, exact=True)
        if not button.is_visible():
            opener = "to-lab" if name.startswith("Lab ") else "take-away"
            self.page.locator(f".st-key-{opener} button").first.click()
        with self.page.expect_download() as waiting:
            button.click()
        return waiting.value.suggested_filename, waiting.value.path().read_bytes()

    def upload(self, name: str, data: bytes) -> "Tab":
        """Give a file to the upload."""
        file: Any = {"name": name, "mimeType": "text/csv", "buffer": data}
        self.page.locator('input[type="file"]').set_input_files(file)
        self.see("Read as")
        return self.settle()

    def turn_into_a_phone(self) -> "Tab":
        """Make the window as narrow as a phone's."""
        self.page.set_viewport_size(PHONE)
        self.page.wait_for_timeout(300)
        return self.settle()

    @property
    def overflow(self) -> float:
        """By how many pixels the page is wider than the screen."""
        return self.page.evaluate(
            """() => Math.max(...[document.scrollingElement, document.querySelector('[data-testid="stMain"]')]
                .map((box) => box.scrollWidth - Math.min(box.clientWidth, innerWidth)))"""
        )

    def check(self) -> None:
        """Fail on errors in the tab and on boxes with an exception."""
        assert self.errors == []
        assert self.page.locator('[data-testid="stException"]').count() == 0
        foreign = {host for host in self.hosts if host and not host.startswith("127.0.0.1")}
        assert foreign == set(), f"The page asked other hosts: {foreign}"


class Listener(ThreadingHTTPServer):
    """A server that nobody should ever ask anything; it notes who does."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        super().__init__(("127.0.0.1", 0), _Note)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Note(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.hits.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


@pytest.fixture(scope="session")
def finished_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose run store holds the concrete story, searched to its end; made once for all processes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished-story"
    is_done = shared / "done"
    try:
        shared.mkdir()
    except FileExistsError:
        end = time.monotonic() + SECONDS
        while not is_done.exists():
            assert time.monotonic() < end, "The process that makes the finished story did not come to its end."
            time.sleep(0.1)
        return shared / "home"
    settings = replace(Settings.from_environment({"MIXWRIGHT_HOME": str(shared / "home")}), is_training_warm=False)
    supervisor = Supervisor(settings, RunStore(settings.database))
    supervisor.start()
    spec = story_spec(story("concrete"), Catalog.of(settings))
    run = finish_job(supervisor, JobKind.SEARCH, spec.name, spec)
    supervisor.close()
    supervisor.store.close()
    (shared / "home" / "story").write_text(run)
    is_done.touch()
    return shared / "home"


@pytest.fixture(scope="session")
def story_run(finished_story: Path) -> str:
    """The id of the concrete story, which every server has searched to its end."""
    return (finished_story / "story").read_text()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory, finished_story: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of one's own; it ends with the tests."""
    started: list[Server] = []

    def start(*, is_training_warm: bool = False) -> Server:
        server = Server(tmp_path_factory.mktemp("server"), finished_story, is_training_warm=is_training_warm)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The server that most journeys share."""
    return start_server()


@pytest.fixture(scope="session")
def context_of(browser: Browser) -> Callable[..., BrowserContext]:
    """Windows of the browser by their options: one for all tabs that want the same keeps what it has compiled."""

    @cache
    def make(options: tuple[tuple[str, Any], ...]) -> BrowserContext:
        return browser.new_context(viewport=DESKTOP, **dict(options))

    return lambda **options: make(tuple(sorted(options.items())))


@pytest.fixture
def new_tab(
    browser: Browser, context_of: Callable[..., BrowserContext], server: Server
) -> Iterator[Callable[..., Tab]]:
    """Open a tab as another user would: it shares no more than files with other tabs. Every tab is checked in the end.

    Nothing moves in it unless it is asked for: a browser that draws without a graphics card takes a core for it.
    """
    tabs: list[Tab] = []

    def open_tab(where: Server | None = None, **options: Any) -> Tab:
        options = {"reduced_motion": "reduce"} | options
        # a second tab gets a window of its own: behind another one a tab stops drawing
        context = browser.new_context(viewport=DESKTOP, **options) if tabs else context_of(**options)
        tabs.append(Tab(context.new_page(), where or server))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.check()
    for tab in tabs[1:]:
        tab.page.context.close()
    for tab in tabs[:1]:
        tab.page.close()


@pytest.fixture
def tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on the shared server."""
    return new_tab()


@pytest.fixture
def moving_tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on the shared server in which lineages move."""
    return new_tab(reduced_motion="no-preference")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that nobody should ever ask anything."""
    made = Listener()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()
