"""What the engine costs outside the evaluation of candidates, and how that grows with every size.

Run with ``python -m benchmarks.scale``; ``--sizes``, ``--methods`` and ``--largest`` run a part of it. The last line is
JSON.

Every size is measured in a process of its own, on one thread, as the least of up to seven times. Growth is the exponent
of a power law, 1 is linear: through all sizes, and through the last three, where it also shows that arrays outgrow the
caches. Memory is the largest resident size of that process less the one it began with.
"""

import argparse
import json
from collections.abc import Sequence
from functools import partial

from benchmarks.scale.costs import SIZES
from benchmarks.scale.measuring import Measured, exponent, measure_apart
from benchmarks.timing import print_table
from optimizer import METHODS

DEFAULT_METHODS = ("lineages", "niches")
N_LAST = 3  # sizes that are the end
LINEAR = 1.15  # growth up to this is linear within what timing tells


def main() -> None:
    """Print a table for every size and method, then one JSON line."""
    arguments = parse_arguments()
    growth: dict[str, float | None] = {}
    growth_at_end: dict[str, float | None] = {}
    megabytes: dict[str, float] = {}
    speeds: dict[str, dict[str, int]] = {}
    for name in arguments.sizes:
        size = SIZES[name]
        for method in arguments.methods if size.is_of_method else ("",):
            costs = partial(size.costs, method) if method else size.costs
            measured = [measure_apart(costs, each) for each in size.sizes if each <= arguments.largest]
            key = f"{name}, {method}" if method else name
            growth[key], growth_at_end[key] = exponent(measured), exponent(measured, N_LAST)
            megabytes[key] = round(max((each.megabytes for each in measured), default=0.0), 1)
            print_measured(key, size.words, measured, growth[key], growth_at_end[key])
            if name == "evaluations":
                speeds[method] = {f"{each.size}": round(each.cost.n / each.cost.seconds) for each in measured}
    figures = {
        "evaluations_per_second": speeds,
        "growth": growth,
        "growth_at_end": growth_at_end,
        "megabytes": megabytes,
    }
    print(json.dumps({"benchmark": "scale", **figures}))


def parse_arguments() -> argparse.Namespace:
    """Return what part of the benchmark to run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    methods = [name for name in METHODS if name in DEFAULT_METHODS]
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES), help="what grows")
    parser.add_argument("--methods", nargs="+", choices=methods, default=methods)
    parser.add_argument("--largest", type=int, default=10**9, help="leave out sizes above this")
    return parser.parse_args()


def print_measured(
    key: str, words: str, measured: Sequence[Measured], growth: float | None, at_end: float | None
) -> None:
    """Print what every size costs."""
    rows = [
        (
            f"{each.size:,}",
            f"{each.cost.seconds:.3g}",
            f"{each.cost.n:,}" if each.cost.n else "",
            f"{each.cost.n / each.cost.seconds:,.0f}" if each.cost.n else "",
            f"{each.megabytes:,.0f}",
        )
        for each in measured
    ]
    print_table(f"\n{key}: {words}", ("size", "seconds", "candidates", "a second", "MB"), rows)
    if growth is not None and at_end is not None:
        verdict = "" if max(growth, at_end) <= LINEAR else ": faster than linearly"
        print(f"  grows with the power {growth:.2f}, {at_end:.2f} at the end{verdict}")


if __name__ == "__main__":
    main()
