"""The lowest point under many small bundles of planes at once: linear programs solved side by side.

Each of m programs asks for the move y (p,) that minimises the largest of k planes, ``values[k] + slopes[k] @ y``,
within bounds and linear limits.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.polish.programs import Program

MAX_VALUES = 2_000_000  # numbers of all bundles solved at once, 16 MB


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
