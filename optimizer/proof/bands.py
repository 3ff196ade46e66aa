"""The lowest value of a linear function over boxes, with what it costs to leave a band of weighted sums.

A band is ``price * max(0, low - s, s - high)`` of a sum ``s = weights @ x``: the density penalty (low = high = target),
or a constraint (an infinite price). For any multiplier ``t`` with ``|t| <= price``,
``cost(s) >= t * s - (t * high if t > 0 else t * low)``, so adding that line to the linear function gives a lower bound
(Lagrangian duality); its maximum over t is the exact minimum, and lies where a coefficient of the sum of both vanishes
(the fractional knapsack, Dantzig 1957). With several bands the multipliers are sought one by one and in pairs, which
is sound and no longer exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from optimizer.problem.candidates import Rows
from optimizer.proof.objective import Aggregate, PointGroups
from optimizer.proof.relu_network import FLOAT64_ROUNDOFF


@dataclass(frozen=True, eq=False)
class Band:
    """A weighted sum that pays for being outside its limits.

    Attributes:
        weights: (d,) of the sum.
        low: lower limit, or minus infinity.
        high: upper limit, or infinity.
        price: per unit outside; infinite for a constraint.
    """

    weights: np.ndarray
    low: float
    high: float
    price: float = np.inf

    @property
    def least(self) -> float:
        """The lowest multiplier."""
        return -self.price if np.isfinite(self.low) else 0.0

    @property
    def most(self) -> float:
        """The highest multiplier."""
        return self.price if np.isfinite(self.high) else 0.0

    def conjugate(self, multipliers: np.ndarray) -> np.ndarray:
        """What a multiplier takes off again: ``t * high`` above 0, ``t * low`` below."""
        with np.errstate(invalid="ignore"):
            limits = np.where(multipliers > 0, self.high, self.low)
            return np.where(multipliers == 0, 0.0, multipliers * limits)


@dataclass(frozen=True, slots=True)
class BoxMinima(Rows):
    """The lowest values of linear functions plus bands over n boxes.

    Attributes:
        values: (n,) nothing in the box is below; infinite where a constraint cannot be met.
        points: (n, d) where the value is reached, or nearly.
        weights: (n, d) of the linear function that stays below function and bands,
        constants: (n,) and its constant.
    """

    values: np.ndarray
    points: np.ndarray
    weights: np.ndarray
    constants: np.ndarray


def box_minima(
    weights: np.ndarray,
    constants: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    bands: Sequence[Band],
    *,
    is_quick: bool = False,
) -> BoxMinima:
    """The lowest values over boxes (n, d) of ``weights @ x + constants`` plus what the bands cost.

    Args:
        weights: (n, d) of each box's function.
        constants: (n,).
        low: (n, d) lower corners.
        high: (n, d) upper corners.
        bands: what leaving them costs.
        is_quick: whether several bands are only looked at one by one.
    """
    is_met = np.ones(len(low), dtype=bool)
    sizes = np.maximum(np.abs(low), np.abs(high))
    for band in bands:
        if np.isinf(band.price):
            least, most = sums(band.weights, low, high)
            room = 1e-12 * (sizes @ np.abs(band.weights))
            is_met &= (least - room <= band.high) & (most + room >= band.low)
    multipliers = np.zeros((len(low), len(bands)))
    ties = np.full(len(low), -1)
    for direction in _directions(bands, is_quick):
        multipliers, tied = _line_search(bands, multipliers, direction, weights, low, high)
        ties = tied if direction[0] and not direction[1:].any() else ties
    slack = np.abs(constants) + np.einsum("nd,nd->n", np.abs(weights), sizes)
    for number, band in enumerate(bands):
        taken = band.conjugate(multipliers[:, number])
        weights = weights + multipliers[:, [number]] * band.weights
        constants = constants - taken
        slack = slack + np.abs(taken) + np.abs(multipliers[:, number]) * (sizes @ np.abs(band.weights))
    points = np.where(weights > 0, low, high)
    values = np.einsum("nd,nd->n", weights, points) + constants
    values -= 8 * (low.shape[1] + 4) * (len(bands) + 1) * FLOAT64_ROUNDOFF * slack
    if bands:
        points = _moved_into_band(points, ties, bands[0], low, high)
    return BoxMinima(np.where(is_met, values, np.inf), points, weights, constants)


def sums(weights: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest (n,) weighted sum in each box."""
    up, down = np.maximum(weights, 0.0), np.minimum(weights, 0.0)
    return low @ up + high @ down, high @ up + low @ down


def _directions(bands: Sequence[Band], is_quick: bool) -> list[np.ndarray]:
    """Along which directions (b,) multipliers are sought: each alone, and in pairs, for one may hold another."""
    alone = list(np.eye(len(bands)))
    if len(bands) < 2 or is_quick:
        return alone
    units = [one / np.linalg.norm(band.weights) for one, band in zip(alone, bands, strict=True)]
    pairs = [first + sign * second for first, second in combinations(units, 2) for sign in (-1, 1)]
    return alone + pairs + alone


def _line_search(
    bands: Sequence[Band],
    multipliers: np.ndarray,
    direction: np.ndarray,
    weights: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The multipliers (n, b) with the highest bounds along a direction, and the columns (n,) that tie, or -1.

    Along it the bound is concave with kinks, where a weight vanishes or a multiplier is 0 or at its limit.
    """
    sides = np.array([band.weights for band in bands])
    moved = direction @ sides
    now = weights + multipliers @ sides
    columns = np.flatnonzero(np.abs(moved) > 1e-9 * np.abs(moved).max(initial=1e-300))
    kinks, first, last = [-now[:, columns] / moved[columns]], np.full(len(now), -np.inf), np.full(len(now), np.inf)
    limits = np.array([(band.least, band.most) for band in bands])
    for number in map(int, np.flatnonzero(direction)):
        at, speed = multipliers[:, number], direction[number]
        ends = np.sort((limits[number] - at[:, None]) / speed, axis=1)
        first, last = np.maximum(first, ends[:, 0]), np.minimum(last, ends[:, 1])
        kinks.append(-at[:, None] / speed)
    ends = np.column_stack([np.where(np.isfinite(end), end, 0.0) for end in (first, last)])
    tried = np.clip(np.column_stack([*kinks, ends, np.zeros(len(now))]), first[:, None], last[:, None])
    values = np.zeros_like(tried)
    for j in range(low.shape[1]):
        slopes = now[:, [j]] + tried * moved[j]
        values += np.minimum(slopes * low[:, [j]], slopes * high[:, [j]])
    for number in map(int, np.flatnonzero(direction)):
        at = np.clip(multipliers[:, [number]] + tried * direction[number], *limits[number])
        values -= bands[number].conjugate(at)
    best = values.argmax(axis=1)
    steps = tried[np.arange(len(tried)), best]
    ties = np.append(columns, np.full(tried.shape[1] - len(columns), -1))[best]
    return np.clip(multipliers + steps[:, None] * direction, limits[:, 0], limits[:, 1]), ties


def _moved_into_band(points: np.ndarray, ties: np.ndarray, band: Band, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The points with the column that does not matter set so that the sum comes into its band."""
    rows = np.flatnonzero(ties >= 0)
    columns = ties[rows]
    totals = points[rows] @ band.weights
    missing = (np.clip(totals, band.low, band.high) - totals) / band.weights[columns]
    moved = points.copy()
    moved[rows, columns] = np.clip(points[rows, columns] + missing, low[rows, columns], high[rows, columns])
    return moved


_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Lines:
    """Linear functions of the features, one below each of q functions.

    Attributes:
        weights: (q, d).
        constants: (q,).
    """

    weights: np.ndarray
    constants: np.ndarray


def best_mixture(
    several: Lines,
    chosen: BoxMinima,
    shares: np.ndarray,
    groups: PointGroups,
    low: np.ndarray,
    high: np.ndarray,
    bands: Sequence[Band],
) -> tuple[BoxMinima, np.ndarray]:
    """The highest bounds found below the largest of each box's functions, and the mixtures (q,) that give them.

    Any mixture of lines below functions is below the largest function. The mixture is found by fictitious play (Brown
    1951): where it is lowest, the line that is highest there gains weight.

    Args:
        several: lines below each of the q functions.
        chosen: the lowest values of the line of each of the n boxes to start from, with the bands.
        shares: (q,) 1 for those lines, 0 for the others.
        groups: which function belongs to which box.
        low: (n, d) lower corners of the boxes.
        high: (n, d) upper corners.
        bands: what leaving them costs, whichever function is the largest.
    """
    best, best_shares = chosen, shares
    if len(groups.owners) == len(low):
        return best, best_shares
    points = chosen.points
    for played in range(1, _ROUNDS + 1):
        heights = np.einsum("qd,qd->q", several.weights, points[groups.owners]) + several.constants
        answer = np.zeros(len(shares))
        answer[groups.deciding(heights, Aggregate.MAXIMUM)] = 1.0
        shares = shares + (answer - shares) / (played + 1)
        # what is left of 1 by rounding goes to no line, so the shares of a box are made to sum up to 1
        shares = shares / groups.sum(shares)[groups.owners]
        weights = groups.sum(shares[:, None] * several.weights)
        constants = groups.sum(shares * several.constants)
        tried = box_minima(weights, constants, low, high, bands, is_quick=True)
        is_higher = tried.values > best.values
        best = tried.where(is_higher, best)
        best_shares = np.where(is_higher[groups.owners], shares, best_shares)
        points = tried.points
    return best, best_shares
