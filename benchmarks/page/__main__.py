"""How long a visitor waits, and how much is sent, in Chromium with a warm server.

Run with ``python -m benchmarks.page``: first paint of every page, clicks on all of them, What if, what the live view is
sent, the bytes of each page, and most of that again with a table of 100,000 rows x 30 columns. It works in a folder of
its own, with a server and a headless Chromium of its own. ``--quick`` does everything once, ``--parts`` a part of it,
``--world FOLDER`` keeps what the pages show for the next time. The last line is JSON.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.page.clicks import Click, click_milliseconds
from benchmarks.page.figures import n_met
from benchmarks.page.live import watch_story
from benchmarks.page.paints import known_paints, new_paints, page_bytes
from benchmarks.page.report import Report
from benchmarks.page.serving import launch, newcomer, serve
from benchmarks.page.tours import LARGE_TOUR, STORY_TOUR
from benchmarks.page.visits import TITLES, WITH_RUN, Visitor
from benchmarks.page.what_if import key_milliseconds, server_milliseconds
from benchmarks.page.world import make_world
from benchmarks.timing import print_table

PARTS = ("paints", "clicks", "what_if", "live", "bytes", "large")
LARGE_PARTS = {"paints", "clicks", "what_if", "bytes"}
WARM_UP_SECONDS = 25  # for the training worker to load TensorFlow: a warm server is one that has been up for a while


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often everything is done."""

    paints: int = 5
    clicks: int = 5
    keys: int = 40
    stories: int = 3


QUICK = Repeats(1, 1, 5, 1)


def main() -> None:
    """Print the figures of every part, then all aims, then one JSON line."""
    given = parse_arguments()
    repeats = QUICK if given.quick else Repeats()
    report = Report()
    report.note("load_before", [round(load, 1) for load in os.getloadavg()])
    with world_folder(given.world) as folder:
        world = make_world(folder)
        with serve(world.environment) as address, sync_playwright() as playwright:
            browser = launch(playwright)
            story, large = (Visitor(address, world, run) for run in (world.story, world.large))
            story.enter(newcomer(browser), "start")
            time.sleep(0 if given.quick else WARM_UP_SECONDS)
            parts = set(given.parts)
            measure(Measured("", browser, story, STORY_TOUR, repeats), parts - {"large"}, report)
            if "large" in parts:
                where = " with 100,000 rows x 30 columns"
                again = parts & LARGE_PARTS or LARGE_PARTS
                measure(Measured(where, browser, large, LARGE_TOUR, repeats), again, report)
            browser.close()
    report.note("load_after", [round(load, 1) for load in os.getloadavg()])
    print_table(f"Aims: {n_met(report.aims)}", ("", "aim", "measured", ""), [aim.row for aim in report.aims])
    print(json.dumps({"benchmark": "page", **report.figures}))


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured.

    Attributes:
        where: in words, "" for the story.
        browser: that visits.
        visitor: knows where the pages are.
        tour: clicks, in their order.
        repeats: how often.
    """

    where: str
    browser: Browser
    visitor: Visitor
    tour: Sequence[Click]
    repeats: Repeats


def measure(it: Measured, parts: Collection[str], report: Report) -> None:
    """Measure some parts and report them."""
    browser, visitor, repeats = it.browser, it.visitor, it.repeats
    if "paints" in parts:
        names = [name for name in TITLES if name in WITH_RUN] if it.where else list(TITLES)
        known = known_paints(browser, visitor, names, repeats.paints)
        report.paints(it.where, known, new_paints(browser, visitor, names, repeats.paints))
    if "clicks" in parts:
        report.clicks(it.where, click_milliseconds(browser, visitor, it.tour, repeats.clicks))
    if "what_if" in parts:
        keys = key_milliseconds(browser, visitor, repeats.keys)
        report.what_if(it.where, keys, server_milliseconds(visitor, repeats.keys))
    if "live" in parts:
        report.live([watch_story(browser, visitor) for _ in range(repeats.stories)])
    if "bytes" in parts:
        report.bytes(it.where, page_bytes(browser, visitor))


@contextlib.contextmanager
def world_folder(given: Path | None) -> Iterator[Path]:
    """Yield the folder that was given, or one that is gone afterwards."""
    if given is not None:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def parse_arguments() -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="do everything once, on a server that has just started")
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        help="what to measure; 'large' is the same of the large table",
    )
    parser.add_argument("--world", type=Path, help="folder that what the pages show is kept in, and found again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
