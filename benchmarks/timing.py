"""What all benchmarks share: fair timing and a readable table."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes, in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def interleaved_medians(
    ways: Mapping[str, Callable[[], object]], repeats: Mapping[str, int], rounds: int = 5
) -> dict[str, float]:
    """The median seconds of each way, after a warm-up.

    The ways take turns, so that a busy moment of the machine falls on all of them.
    """
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for action in ways.values():
        action()
    for _ in range(rounds):
        for way, action in ways.items():
            taken[way] += [seconds(action) for _ in range(max(1, repeats[way] // rounds))]
    return {way: statistics.median(times) for way, times in taken.items()}


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with the first column to the left and numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    print(title)
    for row in (head, *rows):
        first, *rest = zip(row, widths, strict=True)
        print("  " + "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]))
