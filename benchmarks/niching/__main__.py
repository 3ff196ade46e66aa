"""How many global maxima the search finds on functions that have several.

Run with ``python -m benchmarks.niching``; ``--help`` tells how to run a part. The last line is JSON.
"""

import argparse
import json
import statistics
import time
from dataclasses import dataclass

from benchmarks.niching.functions import ACCURACIES, CLOSED_FORM, PeakFunction, compositions, peak_ratio, static_f1
from benchmarks.timing import print_table
from optimizer import optimize

SMALL_SHARE = 0.1
"""Of the published budget: what an impatient user has."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one search found.

    Attributes:
        ratios: peak ratio at each accuracy.
        f1: static F1 of the returned set, mean over the accuracies.
    """

    ratios: tuple[float, ...]
    f1: float
    n_returned: int
    seconds: float

    @property
    def ratio(self) -> float:
        """Mean peak ratio over the accuracies."""
        return statistics.mean(self.ratios)


def score(function: PeakFunction, share: float, seed: int, method: str) -> Score:
    """What a search finds with a share of the published budget."""
    started = time.perf_counter()
    found = optimize(
        function.evaluate,
        function.bounds,
        budget=int(share * function.budget),
        seed=seed,
        method=method,
        maximize=True,
    ).archive
    return Score(
        ratios=tuple(peak_ratio(function, found.X, accuracy) for accuracy in ACCURACIES),
        f1=statistics.mean(static_f1(function, found.X, accuracy) for accuracy in ACCURACIES),
        n_returned=len(found),
        seconds=time.perf_counter() - started,
    )


def main() -> None:
    """Print the peak ratios of every function, then one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--method", default="niches", help="name of the method (default: niches)")
    parser.add_argument("--seeds", type=int, default=1, help="searches per function; compositions change with the seed")
    parser.add_argument("--only", default="", help="functions whose name contains this")
    arguments = parser.parse_args()
    full: dict[str, list[Score]] = {}
    small: dict[str, list[Score]] = {}
    for seed in range(arguments.seeds):
        for function in (*CLOSED_FORM, *compositions(seed)):
            if arguments.only.lower() in function.name.lower():
                full.setdefault(function.name, []).append(score(function, 1.0, seed, arguments.method))
                small.setdefault(function.name, []).append(score(function, SMALL_SHARE, seed, arguments.method))
    print_scores("Published budgets", full)
    print_scores("10 % of them", small)
    print(json.dumps({"benchmark": "niching", "method": arguments.method, **figures(full, small)}))


def print_scores(title: str, scores: dict[str, list[Score]]) -> None:
    """Print one line per function, the mean of its seeds."""
    rows = [
        (
            name,
            *(f"{statistics.mean(each.ratios[i] for each in several):.3f}" for i in range(len(ACCURACIES))),
            f"{statistics.mean(each.f1 for each in several):.3f}",
            f"{statistics.mean(each.n_returned for each in several):.0f}",
            f"{statistics.mean(each.seconds for each in several):.1f}",
        )
        for name, several in scores.items()
    ]
    head = ("peak ratio at accuracy", *(f"{accuracy:g}" for accuracy in ACCURACIES), "F1", "returned", "s")
    print_table(title, head, rows)


def figures(full: dict[str, list[Score]], small: dict[str, list[Score]]) -> dict[str, object]:
    """The figures of the JSON line: peak ratios are means over accuracies and seeds."""
    closed = [function.name for function in CLOSED_FORM if function.name in full]
    by_dimension: dict[str, list[float]] = {}
    for name in full:
        if name not in closed:
            by_dimension.setdefault(name.rpartition(" ")[2], []).append(mean_ratio(full[name]))
    return {
        "closed_form": {name: round(mean_ratio(full[name]), 4) for name in closed},
        "composition": {dimension: round(statistics.mean(ratios), 4) for dimension, ratios in by_dimension.items()},
        "mean": round(statistics.mean(mean_ratio(several) for several in full.values()), 4),
        "mean_at_10_percent": round(statistics.mean(mean_ratio(several) for several in small.values()), 4),
        "f1": round(statistics.mean(statistics.mean(each.f1 for each in several) for several in full.values()), 4),
    }


def mean_ratio(scores: list[Score]) -> float:
    """The mean peak ratio of several searches."""
    return statistics.mean(each.ratio for each in scores)


if __name__ == "__main__":
    main()
