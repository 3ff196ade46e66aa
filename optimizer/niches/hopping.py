"""Chains of hops: from local optimum to better local optimum, where hills stand on a larger hill.

A hop is a mutation of an optimum followed by a climb; its length is adapted by success, as the step of a plain lineage
would be. Half of the hops add the difference of two optima near the head: on regular ranges of hills it leads from top
to top (the mutation of R. Storn, K. Price, "Differential Evolution", J. Global Optim. 11, 1997, on optima).
"""

from dataclasses import dataclass

import numpy as np

from optimizer.niches.optima import Optima

N_CHAINS = 10
_GROWTH = 1.6
_SHORTEST, _FIRST, _LONGEST = 1e-3, 0.05, 0.3  # hops, as shares of the bounds' width
_N_NEAR = 20
_MAX_ABSORBED = 4
_SHARE_OF_DIFFERENCES = 0.5


@dataclass(slots=True)
class HoppingChain:
    """One chain.

    Attributes:
        head: row of the optimum that it hops from, -1 where it is forgotten.
        length: of its hops per coordinate, a share of the bounds' width.
        n_failed: hops since the last better optimum.
        n_absorbed: hops that climbed a better hill which was known.
        is_alive: whether it goes on.
    """

    head: int
    length: float = _FIRST
    n_failed: int = 0
    n_absorbed: int = 0
    is_alive: bool = True


class BasinHopping:
    """The chains of a search.

    Args:
        optima: the archive they move in.
        rng: the only source of randomness.
    """

    def __init__(self, optima: Optima, rng: np.random.Generator) -> None:
        self._optima = optima
        self._rng = rng
        self._all: list[HoppingChain] = []
        self._living: list[int] = []
        self._used: set[int] = set()

    def head(self, chain: int) -> int:
        """Return the row of the optimum that a chain hops from."""
        return self._all[chain].head

    def head_score(self, chain: int) -> float:
        """Return the score of the optimum that a chain hops from, minus infinity where it is forgotten."""
        head = self._all[chain].head
        return float(self._optima.scores[head]) if head >= 0 else -np.inf

    def hop(self, n: int) -> tuple[int, np.ndarray, float] | None:
        """Return a chain, (n, m) coordinates that it may hop to, and a step size to climb with; None without chains."""
        self._begin()
        if not self._living:
            return None
        number = int(self._rng.choice(self._living))
        chain, m = self._all[number], self._optima.U.shape[1]
        head = self._optima.U[chain.head]
        length = float(np.clip(chain.length * np.exp(0.8 * self._rng.standard_normal()), _SHORTEST, _LONGEST))
        if len(self._optima) > 4 and self._rng.random() < _SHARE_OF_DIFFERENCES:
            near, _ = self._optima.nearest(self._optima.places[[chain.head]], _N_NEAR)
            pairs = np.array([self._rng.choice(near[0], 2, replace=False) for _ in range(n)])
            moves = self._optima.U[pairs[:, 0]] - self._optima.U[pairs[:, 1]]
            sigma = max(0.03 * float(np.median(np.linalg.norm(moves, axis=1))) / np.sqrt(m), 1e-4)
        else:
            moves = length * self._rng.standard_normal((n, m))
            sigma = 0.1 * length
        return number, head + moves, sigma

    def note(self, chain: int, optimum: int, is_new: bool) -> bool:
        """Take in that a climb after a hop of ``chain`` ended on an optimum; return whether the chain moves on."""
        this, optima = self._all[chain], self._optima
        if not this.is_alive:
            return False
        is_better = optima.scores[optimum] < optima.scores[this.head] - 1e-9
        if is_new and is_better:
            gone = float(np.linalg.norm(optima.U[optimum] - optima.U[this.head])) / np.sqrt(optima.U.shape[1])
            this.head, this.n_failed = optimum, 0
            this.length = float(np.clip(gone, _SHORTEST, _LONGEST))
            self._used.add(optimum)
            if optima.is_elite[optimum]:
                self._end(chain)
            return True
        this.n_failed += 1
        this.length = max(this.length * _GROWTH**-0.25, _SHORTEST)
        this.n_absorbed += is_better and optimum != this.head
        if this.n_absorbed >= _MAX_ABSORBED or this.n_failed > 10 + 5 * optima.U.shape[1]:
            self._end(chain)
        return False

    def keep(self, is_kept: np.ndarray) -> None:
        """End the chains whose optimum is forgotten, and follow the others to their new rows; a mask (a,) of optima."""
        rows = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
        for number, chain in enumerate(self._all):
            chain.head = int(rows[chain.head])
            if chain.head < 0 and chain.is_alive:
                self._end(number)
        self._used = {int(rows[row]) for row in self._used if is_kept[row]}

    def _begin(self) -> None:
        """Begin one more chain, where there are few, at the best of three optima that none has begun at."""
        if len(self._living) >= N_CHAINS:
            return
        is_open = ~self._optima.is_elite
        is_open[list(self._used)] = False
        rows = np.flatnonzero(is_open)
        if not len(rows):
            return
        drawn = self._rng.choice(rows, size=min(len(rows), 3), replace=False)
        head = int(drawn[self._optima.scores[drawn].argmin()])
        self._used.add(head)
        self._living.append(len(self._all))
        self._all.append(HoppingChain(head))

    def _end(self, chain: int) -> None:
        self._all[chain].is_alive = False
        self._living.remove(chain)
