"""The lowest point under many small bundles of planes at once: linear programs solved side by side.

Each of m programs asks for the move y (p,) that minimises the largest of k planes, ``values[k] + slopes[k] @ y``,
within bounds and linear limits.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.polish.programs import Program

MAX_VALUES = 2_000_000  # numbers of all bundles solved at once, 16 MB


MAX_PLANES = 64
FAR = 6.0  # reaches: a plane from farther away says nothing of here


@dataclass(frozen=True, slots=True)
class Limits:
    """Linear limits on the moves: ``rows @ y <= room`` and ``equalities @ y = 0``.

    Attributes:
        rows: (r, p) coefficients of the limits.
        room: (m, r) how far each program may go, at least 0.
        equalities: (q, p) coefficients of the sums that stay as they are.
    """

    rows: np.ndarray
    room: np.ndarray
    equalities: np.ndarray

    def take(self, programs: np.ndarray | slice) -> "Limits":
        """Return the limits of some of the programs."""
        return Limits(self.rows, self.room[programs], self.equalities)


def lowest_under_planes(
    slopes: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray, limits: Limits
) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, p) the moves to the lowest points, and (m,) the heights of the planes there.

    Args:
        slopes: (m, k, p) of the planes of each program.
        values: (m, k) heights of the planes at the move 0.
        low: (m, p) smallest move, at most 0.
        high: (m, p) largest move, at least 0; a number with no room stays where it is.
        limits: that all programs keep.
    """
    n_block = max(1, MAX_VALUES // max(slopes[0].size, 1)) if len(slopes) else 1
    blocks = [slice(start, start + n_block) for start in range(0, len(slopes), n_block)]
    moves = [_moves(slopes[b], values[b], low[b], high[b], limits.take(b)) for b in blocks]
    found = np.concatenate(moves) if moves else np.empty(low.shape)
    return found, (values + np.einsum("mkp,mp->mk", slopes, found)).max(axis=1)


def _moves(slopes: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray, limits: Limits) -> np.ndarray:
    """Return (m, p) the moves to the lowest points of one block of programs."""
    has_room = high > low
    width = np.where(has_room, high - low, 0.0)  # the unit of every number; what has no room has no slope either
    planes = slopes * width[:, None]
    steepest = np.abs(planes).sum(axis=2).max(axis=1)
    unit = np.where(steepest > 0, steepest, 1.0)
    rows, room = _unit_rows(limits.rows * width[:, None], limits.room)
    equalities, _ = _unit_rows(limits.equalities * width[:, None], np.zeros((len(low), len(limits.equalities))))
    start = np.where(has_room, -low / np.where(has_room, width, 1.0), 0.5)  # where the move 0 lies between the bounds
    program = Program.of(planes / unit[:, None, None], values / unit[:, None], rows, room, equalities, start)
    return np.where(has_room, np.clip((program.solved() - start) * width, low, high), 0.0)


def _unit_rows(rows: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, r, p) rows with coefficients that add up to 1, and (m, r) their room; an empty row has room 1."""
    size = np.abs(rows).sum(axis=2)
    is_empty = size <= 0
    size = np.where(is_empty, 1.0, size)
    return rows / size[:, :, None], np.where(is_empty, 1.0, np.maximum(room, 0.0) / size)


class Bundles:
    """One bundle of k planes for each of m candidates, in p numbers; a new plane replaces the one from farthest away.

    Attributes:
        points: (m, k, p) where each plane touches.
        values: (m, k) its height there.
        slopes: (m, k, p) how it rises.
    """

    def __init__(self, points: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> None:
        n_planes = min(2 * points.shape[1] + 6, MAX_PLANES)  # a corner of a piecewise linear score has p + 1 planes
        self.points = np.repeat(points[:, None], n_planes, axis=1)
        self.values = np.repeat(values[:, None], n_planes, axis=1)
        self.slopes = np.repeat(slopes[:, None], n_planes, axis=1)

    def replace(
        self, rows: np.ndarray, points: np.ndarray, values: np.ndarray, slopes: np.ndarray, centres: np.ndarray
    ) -> None:
        """Put a plane into each bundle of ``rows`` (n,), in the place of the one farthest from ``centres`` (n, p)."""
        farthest = np.abs(self.points[rows] - centres[:, None]).max(axis=2).argmax(axis=1)
        self.points[rows, farthest] = points
        self.values[rows, farthest] = values
        self.slopes[rows, farthest] = slopes

    def seen_from(
        self, rows: np.ndarray, centres: np.ndarray, scores: np.ndarray, slopes: np.ndarray, reach: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, k, p) slopes and (n, k) heights at the centres of the planes, relative to the scores there.

        A plane above the score of the centre is lowered to it: such a plane shows that the score is not convex here,
        and the centre must not look worse than it is. In the place of one from far away stands the centre's own.

        Args:
            rows: (n,) which bundles.
            centres: (n, p) from where.
            scores: (n,) at the centres.
            slopes: (n, p) at the centres.
            reach: (n,) how far a move may go.
        """
        away = centres[:, None] - self.points[rows]
        heights = self.values[rows] + np.einsum("nkp,nkp->nk", self.slopes[rows], away) - scores[:, None]
        is_far = np.abs(away).max(axis=2) > FAR * reach[:, None]
        return (
            np.where(is_far[:, :, None], slopes[:, None], self.slopes[rows]),
            np.where(is_far, 0.0, np.minimum(heights, 0.0)),
        )

    def have(self, rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Return (n,) whether the bundles ``rows`` have a plane that touches at ``points`` (n, p)."""
        return (np.abs(self.points[rows] - points[:, None]).max(axis=2) <= 1e-12).any(axis=1)
