"""What the engine costs outside the evaluation of candidates, and how that grows with every size.

Run with ``python -m benchmarks.scale``; ``--sizes``, ``--methods`` and ``--largest`` run a part of it. The last line is
JSON.

Every size is measured in a process of its own, on one thread, as the least of up to three times. Growth is the exponent
of a power law through the last three sizes: 1 is linear. Memory is the largest resident size of that process less the
one it began with.
"""

import argparse
import json
from collections.abc import Sequence
from functools import partial

from benchmarks.scale.costs import N_FEATURES, SIZES
from benchmarks.scale.measuring import Measured, exponent, measure_apart
from benchmarks.timing import print_table
from optimizer import METHODS

DEFAULT_METHODS = ("lineages", "niches")
LINEAR = 1.1  # growth up to this is linear within what timing tells


def main() -> None:
    """Print a table for every size and method, then one JSON line."""
    arguments = parse_arguments()
    growth: dict[str, float | None] = {}
    megabytes: dict[str, float] = {}
    speeds: dict[str, int] = {}
    for name in arguments.sizes:
        size = SIZES[name]
        for method in arguments.methods if size.is_of_method else ("",):
            costs = partial(size.costs, method) if method else size.costs
            measured = [measure_apart(costs, each) for each in size.sizes if each <= arguments.largest]
            key = f"{name}, {method}" if method else name
            growth[key] = exponent(measured)
            megabytes[key] = round(max((each.megabytes for each in measured), default=0.0), 1)
            print_measured(key, size.words, measured, growth[key])
            at_usual = [each.cost.seconds for each in measured if each.size == N_FEATURES]
            if name == "features" and at_usual:
                speeds[method] = round(1 / at_usual[0])
    for method, speed in speeds.items():
        print(f"{method}: {speed:,} evaluations per second of engine alone at {N_FEATURES} features")
    figures = {"evaluations_per_second": speeds, "growth": growth, "megabytes": megabytes}
    print(json.dumps({"benchmark": "scale", **figures}))


def parse_arguments() -> argparse.Namespace:
    """Return what part of the benchmark to run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    methods = [name for name in METHODS if name in DEFAULT_METHODS]
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES), help="what grows")
    parser.add_argument("--methods", nargs="+", choices=methods, default=methods)
    parser.add_argument("--largest", type=int, default=10**9, help="leave out sizes above this")
    return parser.parse_args()


def print_measured(key: str, words: str, measured: Sequence[Measured], growth: float | None) -> None:
    """Print what every size costs."""
    rows = [
        (
            f"{each.size:,}",
            f"{each.cost.seconds:.3g}",
            f"{each.cost.n:,}" if each.cost.n else "",
            f"{each.megabytes:,.0f}",
        )
        for each in measured
    ]
    print_table(f"\n{key}: {words}", ("size", "seconds", "candidates", "MB"), rows)
    if growth is not None:
        print(f"  grows with the power {growth:.2f}" + ("" if growth <= LINEAR else ": faster than linearly"))


if __name__ == "__main__":
    main()
