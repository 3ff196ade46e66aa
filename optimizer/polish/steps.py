"""The last steps: what has steps or categories is tried a step, a category or two to the side."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import AskTellError, check_lengths
from optimizer.features.features import Categorical, Numeric
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace

N_TRIALS = 16  # neighbours of a candidate in a round
N_MISSES = 3  # rounds without a better neighbour after which a candidate is settled


@dataclass(frozen=True, slots=True)
class _Switches:
    """The s features that go by steps or categories.

    Attributes:
        columns: (s,) of the candidates.
        step: (s,) of each, 0 for a category.
        codes: allowed codes of each, empty for numbers.
    """

    columns: np.ndarray
    step: np.ndarray
    codes: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, space: SearchSpace) -> "_Switches":
        """Return the switches of a space: free, with a weight, and with somewhere to go."""
        free = [(j, f) for j, f in enumerate(space.features) if f.is_free and f.weight > 0]
        chosen = [
            (j, f)
            for j, f in free
            if (len(f.codes) > 1 if isinstance(f, Categorical) else f.step is not None and f.last_step > f.first_step)
        ]
        return cls(
            np.array([j for j, _ in chosen], dtype=int),
            np.array([(f.step or 0.0) if isinstance(f, Numeric) else 0.0 for _, f in chosen]),
            tuple(np.array(f.codes if isinstance(f, Categorical) else (), dtype=float) for _, f in chosen),
        )

    def tried(self, X: np.ndarray, n_switched: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) each candidate with some of its features, ``n_switched`` (n,), gone a step or to a category."""
        s = len(self.columns)
        rank = rng.random((len(X), s)).argsort(axis=1).argsort(axis=1)
        signs = np.where(rng.random((len(X), s)) < 0.5, -1.0, 1.0)
        is_switched = rank < n_switched[:, None]
        Y = X.copy()
        Y[:, self.columns] += np.where(is_switched, signs * self.step, 0.0)
        for i, codes in enumerate(self.codes):
            if len(codes):
                drawn = rng.choice(codes, size=len(X))
                Y[:, self.columns[i]] = np.where(is_switched[:, i], drawn, X[:, self.columns[i]])
        return Y


class StepSearch:
    """Candidates that try neighbours on their steps and categories, asked and told together; none ever gets worse.

    Half of the neighbours differ in one feature, half in two: where a sum counts, one goes up as another goes down.

    Attributes:
        best: the m candidates as they are now, in the order in which they came.
        is_settled: (m,) whether the last rounds found nothing better.
    """

    def __init__(self, space: SearchSpace, candidates: Candidates, rng: np.random.Generator) -> None:
        self.best = candidates
        self._space, self._rng = space, rng
        self._switches = _Switches.of(space)
        self._misses = np.zeros(len(candidates), dtype=int)
        self._asked: np.ndarray | None = None
        self.is_settled = ~np.isfinite(candidates.scores) | (len(self._switches.columns) == 0)

    @property
    def is_done(self) -> bool:
        """Whether every candidate is settled."""
        return bool(self.is_settled.all())

    def ask(self, at_most: int | None = None) -> np.ndarray:
        """Return (n, d) ``N_TRIALS`` neighbours of each candidate that is not settled, ``at_most`` in all.

        Raises:
            AskTellError: the last neighbours have not been told.
        """
        if self._asked is not None:
            raise AskTellError("ask() was called twice: tell() the results of the first first.")
        rows = np.flatnonzero(~self.is_settled)
        if at_most is not None:
            rows = rows[np.argsort(self.best.scores[rows], kind="stable")[: at_most // N_TRIALS]]
        self._asked = np.repeat(rows, N_TRIALS)
        n_switched = np.where(np.arange(len(self._asked)) % 2, 2, 1)
        return self._space.repair(self._switches.tried(self.best.X[self._asked], n_switched, self._rng))

    def tell(self, results: Candidates) -> None:
        """Take in what the neighbours of the last `ask` are worth.

        Raises:
            AskTellError: nothing was asked, or the number of results differs.
        """
        if self._asked is None:
            raise AskTellError("tell() needs the results of an ask(): call ask() first.")
        check_lengths(len(self._asked), len(results))
        rows, self._asked = self._asked[::N_TRIALS], None
        first = results.scores.reshape(len(rows), N_TRIALS).argmin(axis=1) + np.arange(len(rows)) * N_TRIALS
        is_better = results.scores[first] < self.best.scores[rows]
        self._misses[rows] = np.where(is_better, 0, self._misses[rows] + 1)
        self.best = self.best.with_rows(rows[is_better], results.take(first[is_better]))
        self.is_settled[rows] = self._misses[rows] >= N_MISSES
