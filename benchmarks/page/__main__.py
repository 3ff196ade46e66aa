"""How long a visitor waits, and how much is sent, in Chromium with a warm server.

Run with ``python -m benchmarks.page``: first paint of every page, also beside that of a page with nothing but a title;
clicks on all of them, What if, what the live view is sent, the bytes of each page; controls, words, what is seen
without scrolling, and clicks from an own table to a search; and most of that again with a table of 100,000 rows x 30
columns. It works in a folder of its own, with servers and a headless Chromium of its own. ``--quick`` does everything
once, ``--parts`` a part of it, ``--world FOLDER`` keeps what the pages show for the next time. The last line is JSON.
"""

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.page import face, visits
from benchmarks.page.visits import TITLES, WITH_RUN, Visitor
from benchmarks.page.world import make_world
from benchmarks.timing import print_table
from scripts.served_app import environment_of, launch, serve

PARTS = ("paints", "clicks", "what_if", "live", "bytes", "face", "large")
LARGE_PARTS = {"paints", "clicks", "what_if", "bytes"}
WARM_UP_SECONDS = 25  # for the training worker to load TensorFlow: a warm server is one that has been up for a while
MOST_PAINT, MOST_CLICK, MOST_WHAT_IF, MOST_MESSAGE, MOST_PAGE = 1_000, 300, 100, 50, 2_000
MOST_VS_BARE, MOST_VS_BARE_NEW, MOST_TABLE = 1.35, 1.6, 5_000
MOST_CLICKS, MOST_CONTROLS, MOST_WORDS = 3, 40, 250
N_SLOWEST = 10


@dataclass
class Report:
    """Figures for the JSON line, and aims with what was measured.

    Attributes:
        aims: name, limit, unit and figure of each.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    aims: list[tuple[str, float, str, float]] = field(default_factory=list)

    def note(self, key: str, value: Any, aim: str = "", limit: float = 0.0, unit: str = "ms") -> None:
        """Keep a figure, and hold it against an aim where there is one; of several pages the largest counts."""
        self.figures[key] = value
        if aim:
            self.aims.append((aim, limit, unit, max(value.values()) if isinstance(value, dict) else value))

    def print(self) -> None:
        """Print all aims, then one JSON line."""
        rows = [
            (name, f"{limit:,.4g} {unit}", f"{figure:,.4g} {unit}", "met" if figure <= limit else "not met")
            for name, limit, unit, figure in self.aims
        ]
        n_met = sum(row[-1] == "met" for row in rows)
        print_table(f"Aims: {n_met} of {len(rows)} met", ("", "aim", "measured", ""), rows)
        print(json.dumps({"benchmark": "page", **self.figures}))


def main() -> None:
    """Print the figures of every part, then all aims, then one JSON line."""
    given = parse_arguments()
    report = Report()
    report.note("load_before", [round(load, 1) for load in os.getloadavg()])
    with contextlib.ExitStack() as stack:
        folder = given.world.resolve() if given.world else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world = make_world(folder)
        address = stack.enter_context(serve(environment_of(folder)))
        browser = launch(stack.enter_context(sync_playwright()))
        story, large = (Visitor(address, world, run) for run in (world.story, world.large))
        story.enter(visits.new_context(browser), "start")
        time.sleep(0 if given.quick else WARM_UP_SECONDS)
        parts = set(given.parts)
        measure(browser, story, "", parts - {"large"}, report, is_quick=given.quick)
        if "large" in parts:
            again = parts & LARGE_PARTS or LARGE_PARTS
            measure(browser, large, " with 100,000 rows x 30 columns", again, report, is_quick=given.quick)
        browser.close()
    report.note("load_after", [round(load, 1) for load in os.getloadavg()])
    report.print()


def measure(
    browser: Browser, visitor: Visitor, where: str, parts: Collection[str], report: Report, *, is_quick: bool
) -> None:
    """Measure some parts and report them.

    Args:
        where: in words, "" for the story.
    """
    prefix, repeats = "large_" if where else "", 1 if is_quick else 5
    if "paints" in parts:
        names = list(WITH_RUN) if where else list(TITLES)
        for kind, words in (("", "browser was here before"), ("new_browser_", "new browser")):
            with contextlib.nullcontext("") if where else _bare() as bare:
                times = visits.paint_milliseconds(browser, visitor, names, repeats, is_new=bool(kind), bare=bare)
            medians = _medians(f"First paint{where}, {words}", times)
            least = medians.pop(visits.BARE, None)
            report.note(f"{prefix}paint_{kind}ms", medians, f"slowest first paint{where}, {words}", MOST_PAINT)
            if least:
                report.note(f"bare_{kind}ms", least)
                ratios = {name: round(median / least, 2) for name, median in medians.items()}
                most = MOST_VS_BARE_NEW if kind else MOST_VS_BARE
                report.note(
                    f"paint_{kind}vs_bare", ratios, f"slowest first paint beside a bare page, {words}", most, "x"
                )
    if "clicks" in parts:
        times = visits.click_milliseconds(browser, visitor, repeats)
        report.note(f"{prefix}clicks_ms", _medians(f"Clicks{where}: the slowest of {len(times)}", times))
        every = [each for taken in times.values() for each in taken]
        report.note(f"{prefix}click_median_ms", round(float(np.median(every))))
        report.note(f"{prefix}click_p95_ms", round(percentile(every, 95)), f"clicks{where}, p95", MOST_CLICK)
    if "what_if" in parts:
        keys, server = visits.what_if_milliseconds(browser, visitor, 5 if is_quick else 40)
        report.note(f"{prefix}what_if_browser_ms", round(float(np.median(keys))))
        report.note(f"{prefix}what_if_browser_p95_ms", round(percentile(keys, 95)))
        median = round(float(np.median(server)), 1)
        report.note(f"{prefix}what_if_server_ms", median, f"What if{where}, server, median", MOST_WHAT_IF)
    if "live" in parts:
        watched = [visits.watch_story(browser, visitor) for _ in range(1 if is_quick else 3)]
        table = round(float(np.median([table for table, _ in watched])))
        report.note("table_ms", table, "the story's table after the press of its button", MOST_TABLE)
        largest = round(max(n_bytes for _, n_bytes in watched) / 1_000, 1)
        report.note("live_largest_kb", largest, "largest message while live", MOST_MESSAGE, "kB")
    if "bytes" in parts:
        sent = {name: round(n / 1_000) for name, n in visits.page_bytes(browser, visitor).items()}
        print_table(f"Sent{where}", ("[kB]", ""), [(name, f"{n:,}") for name, n in sent.items()])
        report.note(f"{prefix}page_kb", sent, f"largest page{where}", MOST_PAGE, "kB")

    if "face" in parts:
        _note_face(browser, visitor, report)


def _note_face(browser: Browser, visitor: Visitor, report: Report) -> None:
    """Report what pages ask of a visitor before anything is opened."""
    counted = face.count_face(browser, visitor, list(TITLES))
    print_table(
        "Before anything is opened",
        ("", "controls", "words"),
        [(name, *map(str, counts)) for name, counts in counted.items()],
    )
    report.note("controls", {name: controls for name, (controls, _) in counted.items()})
    report.note("controls_on_optimize", counted["optimize"][0], "controls on Optimize", MOST_CONTROLS, "")
    words = {name: words for name, (_, words) in counted.items()}
    report.note("words", words, "words on the longest page", MOST_WORDS, "")
    seen = face.above_fold(browser, visitor)
    report.note("above_fold", seen)
    lacking = sum(len(face.FOLD) - len(parts) for parts in seen.values())
    report.note("below_fold", lacking, "parts of Results that need scrolling", 0, "")
    clicks = face.clicks_to_search(browser, visitor)
    report.note("clicks_to_search", clicks)
    report.aims.append(
        ("clicks from an own table to a search", MOST_CLICKS, "", float("inf") if clicks is None else clicks)
    )


@contextlib.contextmanager
def _bare() -> Iterator[str]:
    """Yield the address of a page with a title and nothing else, on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(visits.BARE_SCRIPT, "utf-8")
        with serve({"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}, script) as address:
            yield address


def percentile(times: Sequence[float], percent: float) -> float:
    """Smallest of the times that so many percent of them do not exceed: one that was measured."""
    return float(np.percentile(times, percent, method="inverted_cdf"))


def _medians(title: str, times: Mapping[str, Sequence[float]]) -> dict[str, int]:
    """Print the slowest of the times; return the medians of all."""
    medians = {name: round(float(np.median(each))) for name, each in times.items()}
    slowest = sorted(medians.items(), key=lambda item: -item[1])[:N_SLOWEST]
    rows = [(name, f"{median:,}", f"{max(times[name]):,.0f}") for name, median in slowest]
    print_table(title, ("[ms]", "median", "longest"), rows)
    return medians


def parse_arguments() -> argparse.Namespace:
    """What is asked for on the command line."""
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
