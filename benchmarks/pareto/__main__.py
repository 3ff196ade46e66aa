"""How much of known fronts the search for several objectives finds, beside NSGA-II, NSGA-III and SMS-EMOA.

Run with ``python -m benchmarks.pareto``; ``--help`` tells how to run a part. The last line is JSON. The reference front
of RE problems, and of the concrete story, is what NSGA-II with 1,000 candidates finds in 200,000 evaluations, together
with what our own search finds in 20,000, nothing dominated. "Best 100 known" is what 100 points chosen greedily from it
reach: about the most that 100 points can.
"""

import argparse
import json
import statistics
import time

import numpy as np

from benchmarks.pareto import story
from benchmarks.pareto.figures import Reference, igdx, inverse_proximity, nondominated
from benchmarks.pareto.functions import MMF, N_SUBSETS, OMNI, RE, FrontFunction, subsets
from benchmarks.pareto.limited import limited
from benchmarks.pareto.peers import N_POINTS, PEERS, run_peer
from benchmarks.timing import print_table
from optimizer import (
    Budget,
    FrontCandidates,
    FrontOutcome,
    FrontProblem,
    Goal,
    Objective,
    SearchSpace,
    front_results,
    most_different,
    most_hypervolume,
    search_front,
)

N_EVALUATIONS = 10_000
N_TEN = 10
N_SETTINGS = 200
"""Points of a final set of MMF problems, as the suite has it for two variables; candidates of the peers there."""
OURS = "ours"
_N_REFERENCE, _LONG_PEER, _LONG_OURS = 1_000, 200_000, 20_000
_REFERENCE_SEED = 1_000
_DISTINCT = 0.3

Means = dict[str, dict[str, list[float]]]
"""Problem -> method -> one figure per seed."""


def problem_of(function: FrontFunction) -> FrontProblem:
    """The function as a problem of the engine: all its goals are minimised; the story as the app has it."""
    if function.name == story.NAME:
        return story.problem()
    middle = np.array(function.bounds, dtype=float).mean(axis=1)
    n_goals = function.evaluate(middle[None]).shape[1]
    objectives = {column: Objective(Goal.MINIMUM) for column in range(n_goals)}
    return FrontProblem(SearchSpace.from_bounds(function.bounds), function.evaluate, objectives)


def found_by_us(function: FrontFunction, n_evaluations: int, seed: int) -> FrontOutcome:
    """What our search finds."""
    return search_front(problem_of(function), Budget(n_evaluations), np.random.default_rng(seed))


def goals_of(function: FrontFunction, found: FrontCandidates) -> np.ndarray:
    """What candidates have of the goals, smaller is better, (n, m)."""
    return story.of_outcomes(found.outcomes) if function.name == story.NAME else found.outcomes


def reference_of(function: FrontFunction) -> tuple[Reference, np.ndarray]:
    """The reference front as a measure, and its goals (f, m)."""
    _, peer = run_peer("NSGA-II", function, _LONG_PEER, _REFERENCE_SEED, _N_REFERENCE)
    ours = goals_of(function, found_by_us(function, _LONG_OURS, _REFERENCE_SEED).front)
    front = nondominated(np.concatenate([peer, ours]))
    return Reference.of(front), front


def best_of(goals: np.ndarray, n: int) -> np.ndarray:
    """At most ``n`` of the goals (k, m) that together dominate most."""
    nothing = np.zeros(len(goals))
    return most_hypervolume(FrontCandidates(goals, goals, goals, nothing, nothing), n).scores


def measure_fronts(names: str, seeds: range, volumes: Means, tens: dict[str, list[float]], seconds: list[float]) -> int:
    """Hypervolumes of RE problems and of the concrete story, and how many of its results break the limit."""
    n_broken = 0
    for function in (*RE, *([story.concrete()] if names in story.NAME else [])):
        if names not in function.name.lower():
            continue
        reference, front = reference_of(function)
        volumes[function.name] = {"best 100 known": [reference.ratio(best_of(front, N_POINTS))]}
        for seed in seeds:
            started = time.process_time()  # of the processor, for others may use the machine, too
            outcome = found_by_us(function, N_EVALUATIONS, seed)
            if function.name != story.NAME:  # there networks are evaluated, too
                seconds.append(time.process_time() - started)
            goals = goals_of(function, most_hypervolume(outcome.front, N_POINTS))
            volumes[function.name].setdefault(OURS, []).append(reference.ratio(goals))
            peers = {peer: nondominated(run_peer(peer, function, N_EVALUATIONS, seed)[1]) for peer in PEERS}
            for peer, theirs in peers.items():
                volumes[function.name].setdefault(peer, []).append(reference.ratio(theirs))
            ten = front_results(outcome, problem_of(function).space, N_TEN, _DISTINCT).chosen
            best = reference.greedy_ratio(peers["SMS-EMOA"], N_TEN)
            tens.setdefault(function.name, []).append(reference.ratio(goals_of(function, ten)) / best)
            if function.name == story.NAME:
                n_broken += int((story.excess(np.concatenate([ten.X, outcome.front.X])) > 0).sum())
    return n_broken


def measure_subsets(seeds: range, counts: Means) -> None:
    """How many of the equivalent subsets of OmniTest are among 100 points."""
    for name in (OURS, *PEERS):
        for seed in seeds:
            X = _different(OMNI, seed, N_POINTS) if name == OURS else run_peer(name, OMNI, N_EVALUATIONS, seed)[0]
            counts.setdefault(OMNI.name, {}).setdefault(name, []).append(float(len(subsets(X))))


def measure_settings(names: str, seeds: range, distances: Means, proximities: Means) -> None:
    """How well 200 points cover the equivalent settings of MMF problems."""
    for function in MMF:
        if names not in function.name.lower():
            continue
        for seed in seeds:
            sets = {
                OURS: _different(function, seed, N_SETTINGS),
                "NSGA-II": run_peer("NSGA-II", function, N_EVALUATIONS, seed, N_SETTINGS)[0],
            }
            for name, X in sets.items():
                distances.setdefault(function.name, {}).setdefault(name, []).append(igdx(function, X))
                proximities.setdefault(function.name, {}).setdefault(name, []).append(inverse_proximity(function, X))


def _different(function: FrontFunction, seed: int, n: int) -> np.ndarray:
    outcome = found_by_us(function, N_EVALUATIONS, seed)
    return most_different(outcome.found, problem_of(function).space, n).X


def print_means(title: str, figures: Means, digits: int) -> None:
    """Print one line per problem, a column per method: means over seeds."""
    methods = list(dict.fromkeys(method for each in figures.values() for method in each))
    rows = [
        (name, *(f"{statistics.mean(each[m]):.{digits}f}" if m in each else "" for m in methods))
        for name, each in figures.items()
    ]
    if rows:
        print_table(title, (title.split(",")[0].lower(), *methods), rows)


def means(figures: Means, digits: int) -> dict[str, dict[str, float]]:
    """Means over seeds, rounded."""
    return {name: {m: round(statistics.mean(v), digits) for m, v in each.items()} for name, each in figures.items()}


def main() -> None:
    """Print hypervolumes, subsets and distances, then one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3, help="searches per problem and method (default: 3)")
    parser.add_argument("--first-seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--only", default="", help="problems whose name contains this")
    arguments = parser.parse_args()
    names = arguments.only.lower()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    volumes: Means = {}
    counts: Means = {}
    distances: Means = {}
    proximities: Means = {}
    tens: dict[str, list[float]] = {}
    overheads: list[float] = []
    n_broken = measure_fronts(names, seeds, volumes, tens, overheads)
    if names in OMNI.name.lower():
        measure_subsets(seeds, counts)
    measure_settings(names, seeds, distances, proximities)
    kept = limited(seeds) if names in "limits" else None
    print_means("Hypervolume, shares of the reference front's", volumes, 4)
    print_means(f"Subsets, of {N_SUBSETS}", counts, 1)
    print_means("IGDX, smaller is better", distances, 4)
    print_means("1/PSP, smaller is better", proximities, 4)
    report = {
        "benchmark": "pareto",
        "seeds": list(seeds),
        "hypervolume": means(volumes, 4),
        "best_ten": {name: round(statistics.mean(each), 4) for name, each in tens.items()},
        "subsets": means(counts, 1),
        "igdx": means(distances, 4),
        "inverse_psp": means(proximities, 4),
        "violations": n_broken + (0 if kept is None else kept.n_broken),
        "seconds": {
            "engine": round(statistics.median(overheads), 2) if overheads else None,
            "limits_over_none": None if kept is None else round(kept.times, 2),
        },
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
