"""A comparison of methods as tables and in sentences."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer import METHODS
from optimizer.constraints.constraint import listed
from services.specs.digits import label
from services.studies.compare.methods import ComparisonResult, Entry

DISTINCT = "distinct"
"""Header of how many different good candidates a method found."""
SAME = 1e-3  # standard deviations of the objective: what is nearer to the best is as good


METHOD_NAMES = {
    "niches": "Niches",
    "lineages": "Lineages",
    "differential_evolution": "Differential evolution",
    "dual_annealing": "Dual annealing",
    "multistart": "Multi-start gradients",
    "cma_es": "CMA-ES",
    "bayesian": "Bayesian (TPE)",
    "random_search": "Random search",
}


def comparison_frame_of_methods(comparison: ComparisonResult, name: str, unit: str) -> pd.DataFrame:
    """One row per method, the best first: medians over its searches; what nobody knows has no column."""
    methods = ranked(comparison)
    rows = [_row(comparison, comparison.of_method(method), name, unit) for method in methods]
    frame = pd.DataFrame(rows)
    if not len(frame):
        return pd.DataFrame({"method": []})
    frame.insert(0, "method", [METHOD_NAMES[method] for method in methods])
    return frame.dropna(axis="columns", how="all")


def ranked(comparison: ComparisonResult) -> list[str]:
    """The methods that have searched, the one with the best median score first."""
    scores = _scores(comparison)
    return sorted(scores, key=lambda method: scores[method])


def searches_frame(comparison: ComparisonResult, name: str, unit: str) -> pd.DataFrame:
    """One row per search, in the order in which they were asked for."""
    rows = [
        {"method": METHOD_NAMES[entry.method], "seed": entry.seed} | _row(comparison, (entry,), name, unit)
        for entry in comparison.entries
    ]
    return pd.DataFrame(rows).dropna(axis="columns", how="all") if rows else pd.DataFrame({"method": [], "seed": []})


def comparison_sentence(comparison: ComparisonResult, name: str) -> str:
    """Which methods came first in what, in a sentence, or "" before two of them have found something."""
    scores = {method: score for method, score in _scores(comparison).items() if np.isfinite(score)}
    if len(scores) < 2:
        return ""
    leaders = [method for method in scores if scores[method] <= min(scores.values()) + SAME]
    counts = {m: float(np.median([comparison.n_within(entry) for entry in comparison.of_method(m)])) for m in scores}
    most = [method for method in counts if counts[method] == max(counts.values())]
    words = f"{_named(leaders, len(scores))} found the best {name}"
    if most == leaders:
        return f"{words}, and the most different good candidates: {max(counts.values()):g}."
    return f"{words}; {_named(most, len(scores))} found the most different good candidates: {max(counts.values()):g}."


def _named(methods: list[str], n: int) -> str:
    if len(methods) == n:
        return f"All {n} methods" if n > 2 else "Both methods"
    return listed([METHOD_NAMES[method] for method in methods])


def _scores(comparison: ComparisonResult) -> dict[str, float]:
    """The median best score of every method that has searched, in the order in which they were asked for."""
    entries = {method: comparison.of_method(method) for method in comparison.spec.methods}
    return {
        method: float(np.median([np.inf if entry.best_score is None else entry.best_score for entry in those]))
        for method, those in entries.items()
        if those
    }


def _row(comparison: ComparisonResult, entries: Sequence[Entry], name: str, unit: str) -> dict[str, float | str | None]:
    bests = [entry.best for entry in entries if entry.best is not None]
    believed = [value for entry in entries for value in _plausibility_within(comparison, entry)]
    row: dict[str, float | str | None] = {
        label(f"best {name}", unit): _median(bests),
        DISTINCT: _median([comparison.n_within(entry) for entry in entries]),
        label("plausibility", "%"): _median(believed),
        label("believable", "%"): _percent([entry.share_passing for entry in entries]),
        label("meet the rules", "%"): _percent([entry.share_within_rules for entry in entries]),
        "evaluations": _median([entry.n_evaluations for entry in entries]),
        label("time", "s"): _median([entry.seconds for entry in entries]),
    }
    if len(entries) > 1 and bests:
        row[label("worst seed", unit)] = _worst(comparison, entries)
    return row


def _worst(comparison: ComparisonResult, entries: Sequence[Entry]) -> float | None:
    """The best outcome of the seed that did worst."""
    found = [entry for entry in entries if entry.best is not None and entry.best_score is not None]
    return max(found, key=lambda entry: entry.best_score or -np.inf).best if found else None


def _plausibility_within(comparison: ComparisonResult, entry: Entry) -> tuple[float, ...]:
    return (entry.plausibility or ())[: comparison.n_within(entry)]


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _percent(shares: Sequence[float | None]) -> float | None:
    median = _median(shares)
    return None if median is None else 100 * median


assert set(METHOD_NAMES) == set(METHODS)
