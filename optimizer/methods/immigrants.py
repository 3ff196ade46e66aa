"""Where lineages begin: at random candidates, at recorded rows, or at both."""

from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError
from optimizer.problem.space import SearchSpace


class ImmigrantSource(StrEnum):
    """Where newcomers are drawn from."""

    RANDOM = "random"
    RECORDED = "recorded"
    BOTH = "both"


def usual_source(starts: np.ndarray | None) -> ImmigrantSource:
    """Return where newcomers come from unless somebody chose: from both where there are recorded rows (r, d)."""
    return ImmigrantSource.RANDOM if starts is None or not len(starts) else ImmigrantSource.BOTH


class ImmigrantSampler:
    """Draws newcomers: random candidates, recorded rows moved inside the space, or every other one of each.

    Recorded rows come in a random order, each once before any comes again.

    Args:
        space: where candidates live.
        source: where they are drawn from.
        starts: (r, d) recorded rows, or None where there are none.
        rng: the only source of randomness.

    Raises:
        SpaceError: recorded rows are asked for and there are none.
    """

    def __init__(
        self, space: SearchSpace, source: ImmigrantSource, starts: np.ndarray | None, rng: np.random.Generator
    ) -> None:
        if source is not ImmigrantSource.RANDOM and (starts is None or not len(starts)):
            raise SpaceError(
                f"Newcomers from '{source}' need recorded rows to start from, got none: "
                "give them to the problem as `starts`, or draw newcomers from 'random'."
            )
        self._space = space
        self._source = source
        self._starts = starts
        self._rng = rng
        self._order = np.empty(0, dtype=int)

    def first(self, n: int, begin_at: np.ndarray | None) -> np.ndarray:
        """Return (n, d) newcomers of the first generation, (g, d) given ones before the others; all g where g > n."""
        if begin_at is None or not len(begin_at):
            return self.draw(n)
        return np.vstack([begin_at, self.draw(max(0, n - len(begin_at)))])

    def draw(self, n: int) -> np.ndarray:
        """Return (n, d) newcomers within the space."""
        if self._source is ImmigrantSource.RANDOM:
            return self._space.sample(n, self._rng)
        n_recorded = n if self._source is ImmigrantSource.RECORDED else (n + 1) // 2
        recorded = self._recorded(n_recorded)
        return np.vstack([recorded, self._space.sample(n - n_recorded, self._rng)])

    def _recorded(self, n: int) -> np.ndarray:
        assert self._starts is not None
        while len(self._order) < n:
            self._order = np.concatenate([self._order, self._rng.permutation(len(self._starts))])
        rows, self._order = self._order[:n], self._order[n:]
        return self._space.repair(self._starts[rows])
