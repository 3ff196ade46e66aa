"""Whether a prediction lies outside of what was measured nearby."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.encoding import Encoding
from models.intervals.nearness import MAX_ROWS

N_NEIGHBOURS = 20
_INSIDE = 0.25
"""With so large a share of the nearest outcomes on either side, a prediction lies wholly among them."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The outcomes that were measured around a row.

    Attributes:
        encoding: scales the features; all of them count.
        rows: (r, d) recorded rows.
        outcomes: (r,) what was measured.
    """

    encoding: Encoding
    rows: np.ndarray
    outcomes: np.ndarray

    def outside(self, X: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return (n,) 1 where predictions (n,) of rows (n, d) lie beyond all of the 20 nearest outcomes, 0 among them.

        Between the two it falls with the share of outcomes on the emptier side: 0 from a quarter on.
        """
        inputs = self.encoding.encode(X)
        is_known = np.isfinite(inputs).all(axis=1) & np.isfinite(predicted)
        k = min(N_NEIGHBOURS, len(self._sample))
        _, nearest = self._tree.query(np.where(is_known[:, None], inputs, 0.0), k=list(range(1, k + 1)))
        around = self.outcomes[self._sample][nearest]
        above = (around > predicted[:, None]).mean(axis=1)
        below = (around < predicted[:, None]).mean(axis=1)
        return np.where(is_known, np.clip(1 - np.minimum(above, below) / _INSIDE, 0, 1), np.nan)

    @cached_property
    def _sample(self) -> np.ndarray:
        return np.unique(np.linspace(0, len(self.rows) - 1, MAX_ROWS).astype(int))

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self.encoding.encode(self.rows[self._sample]))
