"""How good a set of points is: hypervolume against a reference front, and how well it covers equivalent settings."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.pareto.functions import FrontFunction

MARGIN = 1.1
"""The reference point of hypervolumes, in widths of the reference front from its best values."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A front against which others are measured.

    Attributes:
        best: (m,) its smallest goals.
        width: (m,) its largest less these.
        volume: its hypervolume, in these widths.
    """

    best: np.ndarray
    width: np.ndarray
    volume: float

    @classmethod
    def of(cls, front: np.ndarray) -> "Reference":
        """That of a front (f, m)."""
        best = front.min(axis=0)
        width = front.max(axis=0) - best
        return cls(best, width, _hypervolume((front - best) / width))

    def ratio(self, goals: np.ndarray) -> float:
        """The hypervolume of goals (n, m) over that of the reference front."""
        return _hypervolume((goals - self.best) / self.width) / self.volume

    def greedy_ratio(self, goals: np.ndarray, n: int) -> float:
        """The ratio of those ``n`` of the goals (k, m) that are chosen greedily, each for what it adds."""
        scaled = (goals - self.best) / self.width
        chosen: list[int] = []
        for _ in range(min(n, len(scaled))):
            volumes = [_hypervolume(scaled[[*chosen, row]]) for row in range(len(scaled))]
            chosen.append(int(np.argmax(volumes)))
        return _hypervolume(scaled[chosen]) / self.volume


def nondominated(goals: np.ndarray) -> np.ndarray:
    """Those of the goals (n, m) that none dominates."""
    from moocore import is_nondominated

    return goals[is_nondominated(goals)]


def _hypervolume(scaled: np.ndarray) -> float:
    from moocore import hypervolume

    inside = scaled[(scaled < MARGIN).all(axis=1)]
    return float(hypervolume(inside, ref=np.full(scaled.shape[1], MARGIN))) if len(inside) else 0.0


def igdx(function: FrontFunction, X: np.ndarray, n: int = 500) -> float:
    """The mean distance of points of the Pareto set to the nearest of ``X`` (k, d): smaller is better."""
    assert function.pareto_set is not None
    return float(cKDTree(X).query(function.pareto_set(n))[0].mean())


def inverse_proximity(function: FrontFunction, X: np.ndarray, n: int = 500) -> float:
    """1/PSP: `igdx` over the share of the Pareto set's box that ``X`` (k, d) covers; smaller is better.

    C. Yue, B. Qu, J. Liang, "A multiobjective particle swarm optimizer using ring topology for solving multimodal
    multiobjective problems", IEEE Transactions on Evolutionary Computation 22, 2018.
    """
    assert function.pareto_set is not None
    known = function.pareto_set(n)
    low, high = known.min(axis=0), known.max(axis=0)
    common = np.minimum(X.max(axis=0), high) - np.maximum(X.min(axis=0), low)
    cover = float(np.prod((np.maximum(common, 0.0) / (high - low)) ** 2) ** (1 / (2 * X.shape[1])))
    return igdx(function, X, n) / cover if cover > 0 else float("inf")
