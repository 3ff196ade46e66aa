"""How near every method comes to the proven optimum of the problems that ship, and how many results it finds.

Run with ``python -m benchmarks.search``; ``--problems``, ``--methods``, ``--seeds`` and ``--budgets`` run a part of it.
The last line is JSON.

Regret is in percent of the optimum's score, penalties included, or of the value searched for. The optimum is the best
candidate known to the proof or to any method of this run, and the gap is how much better another could be yet. Results
count as distinct at least one recorded standard deviation apart. An evaluation with its gradient counts as one.
"""

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import print_table
from optimizer import METHODS, Budget, Candidates, Goal, Problem, polish, search
from optimizer.features import distances_to
from optimizer.proof import Proof, ProofLimits, ReluNetwork, prove
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.problems.building import build_problem
from services.problems.stories import story, story_spec
from services.specs.run import DistanceSpec, NumericSpec, RunSpec, SumConstraintSpec
from services.studies.proof import relu_network

AGE = 28.0
USUAL_SUM = 2343.5  # kg/m³, the recorded mean of the parts' sum, on the parts' step of 0.1
STUDY_WEIGHT = 300.0  # MPa for each recorded standard deviation beyond the usual distance, as in the first study
BUDGETS = (20_000, 200_000)
MOST_EVALUATIONS = {"bayesian": 1_000}  # its sampler takes 10 to 20 ms for each candidate
N_STARTS, N_POLISH, N_KNOWN = 1_000, 200, 20  # of a proof: random starts, evaluations for each, the best it begins with
START_SEED = 20_000  # none of the methods' own
PROOF_SHARE = 1e-5  # of the optimum: the gap at which its proof ends
DISTINCT, MAX_DISTINCT = 1.0, 500
SHARES = {"within_5": 0.05, "within_10": 0.10}  # of the optimum


def _curve(catalog: Catalog) -> RunSpec:
    """The concrete story without its penalty."""
    return story_spec(story("concrete"), catalog).revised(density=None)


def _strength(catalog: Catalog) -> RunSpec:
    """The strength at one age, without penalty or constraint."""
    spec = _curve(catalog)
    features = tuple(
        feature.model_copy(update={"is_free": False, "value": AGE})
        if isinstance(feature, NumericSpec) and feature.name == "age"
        else feature
        for feature in spec.features
    )
    return spec.revised(curve=None, features=features)


def _far(catalog: Catalog) -> RunSpec:
    """The strength at one age with a distance penalty of 300 MPa a unit."""
    spec = _strength(catalog)
    scale = build_problem(spec, catalog.model_data(spec)).objective.scale
    return spec.revised(distance=DistanceSpec(weight=STUDY_WEIGHT / scale))


def _sum(catalog: Catalog) -> RunSpec:
    """The strength at one age where the parts weigh what they usually do."""
    parts = story_spec(story("concrete"), catalog).density
    assert parts is not None
    total = SumConstraintSpec(features=parts.parts, low=USUAL_SUM, high=USUAL_SUM)
    return _strength(catalog).revised(constraints=(total,))


CASES: Mapping[str, Callable[[Catalog], RunSpec]] = {
    "concrete": _strength,
    "curve": _curve,
    "density": lambda catalog: story_spec(story("concrete"), catalog),
    "distance": lambda catalog: _strength(catalog).revised(distance=DistanceSpec()),
    "distance_300": _far,
    "sum": _sum,
    "production": lambda catalog: story_spec(story("production"), catalog),
}
"""Specification of every problem, by its name."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one search found.

    Attributes:
        candidates: archive and living lineages, best first.
    """

    candidates: Candidates
    evaluations: int
    seconds: float

    @property
    def best(self) -> float:
        """The best score."""
        return float(self.candidates.scores.min(initial=np.inf))


def main() -> None:
    """Print a table for every problem and budget, then one JSON line."""
    given = parse_arguments()
    catalog = Catalog.of(Settings.from_environment())
    report: dict[str, dict[str, object]] = defaultdict(dict)
    with threadpool_limits(limits=1):
        for name in given.problems:
            spec = CASES[name](catalog)
            model_data = catalog.model_data(spec)
            problem, network = build_problem(spec, model_data), relu_network(model_data.predictor)
            proof = prove_optimum(problem, network, given.proof_seconds)
            searches = {
                (method, budget): [run(problem, method, budget, seed) for seed in range(given.seeds)]
                for method in given.methods
                for budget in given.budgets
            }
            best = min(proof.progress.best, *(found.best for seeds in searches.values() for found in seeds))
            gap = in_percent(problem, max(best - proof.progress.bound, 0.0), best)
            ended = f"{proof.end} after {proof.progress.seconds:.1f} s"
            print(f"\n{name}: optimum {best:.6g}; proof: {ended}, gap {gap:.5f} %")
            report["optimum"][name], report["gap"][name] = best, round(gap, 5)
            for budget in given.budgets:
                judged = {method: figures(problem, searches[method, budget], best) for method in given.methods}
                rows = [(method, *(f"{value:,.5g}" for value in each.values())) for method, each in judged.items()]
                print_table(f"{budget:,} evaluations, {given.seeds} seeds", ("", *next(iter(judged.values()))), rows)
                suffix = "" if budget == BUDGETS[0] else f"_{budget:.0e}".replace("+0", "")
                for key in next(iter(judged.values())):
                    report[key + suffix][name] = {method: each[key] for method, each in judged.items()}
    print(json.dumps({"benchmark": "search", "unit": "percent", "seeds": given.seeds, **report}))


def parse_arguments() -> argparse.Namespace:
    """What part of the benchmark to run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--problems", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=5, help="searches of each, with the seeds 0, 1 ...")
    parser.add_argument("--budgets", nargs="+", type=int, default=list(BUDGETS), help="evaluations of each search")
    parser.add_argument("--proof-seconds", type=float, default=60.0, help="a proof may take, at most")
    return parser.parse_args()


def prove_optimum(problem: Problem, network: ReluNetwork, seconds: float) -> Proof:
    """Proof of the optimum, begun with the best of many random candidates that were polished."""
    rng = np.random.default_rng(START_SEED)
    starts = problem.evaluate(problem.space.sample(N_STARTS, rng))
    known = polish(problem, starts, N_POLISH * len(starts), rng).candidates.by_score().take(np.arange(N_KNOWN))
    limits = ProofLimits(share=PROOF_SHARE, seconds=seconds)
    if problem.objective.goal is Goal.VALUE:
        assert problem.objective.value is not None
        size = abs(problem.objective.value) / problem.objective.scale
        limits = ProofLimits(tolerance=PROOF_SHARE * size, share=0.0, seconds=seconds)
    return prove(problem, network, known=known.X, limits=limits)


def run(problem: Problem, method: str, budget: int, seed: int) -> Found:
    """One search."""
    granted = Budget(min(budget, MOST_EVALUATIONS.get(method, budget)))
    outcome = search(problem, METHODS[method], granted, np.random.default_rng(seed))
    return Found(outcome.found, outcome.n_evaluations, outcome.seconds)


def figures(problem: Problem, seeds: list[Found], best: float) -> dict[str, float]:
    """Worst figures of all seeds, and medians of regret, evaluations and seconds."""
    regrets = [max(in_percent(problem, found.best - best, best), 0.0) for found in seeds]
    distinct = [n_distinct(problem, found.candidates, best) for found in seeds]
    return {
        "regret": round(max(regrets), 6),
        "median_regret": round(statistics.median(regrets), 6),
        **{name: min(each[name] for each in distinct) for name in SHARES},
        "evaluations": statistics.median(found.evaluations for found in seeds),
        "seconds": round(statistics.median(found.seconds for found in seeds), 3),
    }


def in_percent(problem: Problem, scores: float, best: float) -> float:
    """A difference of scores in percent of the optimum's score ``best``, or of the value searched for."""
    objective = problem.objective
    if objective.goal is Goal.VALUE:
        assert objective.value is not None
        return 100 * scores * objective.scale / abs(objective.value)
    return 100 * scores / abs(best)


def n_distinct(problem: Problem, found: Candidates, best: float) -> dict[str, int]:
    """How many results within each share of the best score are distinct, at most 500, picked farthest first.

    Those within a larger share are picked after those within a smaller one, so that they are never fewer.
    """
    found = found.by_score()
    behind = (found.scores - best) / max(abs(best), 1.0)
    scaled = problem.space.scaled(found.X)
    gaps = np.full(len(found), np.inf)  # to the nearest pick
    n_picked, counts = 0, {}
    for name, share in SHARES.items():
        n_within = int((behind <= share).sum())
        while n_picked < MAX_DISTINCT and n_within and gaps[:n_within].max() >= DISTINCT:
            gaps = np.minimum(gaps, distances_to(scaled, int(gaps[:n_within].argmax())))
            n_picked += 1
        counts[name] = n_picked
    return counts


if __name__ == "__main__":
    main()
