"""What each lineage did, generation by generation: the stuff of the animation."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from optimizer.candidates import Candidates


class LineageState(IntEnum):
    """What happened to a lineage in a generation."""

    BORN = 0
    IMPROVED = 1
    STALLED = 2
    EXTINCT = 3


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: every lineage that lived in it, with its best candidate so far.

    Attributes:
        number: 0, 1, 2 ...
        evaluations: candidates evaluated up to and including this generation.
        ids: (m,) number of each lineage, in order of birth.
        states: (m,) ``LineageState`` codes.
        bests: the best candidate of each of the m lineages.
        n_nonfinite: predictions of this generation that were not finite.
    """

    number: int
    evaluations: int
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates
    n_nonfinite: int = 0

    @property
    def n_living(self) -> int:
        """How many lineages live on."""
        return int((self.states != LineageState.EXTINCT).sum())


@dataclass(frozen=True, slots=True)
class Events:
    """A trace without what can be inferred: a lineage that stalls stays where it was.

    Attributes:
        generations: (e,) number of the generation of each event.
        ids: (e,) lineage.
        states: (e,) born, improved or extinct.
        bests: the best candidate of the lineage after the event.
    """

    generations: np.ndarray
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, generations: Iterable[Generation], n_features: int) -> "Events":
        """Return the events of these generations, in order."""
        numbers, ids, states, bests = [], [], [], [Candidates.empty(n_features)]
        for generation in generations:
            rows = np.flatnonzero(generation.states != LineageState.STALLED)
            numbers.append(np.full(len(rows), generation.number))
            ids.append(generation.ids[rows])
            states.append(generation.states[rows])
            bests.append(generation.bests.take(rows))
        if not numbers:
            return cls(np.empty(0, int), np.empty(0, int), np.empty(0, int), bests[0])
        return cls(np.concatenate(numbers), np.concatenate(ids), np.concatenate(states), Candidates.concatenate(bests))
