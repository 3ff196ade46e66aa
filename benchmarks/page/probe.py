"""Python's face of the probe in the browser, which times what a page answers to a hand."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_SCRIPT = Path(__file__).with_name("probe.js")


def install_probe(context: BrowserContext) -> None:
    """Put the probe into every page that a browser opens."""
    context.add_init_script(path=_SCRIPT)


def answer_milliseconds(page: Page, act: Callable[[], object], answer: str, *, is_run: bool = True) -> float:
    """Return the time from the first event of an act, a click or a key, to the frame that shows the page's answer.

    Args:
        page: that is acted on; it rests.
        act: one click or key.
        answer: JavaScript that says whether the answer is there, with `has(css)`, `text(css)` and `all(css)`, which
            look into components too and see visible elements only.
        is_run: whether the server has to run, and to end, for that.
    """
    page.evaluate("([answer, isRun]) => window.pageProbe.arm(answer, isRun)", [answer, is_run])
    act()
    page.wait_for_function("() => window.pageProbe.taken() !== null")
    return float(page.evaluate("() => window.pageProbe.taken()"))
