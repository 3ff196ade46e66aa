"""What there is to find: the proven optimum of a problem, and its proven local optima near to that."""

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.search.cases import Case
from optimizer import Candidates, Feature, Goal, Numeric, Problem, SearchSpace, polish
from optimizer.proof import Proof, ProofEnd, ProofLimits, prove
from optimizer.results.spread import spread

N_STARTS = 1_000
N_POLISH = 200  # evaluations that each start is polished for
N_RESULTS = 20  # of all methods together that are looked at for further local optima
SEED = 20_000  # of the starts: none of the methods' own
SHARE = 1e-5  # of the optimum: the gap at which its proof ends
IS_BEST_PERCENT = 0.005  # of the optimum: nothing around a local optimum is better by more
REACH = 0.1  # recorded standard deviations around a local optimum, or a step where that is more, that are searched
SAME = 0.1  # recorded standard deviations: what lies nearer together is one optimum
WITHIN = 0.1  # of the best: local optima farther behind do not count
MAX_MOVES = 12
LOCAL_SHARE = 4e-5  # the same of a local one: rounding leaves room up to the limit above
LOCAL_BOXES = 400_000  # of a local one, half a minute at worst; by boxes, so that the list is repeatable


@dataclass(frozen=True, slots=True)
class Reference:
    """What the methods are measured against.

    Attributes:
        best: the best known score.
        gap: percent of the optimum by which something better could exist yet.
        end: why the proof of that ended.
        seconds: that it took.
        optima: (m) proven local optima within 10 % of the best, best first.
        n_unproven: candidates for more, whose proof took too many boxes.
    """

    best: float
    gap: float
    end: ProofEnd
    seconds: float
    optima: Candidates
    n_unproven: int


@dataclass(slots=True)
class WhatIfModel:
    """Collects the local optima of a problem and proves them.

    Attributes:
        case: the problem.
        seconds: at most, for the proof of the optimum.
        best: the best known score.
        optima: proven local optima.
        unproven: candidates whose surroundings took too many boxes to prove.
    """

    case: Case
    seconds: float
    best: float = np.inf
    optima: Candidates = field(init=False)
    unproven: Candidates = field(init=False)

    def __post_init__(self) -> None:
        self.optima = self.unproven = Candidates.empty(self.case.problem.space.n_features)

    def polished_starts(self) -> Candidates:
        """Return random candidates, polished, best first."""
        rng = np.random.default_rng(SEED)
        starts = self.case.problem.evaluate(self.case.problem.space.sample(N_STARTS, rng))
        return polish(self.case.problem, starts, N_POLISH * len(starts), rng).candidates.by_score()

    def prove(self, known: Candidates) -> Proof:
        """Return the proof of the optimum, which starts from known candidates and may come upon a better one."""
        proof = self._prove(self.case.problem, known, SHARE, seconds=self.seconds)
        self.best = min(self.best, proof.progress.best)
        return proof

    def take_in(self, candidates: Candidates) -> None:
        """Climb from every candidate that is good enough to the local optimum around, and keep what is new."""
        self.best = min(self.best, float(candidates.scores.min(initial=np.inf)))
        for i in range(len(candidates)):
            candidate = candidates.take(np.array([i]))
            if is_within(candidate, self.best, WITHIN).all() and not self._knows(candidate):
                self._settle(candidate)

    def take_in_results(self, found: Candidates) -> None:
        """Polish the best results of searches that are unlike each other and what is known, and take them in."""
        self.best = min(self.best, float(found.scores.min(initial=np.inf)))
        problem = self.case.problem
        known = Candidates.concatenate([self.optima, self.unproven])
        is_new = ~(distances(problem, known, found) <= SAME).any(axis=0)
        good = found.take(is_new & is_within(found, self.best, WITHIN)).by_score()
        picked = good.take(np.sort(spread(problem.space.scaled(good.X), good.scores, N_RESULTS, SAME)))
        rng = np.random.default_rng(SEED)
        self.take_in(polish(problem, picked, N_POLISH * len(picked), rng).candidates.by_score())

    def reference(self, proof: Proof) -> Reference:
        """Return what is known by now, with the proof of the optimum."""
        return Reference(
            best=self.best,
            gap=self.case.in_percent(max(self.best - proof.progress.bound, 0.0), self.best),
            end=proof.end,
            seconds=proof.progress.seconds,
            optima=self.optima.take(is_within(self.optima, self.best, WITHIN)).by_score(),
            n_unproven=int(is_within(self.unproven, self.best, WITHIN).sum()),
        )

    def _settle(self, candidate: Candidates) -> None:
        """Move to the best candidate around as long as that is better, and keep where nothing is."""
        for _ in range(MAX_MOVES):
            proof = self._prove(around(self.case.problem, candidate.X[0]), candidate, LOCAL_SHARE, boxes=LOCAL_BOXES)
            if self.case.in_percent(float(candidate.scores[0]) - proof.progress.best, self.best) > IS_BEST_PERCENT:
                candidate = proof.best
                self.best = min(self.best, float(candidate.scores[0]))
                if self._knows(candidate):
                    return
            elif self.case.in_percent(proof.progress.gap, self.best) <= IS_BEST_PERCENT:
                self.optima = Candidates.concatenate([self.optima, candidate])
                return
            else:
                break
        self.unproven = Candidates.concatenate([self.unproven, candidate])

    def _knows(self, candidate: Candidates) -> bool:
        known = Candidates.concatenate([self.optima, self.unproven])
        return bool((distances(self.case.problem, known, candidate) <= SAME).any())

    def _prove(
        self,
        problem: Problem,
        known: Candidates,
        share: float,
        *,
        seconds: float | None = None,
        boxes: int | None = None,
    ) -> Proof:
        """Return a proof that ends at a gap of a share of the optimum, or of the value searched for."""
        limits = ProofLimits(share=share, seconds=seconds, boxes=boxes)
        if problem.objective.goal is Goal.VALUE:
            assert problem.objective.value is not None
            size = abs(problem.objective.value) / problem.objective.scale
            limits = ProofLimits(tolerance=share * size, share=0.0, seconds=seconds, boxes=boxes)
        return prove(problem, self.case.network, known=known.X, limits=limits)


def is_within(candidates: Candidates, best: float, share: float) -> np.ndarray:
    """Return (n,) whether candidates are within a share of the best score, counted as a quality floor counts it."""
    return candidates.scores - best <= share * max(abs(best), 1.0)


def distances(problem: Problem, known: Candidates, candidates: Candidates) -> np.ndarray:
    """Return (k, n) distances between known candidates and others, in recorded standard deviations."""
    from scipy.spatial.distance import cdist

    return cdist(problem.space.scaled(known.X), problem.space.scaled(candidates.X))


def around(problem: Problem, x: np.ndarray) -> Problem:
    """Return the problem in the surroundings of a candidate (d,)."""
    features: list[Feature] = []
    for feature, value in zip(problem.space.features, x.tolist(), strict=True):
        if isinstance(feature, Numeric) and feature.is_free:
            reach = max(REACH * feature.std, feature.step or 0.0)
            low, high = max(feature.low, value - reach), min(feature.high, value + reach)
            feature = replace(feature, low=low, high=high)
        features.append(feature)
    return replace(problem, space=SearchSpace(tuple(features), problem.space.constraints))
