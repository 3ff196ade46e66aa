"""How lineages end: on a hill of their own, which gives the archive an optimum, or merged into one that is known."""

import numpy as np

from optimizer.niches.convergence import duplicates
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.hills import OPTIMA_SETTLED
from optimizer.niches.hopping import BasinHopping
from optimizer.niches.initialisation import Initialiser
from optimizer.niches.optima import Optima
from optimizer.niches.population import Population

_GAIN_OF_A_MOVE = 0.2  # of a chain to a better optimum, against 1 for one as good as the best
_SAME = 1e-6  # distance, in widths of the bounds, within which two optima are one without a test


class Termination:
    """Ends lineages, and lets archive, chains and births know.

    Args:
        coordinates: the coordinates.
        optima: the archive.
        hopping: of hops.
        initialisation: which learn what pays.
        n_children: of a lineage per generation.
    """

    def __init__(
        self,
        coordinates: Coordinates,
        optima: Optima,
        hopping: BasinHopping,
        initialisation: Initialiser,
        n_children: int,
    ) -> None:
        self._coordinates = coordinates
        self._optima = optima
        self._hopping = hopping
        self._initialiser = initialisation
        self._n_children = n_children

    def end(
        self, climbing: Population, waiting: Population, known: dict[int, int], judged: frozenset[int]
    ) -> tuple[Population, Population, Population, dict[int, int]]:
        """Return the lineages that climb on, that wait, and that ended, and by merged lineage what it merged into.

        A settled lineage waits for one more test where an optimum that it was not told apart from came to lie near it.

        Args:
            climbing: lineages that may have climbed a known hill or settled.
            waiting: lineages that settled before.
            known: rows of the optima on whose hills lineages stand, by their numbers.
            judged: the waiting lineages that were told apart from the optima near them.
        """
        merged_into = dict.fromkeys(known, -1)
        for lineages in (climbing, waiting):
            for k, lineage in enumerate(lineages.ids.tolist()):
                if lineage in known:
                    self._merge(lineages, k, known[lineage])
                    merged_into[lineage] = int(self._optima.ids[known[lineage]])
        n_known = len(self._optima)
        must_wait = np.zeros(len(waiting), dtype=bool)
        for k in np.argsort(waiting.bests.scores, kind="stable").tolist():
            lineage = int(waiting.ids[k])
            if lineage in known:
                continue
            if lineage not in judged or self._has_new_neighbour(waiting, k, n_known):
                must_wait[k] = True
                continue
            into = self._finish(waiting, k)
            if into is not None:
                merged_into[lineage] = into
        for lineage, into in duplicates(climbing, self._coordinates):
            if lineage not in merged_into:
                merged_into[lineage] = into
        is_merged = np.isin(climbing.ids, list(merged_into))
        ended = waiting.take(~must_wait).joined(climbing.take(is_merged))
        going = climbing.take(~is_merged)
        still = waiting.take(must_wait).joined(going.take(going.is_settled))
        return going.take(~going.is_settled), still, ended, merged_into

    def _has_new_neighbour(self, lineages: Population, k: int, n_known: int) -> bool:
        """Return whether an optimum that was not among the first ``n_known`` has to be told apart from a lineage."""
        if len(self._optima) == n_known:
            return False
        X = lineages.bests.X[[k]]
        rows, distances = self._optima.nearest(self._coordinates.places(X), OPTIMA_SETTLED)
        is_new = (rows[0] >= n_known) & (distances[0] >= _SAME)
        return bool((is_new & self._coordinates.is_alike(self._optima.candidates.X[rows[0]], X)).any())

    def _merge(self, lineages: Population, k: int, optimum: int) -> None:
        """Let a lineage end on a hill that is known."""
        best = lineages.bests.take(np.array([k]))
        self._optima.improve(optimum, best)
        self._initialiser.credit(int(lineages.origins[k]), self._spent(lineages, k), 0.0)
        if lineages.hopping[k] >= 0:
            self._hopping.note(int(lineages.hopping[k]), optimum, False)

    def _finish(self, lineages: Population, k: int) -> int | None:
        """Let a lineage end on its own hill; return the lineage that was there before, if there was one."""
        best = lineages.bests.take(np.array([k]))
        rows, distances = self._optima.nearest(self._coordinates.places(best.X), 1)
        is_same = distances.size and distances[0, 0] < _SAME
        if is_same and self._coordinates.is_alike(self._optima.candidates.X[rows[0]], best.X)[0]:
            self._merge(lineages, k, int(rows[0, 0]))
            return int(self._optima.ids[rows[0, 0]])
        row = self._optima.add(int(lineages.ids[k]), best)
        chain = int(lineages.hopping[k])
        has_moved = chain >= 0 and self._hopping.note(chain, row, True)
        gain = 1.0 if self._optima.is_elite[row] else _GAIN_OF_A_MOVE * has_moved
        self._initialiser.credit(int(lineages.origins[k]), self._spent(lineages, k), gain)
        return None

    def _spent(self, lineages: Population, k: int) -> int:
        return int(lineages.ages[k]) * self._n_children
