"""Many points at once: recorded rows, and the best candidate of every lineage, thinned to what can be seen and sent."""

from dataclasses import dataclass

import numpy as np

from ui.web.live_view.row_block import DENSITY, LINEAGE, OUTCOME, SCORE, SHAPE_WIDTH, RowBlock
from ui.web.result_view.axes import Axis

MAX_POINTS = 400  # of recorded rows, and of the archive
MAX_NUMBERS = 8_000  # likewise: some 40 kB


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Points of one kind.

    Attributes:
        values: (n, d + 1) objective, then the features; categories as codes.
        places: (n, 2) on the map.
    """

    values: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def of(cls, rows: np.ndarray) -> "Cloud":
        """The points of (n, d + 3) rows: objective, features, two principal components."""
        return cls(rows[:, :-2].astype(float), rows[:, -2:].astype(float))

    def take(self, rows: np.ndarray) -> "Cloud":
        """These points."""
        return Cloud(self.values[rows], self.places[rows])

    def thinned(self) -> "Cloud":
        """So few that they can be sent, evenly spaced in their order, with the first and the last."""
        n, width = self.values.shape
        most = max(2, min(MAX_POINTS, MAX_NUMBERS // (width + 2)))
        return self if n <= most else self.take(np.unique(np.linspace(0, n - 1, most).round().astype(int)))

    def levels(self, axes: tuple[Axis, ...]) -> list[list[int | None]]:
        """Per axis where each point lies, in thousandths of the axis; None for what is not known."""
        return [_thousandths(axis.places(self.values[:, axis.column])) for axis in axes]


def archive_of(block: RowBlock) -> Cloud:
    """The best candidate of every lineage of a run, best first; those without a finite score are left out."""
    rows = block.rows
    last = len(rows) - 1 - np.unique(rows[::-1, LINEAGE], return_index=True)[1]
    bests = rows[last]
    bests = bests[np.isfinite(bests[:, SCORE])]
    bests = bests[np.argsort(bests[:, SCORE], kind="stable")]
    return Cloud.of(np.delete(bests[:, OUTCOME:-SHAPE_WIDTH], DENSITY - OUTCOME, axis=1))


def _thousandths(places: np.ndarray) -> list[int | None]:
    known = np.isfinite(places)
    levels = np.round(np.where(known, places, 0.0) * 1000).astype(int)
    return [int(level) if is_known else None for level, is_known in zip(levels.tolist(), known.tolist(), strict=True)]
