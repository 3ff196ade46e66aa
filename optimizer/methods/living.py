"""The living lineages of a search by plain lineages, as arrays."""

from dataclasses import dataclass

import numpy as np

from optimizer.candidates import Candidates


@dataclass(frozen=True, slots=True)
class Living:
    """The living lineages as arrays, one row each, in order of birth.

    Attributes:
        ids: (m,) number of the lineage.
        bests: its best candidate so far.
        anchors: (m,) score from which improvement is counted.
        stalled: (m,) generations since the last improvement.
    """

    ids: np.ndarray
    bests: Candidates
    anchors: np.ndarray
    stalled: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> "Living":
        """Return the lineages at these rows (indices or a mask)."""
        return Living(self.ids[rows], self.bests.take(rows), self.anchors[rows], self.stalled[rows])

    def joined(self, other: "Living") -> "Living":
        """Return these lineages and the others."""
        return Living(
            np.concatenate([self.ids, other.ids]),
            Candidates.concatenate([self.bests, other.bests]),
            np.concatenate([self.anchors, other.anchors]),
            np.concatenate([self.stalled, other.stalled]),
        )
