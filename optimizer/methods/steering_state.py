"""What a search heeds of the user's decisions: where no lineage may be any more, and where new ones shall begin."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from optimizer.features.features import Numeric
from optimizer.features.scaling import least_distance
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.trace.trace import Decision, DecisionKind, Generation, LineageState

MORE_SHARE = 0.5  # of the newcomers, once the user wants more of some lineages
MORE_PATIENCE = 3  # times the usual patience that such a lineage is given
LEAST_RADIUS = (
    0.2  # recorded standard deviations: what is nearer is like a dropped lineage however little results differ
)


class SteeringState:
    """The decisions that a search goes by.

    The region of a dropped lineage is all that is nearer to its best than two results are to each other, and there
    nothing counts any more: no newcomer survives, no mutant is an improvement, no result is picked. A measure of
    distance and no test for a common hill, because models with a single hill are usual: their results differ by where
    on it they are, and to drop one of them must leave the others.

    Args:
        space: for scaled distances, and for candidates around a best.
        distinct: least distance between two results, in recorded standard deviations.
    """

    def __init__(self, space: SearchSpace, distinct: float) -> None:
        self._space = space
        self._radius = least_distance(max(distinct, LEAST_RADIUS))
        self._centres: list[np.ndarray] = []
        self._heirs: dict[int, int] = {}
        self._favoured: dict[int, np.ndarray] = {}

    @property
    def has_dropped(self) -> bool:
        """Whether any lineage was dropped."""
        return bool(self._centres)

    @property
    def favoured(self) -> tuple[int, ...]:
        """The lineages that the user wants more of."""
        return tuple(self._favoured)

    def is_dropped(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row of ``X`` (n, d) is like a lineage that was dropped."""
        scaled = self._space.scaled(X)
        is_inside = np.zeros(len(X), dtype=bool)
        for centre in self._centres:
            is_inside |= np.linalg.norm(scaled - centre, axis=1) < self._radius
        return is_inside

    def applied(self, results: Candidates) -> Candidates:
        """Return evaluated candidates, those like a dropped lineage with the score infinity."""
        if not self._centres:
            return results
        return replace(results, scores=np.where(self.is_dropped(results.X), np.inf, results.scores))

    def heed(self, decisions: Iterable[Decision], ids: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Take in decisions, and return (k,) which lineages are dropped by them: the named ones, and all like them.

        Args:
            decisions: in order.
            ids: (k,) lineages that live or left something.
            X: (k, d) their bests.
        """
        for decision in decisions:
            row = np.flatnonzero(ids == self._heir(decision.lineage))[:1]
            if not len(row) or self.is_dropped(X[row])[0]:
                continue
            if decision.kind is DecisionKind.DROP:
                self._centres.append(self._space.scaled(X[row])[0])
            else:
                self._favoured[int(ids[row[0]])] = X[row[0]]
        is_dropped = self.is_dropped(X)
        for lineage in np.intersect1d(ids[is_dropped], list(self._favoured)).tolist():
            del self._favoured[lineage]
        return is_dropped

    def note_merged(self, merged_into: Mapping[int, int]) -> None:
        """Remember which lineages merged, and into which."""
        self._heirs.update({lineage: into for lineage, into in merged_into.items() if into >= 0})

    def note_moves(self, ids: np.ndarray, X: np.ndarray) -> None:
        """Take in where living lineages (k,) are now, at ``X`` (k, d)."""
        for row in np.flatnonzero(np.isin(ids, self.favoured)).tolist() if self._favoured else ():
            self._favoured[int(ids[row])] = X[row]

    def is_favoured(self, ids: np.ndarray) -> np.ndarray:
        """Return (k,) whether the user wants more of each lineage."""
        return np.isin(ids, self.favoured) if self._favoured else np.zeros(len(ids), dtype=bool)

    def around(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) candidates around the bests of favoured lineages, about as far off as results differ."""
        bests = np.array(list(self._favoured.values()))
        return self._wide.mutate(bests[rng.integers(len(bests), size=n)], rng)

    @cached_property
    def _wide(self) -> SearchSpace:
        """The space, with weights of mutation by which a mutant is about a radius away."""
        weights = [f.weight for f in self._space.features if isinstance(f, Numeric) and f.is_free]
        factor = self._radius / (float(np.linalg.norm(weights)) or 1.0)
        features = tuple(
            replace(f, weight=f.weight * factor) if isinstance(f, Numeric) else f for f in self._space.features
        )
        return replace(self._space, features=features)

    def _heir(self, lineage: int) -> int:
        """Return the lineage that holds the hill of one that merged, or the lineage itself."""
        while lineage in self._heirs:
            lineage = self._heirs[lineage]
        return lineage


def decided(
    counts: tuple[int, int],
    living: tuple[np.ndarray, Candidates],
    dropped: tuple[np.ndarray, Candidates],
    decisions: Iterable[Decision],
) -> Generation:
    """Return the generation that tells of decisions: nothing is evaluated in it, the living stay as they are.

    Args:
        counts: number of the generation, and evaluations so far.
        living: lineages that live on, with their bests.
        dropped: lineages that ended by the decisions, or were in the archive until now, with their bests.
        decisions: that were taken.
    """
    ids = np.concatenate([living[0], dropped[0]])
    order = np.argsort(ids)
    states = np.repeat([LineageState.STALLED, LineageState.DROPPED], [len(living[0]), len(dropped[0])])
    return Generation(
        number=counts[0],
        evaluations=counts[1],
        ids=ids[order],
        states=states[order].astype(int),
        bests=Candidates.concatenate([living[1], dropped[1]]).take(order),
        decisions=tuple(decisions),
    )
