"""How near every method comes to the proven optimum of the problems that ship, and how much else it finds.

Run with ``python -m benchmarks.search``; ``--problems``, ``--methods``, ``--seeds`` and ``--budgets`` run a part of it.
The last line is JSON; ``--json FILE`` also writes it to a file.

Regret is in percent of the optimum's score, penalties included, or of the value searched for. The optimum is the best
candidate known to the proof or to any method of this run, and the gap is how much better another could be yet. A local
optimum is proven when nothing in the box of 0.1 recorded standard deviations (at least a step) around it is better by
more than 0.005 %. An evaluation with its gradient counts as one.
"""

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.search.cases import CASES, Case, case
from benchmarks.search.figures import Figures, figures
from benchmarks.search.references import Reference, WhatIfModel
from benchmarks.search.runs import MOST_EVALUATIONS, Run, runs
from benchmarks.timing import print_table
from optimizer import METHODS, Candidates
from services.catalog.loading import Catalog
from services.catalog.settings import Settings

BUDGETS = (20_000, 200_000)
N_SEEDS = 5
PROOF_SECONDS = 60.0
N_KNOWN = 20  # polished starts that a proof begins with
SUFFIXES = {20_000: "", 200_000: "_2e5"}
Judged = Mapping[str, Sequence[Figures]]
"""The figures of every seed, by method."""


def main() -> None:
    """Print a table for every problem and budget, then one JSON line."""
    arguments = parse_arguments()
    catalog = Catalog.of(Settings.from_environment())
    report: dict[str, dict[str, object]] = defaultdict(dict)
    with threadpool_limits(limits=1):
        for name in arguments.problems:
            searched = case(name, catalog)
            reference, done = searched_through(searched, arguments)
            print_reference(searched, reference)
            report["optimum"][name] = searched.value(reference.best)
            report["gap"][name] = round(reference.gap, 5)
            report["n_optima"][name] = len(reference.optima)
            for budget in arguments.budgets:
                judged = {
                    method: [figures(run, searched, reference) for run in done if (run.method, run.budget) == key]
                    for method in arguments.methods
                    for key in [(method, budget)]
                }
                print_figures(budget, judged, len(reference.optima))
                note(report, name, SUFFIXES.get(budget, f"_{budget}"), judged)
    line = json.dumps({"benchmark": "search", "unit": "percent", "seeds": arguments.seeds, **report})
    if arguments.json is not None:
        arguments.json.write_text(line + "\n", encoding="utf-8")
    print(line)


def parse_arguments() -> argparse.Namespace:
    """Return what part of the benchmark to run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--problems", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help="searches of each, with the seeds 0, 1 ...")
    parser.add_argument("--budgets", nargs="+", type=int, default=list(BUDGETS), help="evaluations of each search")
    parser.add_argument("--proof-seconds", type=float, default=PROOF_SECONDS, help="a proof may take, at most")
    parser.add_argument("--json", type=Path, help="file that the figures are written to")
    return parser.parse_args()


def searched_through(searched: Case, arguments: argparse.Namespace) -> tuple[Reference, list[Run]]:
    """Return what there is to find in a problem, and what every search has found."""
    explorer = WhatIfModel(searched, arguments.proof_seconds)
    starts = explorer.polished_starts()
    proof = explorer.prove(starts.take(np.arange(N_KNOWN)))
    explorer.take_in(proof.best)
    explorer.take_in(starts)
    done = list(runs(searched, arguments.methods, arguments.budgets, arguments.seeds))
    explorer.take_in_results(Candidates.concatenate([run.found for run in done]))
    return explorer.reference(proof), done


def print_reference(searched: Case, reference: Reference) -> None:
    """Print what a problem is, and what there is to find in it."""
    print(f"\n{searched.name}: {searched.words}")
    print(
        f"  optimum {searched.value(reference.best):,.6g}, penalties taken off; proof: {reference.end} after "
        f"{reference.seconds:.1f} s, gap {reference.gap:.5f} %; {len(reference.optima)} proven local optima within 10 %"
        + (f", {reference.n_unproven} more unproven" if reference.n_unproven else "")
    )


def print_figures(budget: int, judged: Judged, n_optima: int) -> None:
    """Print what every method found at a budget, median and worst of its seeds."""
    head = ("", "regret [%]", "worst", "within 5 %", "worst", "within 10 %", "worst", f"of {n_optima} optima", "worst")
    rows = []
    for method, seeds in judged.items():
        regrets = [each.regret for each in seeds]
        cells = [f"{statistics.median(regrets):.5f}", f"{max(regrets):.5f}"]
        for name in ("within_5", "within_10", "optima"):
            counts = [getattr(each, name) for each in seeds]
            cells += [f"{statistics.median(counts):g}", f"{min(counts)}"]
        used = statistics.median(each.evaluations for each in seeds)
        seconds = [each.seconds for each in seeds]
        cells += [f"{used:,.0f}", f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}"]
        rows.append((method + " *" * (MOST_EVALUATIONS.get(method, budget) < budget), *cells))
    title = f"{budget:,} evaluations, {max(map(len, judged.values()), default=0)} seeds: median and worst"
    print_table(title, (*head, "evaluations", "seconds", "worst"), rows)
    for method, most in MOST_EVALUATIONS.items():
        if method in judged and most < budget:
            print(f"  * {method} takes too long for more than {most:,} evaluations, so it got these only")


def note(report: dict[str, dict[str, object]], problem: str, suffix: str, judged: Judged) -> None:
    """Put the figures of a problem at a budget into the report: worst seeds, but for median_... and seconds."""

    def put(key: str, value: Mapping[str, float]) -> None:
        report[key + suffix][problem] = dict(value)

    put("regret", {method: round(max(each.regret for each in seeds), 6) for method, seeds in judged.items()})
    put("median_regret", {m: round(statistics.median(each.regret for each in s), 6) for m, s in judged.items()})
    put("optima_found", {method: min(each.optima for each in seeds) for method, seeds in judged.items()})
    put("within_5", {method: min(each.within_5 for each in seeds) for method, seeds in judged.items()})
    put("within_10", {method: min(each.within_10 for each in seeds) for method, seeds in judged.items()})
    put("evaluations", {m: statistics.median(each.evaluations for each in s) for m, s in judged.items()})
    put("seconds", {m: round(statistics.median(each.seconds for each in s), 3) for m, s in judged.items()})


if __name__ == "__main__":
    main()
