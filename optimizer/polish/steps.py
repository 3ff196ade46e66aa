"""The last steps: what has steps or categories is tried a step, a category or two to the side."""

import numpy as np

from optimizer.features.features import Categorical, Feature
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace

N_TRIALS = 16  # neighbours of a candidate in a round
N_MISSES = 3  # rounds without a better neighbour after which a candidate is settled


class StepSearch:
    """Candidates that try neighbours on their steps and categories, all together; none ever gets worse.

    Half of the neighbours differ in one feature, half in two: where a sum counts, one goes up as another goes down.

    Attributes:
        best: the m candidates as they are now, in the order in which they came.
        is_settled: (m,) whether the last rounds found nothing better.
    """

    def __init__(self, space: SearchSpace, candidates: Candidates, rng: np.random.Generator) -> None:
        self.best = candidates
        self._space, self._rng = space, rng
        self._discrete = {j: feature for j, feature in enumerate(space.features) if _may_switch(feature)}
        self._misses = np.zeros(len(candidates), dtype=int)
        self.is_settled = ~np.isfinite(candidates.scores) | (len(self._discrete) == 0)

    @property
    def is_done(self) -> bool:
        """Whether every candidate is settled."""
        return bool(self.is_settled.all())

    def next_neighbours(self, at_most: int) -> tuple[np.ndarray, np.ndarray]:
        """Candidates that are not settled, (k,), and ``N_TRIALS`` neighbours of each, (k * N_TRIALS, d), best first."""
        rows = np.flatnonzero(~self.is_settled)
        rows = rows[np.argsort(self.best.scores[rows], kind="stable")[: at_most // N_TRIALS]]
        return rows, self._space.repair(self._neighbours(self.best.X[np.repeat(rows, N_TRIALS)]))

    def update(self, rows: np.ndarray, results: Candidates) -> None:
        """Take in the evaluated neighbours of `next_neighbours`."""
        first = results.scores.reshape(len(rows), N_TRIALS).argmin(axis=1) + np.arange(len(rows)) * N_TRIALS
        is_better = results.scores[first] < self.best.scores[rows]
        self._misses[rows] = np.where(is_better, 0, self._misses[rows] + 1)
        self.best = self.best.with_rows(rows[is_better], results.take(first[is_better]))
        self.is_settled[rows] = self._misses[rows] >= N_MISSES

    def _neighbours(self, X: np.ndarray) -> np.ndarray:
        """Candidates (n, d) with one or two of their features gone a step or to a category, by turns."""
        rng, shape = self._rng, (len(X), len(self._discrete))
        rank = rng.random(shape).argsort(axis=1).argsort(axis=1)
        signs = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
        is_switched = rank < np.where(np.arange(len(X)) % 2, 2, 1)[:, None]
        Y = X.copy()
        for i, (j, feature) in enumerate(self._discrete.items()):
            if isinstance(feature, Categorical):
                drawn = rng.choice(np.array(feature.codes, dtype=float), size=len(X))
                Y[:, j] = np.where(is_switched[:, i], drawn, X[:, j])
            else:
                Y[:, j] += np.where(is_switched[:, i], signs[:, i] * (feature.step or 0.0), 0.0)
        return Y


def _may_switch(feature: Feature) -> bool:
    """Whether a feature goes by steps or categories and has somewhere to go."""
    if not feature.is_free or not feature.weight > 0:
        return False
    if isinstance(feature, Categorical):
        return len(feature.codes) > 1
    return feature.step is not None and feature.last_step > feature.first_step
