"""What was measured so far: tables to print, figures for the JSON line, and the aims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.page.figures import Aim, median, percentile, pooled, slowest
from benchmarks.page.live import Watched
from benchmarks.timing import print_table

MOST_PAINT, MOST_CLICK, MOST_WHAT_IF, MOST_FRAME, MOST_PAGE = 1_000, 300, 100, 50, 2_000
N_SLOWEST = 10
KILO = 1_000

Times = Mapping[str, Sequence[float]]
"""Milliseconds, by name."""


@dataclass
class Report:
    """Grows with every part.

    Attributes:
        figures: for the JSON line.
        aims: with what was measured.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    aims: list[Aim] = field(default_factory=list)

    def note(self, key: str, value: Any, aim: str = "", limit: float = 0.0, unit: str = "ms") -> None:
        """Keep a figure, and hold it against an aim where there is one."""
        self.figures[key] = value
        if aim:
            self.aims.append(Aim(aim, limit, unit, value))

    def paints(self, where: str, known: Times, new: Times) -> None:
        """Print and keep the first paints of pages in a browser that was here before, and in one that was not."""
        rows = [(name, f"{median(known[name]):,.0f}", f"{median(new[name]):,.0f}") for name in known]
        print_table(f"First paint{where}, median", ("[ms]", "browser was here before", "new browser"), rows)
        for kind, times in (("", known), ("new_browser_", new)):
            medians = {name: round(median(each)) for name, each in times.items()}
            words = "browser was here before" if not kind else "new browser"
            key = _key(f"paint_{kind}ms", where)
            self.figures[key] = medians
            self.aims.append(Aim(f"slowest first paint{where}, {words}", MOST_PAINT, "ms", max(medians.values())))

    def clicks(self, where: str, times: Times) -> None:
        """Print and keep how long clicks take."""
        every = pooled(times)
        rows = [(name, f"{time:,.0f}", f"{max(times[name]):,.0f}") for name, time in slowest(times, N_SLOWEST)]
        print_table(f"Clicks{where}: the slowest of {len(times)}", ("[ms]", "median", "longest"), rows)
        print(f"  all of them: median {median(every):,.0f} ms, p95 {percentile(every, 95):,.0f} ms")
        self.note(_key("click_median_ms", where), round(median(every)))
        self.note(_key("click_p95_ms", where), round(percentile(every, 95)), f"clicks{where}, p95", MOST_CLICK)
        self.figures[_key("clicks_ms", where)] = {name: round(median(each)) for name, each in times.items()}

    def what_if(self, where: str, keys: Sequence[float], server: Sequence[float]) -> None:
        """Print and keep how long What if takes to answer."""
        rows = [
            (name, f"{median(each):,.1f}", f"{percentile(each, 95):,.1f}")
            for name, each in (("key to drawn answer, browser", keys), ("of that the answer itself, server", server))
        ]
        print_table(f"What if{where}", ("[ms]", "median", "p95"), rows)
        self.note(_key("what_if_browser_ms", where), round(median(keys)))
        self.note(_key("what_if_browser_p95_ms", where), round(percentile(keys, 95)))
        key = _key("what_if_server_ms", where)
        self.note(key, round(median(server), 1), f"What if{where}, server, median", MOST_WHAT_IF)

    def live(self, watched: Sequence[Watched]) -> None:
        """Print and keep what the live view is sent, and how soon a story moves and ends."""
        largest = max((one.stream.largest for one in watched), key=lambda message: message.n_bytes)
        rows = [
            ("first moving frame [ms]", f"{median([one.first_frame for one in watched]):,.0f}"),
            ("finished table [ms]", f"{median([one.table for one in watched]):,.0f}"),
            (f"largest message [kB]: {largest.kind}", f"{largest.n_bytes / KILO:,.1f}"),
            ("an update [kB]", f"{median([one.stream.mean for one in watched]) / KILO:,.1f}"),
            ("updates a second", f"{median([one.stream.per_second for one in watched]):,.1f}"),
        ]
        print_table("The concrete story, from the press of its button", ("", "median"), rows)
        self.note("first_frame_ms", round(median([one.first_frame for one in watched])))
        self.note("table_ms", round(median([one.table for one in watched])))
        n_kilo = round(largest.n_bytes / KILO, 1)
        self.note("live_largest_kb", n_kilo, "largest message while live", MOST_FRAME, "kB")
        self.note("live_update_kb", round(median([one.stream.mean for one in watched]) / KILO, 1))
        self.note("live_updates_per_second", round(median([one.stream.per_second for one in watched]), 2))

    def bytes(self, where: str, sent: Mapping[str, int]) -> None:
        """Print and keep how much pages are sent until they rest."""
        print_table(f"Sent{where}", ("[kB]", ""), [(name, f"{n / KILO:,.0f}") for name, n in sent.items()])
        self.figures[_key("page_kb", where)] = {name: round(n / KILO) for name, n in sent.items()}
        self.aims.append(Aim(f"largest page{where}", MOST_PAGE, "kB", max(sent.values()) / KILO))


def _key(name: str, where: str) -> str:
    return f"large_{name}" if where else name
