"""The lowest value of a linear function over boxes, with what it costs to leave a band of weighted sums.

A band is ``price * max(0, low - s, s - high) ** 2`` of a sum ``s = weights @ x``: the density penalty, or a constraint
(an infinite price). For any multiplier ``t``, ``cost(s) >= t * s - conjugate(t)`` with the convex conjugate
``(t * high if t > 0 else t * low) + t**2 / (4 * price)``, so adding that line to the linear function gives a lower
bound (Lagrangian duality); its maximum over t is the exact minimum. It lies where a coefficient of the sum of both
vanishes (the fractional knapsack, Dantzig 1957), or, where the price is finite, between two of these places, at the top
of the parabola that the bound is there. With several bands the multipliers are sought one by one and in pairs, which is
sound and no longer exact.
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
        price: of the square of what is outside; infinite for a constraint.
    """

    weights: np.ndarray
    low: float
    high: float
    price: float = np.inf

    def limits(self, least: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest multiplier (n,) that may be best where the sum is between two values (n,).

        They are the steepest slopes that the cost has there.
        """
        if np.isinf(self.price):
            ends = (-np.inf if np.isfinite(self.low) else 0.0, np.inf if np.isfinite(self.high) else 0.0)
            return np.full(len(least), ends[0]), np.full(len(least), ends[1])
        below, above = np.maximum(self.low - least, 0.0), np.maximum(most - self.high, 0.0)
        return -2 * self.price * below, 2 * self.price * above

    def conjugate(self, multipliers: np.ndarray) -> np.ndarray:
        """What a multiplier takes off again: ``t * high`` above 0, ``t * low`` below, and ``t**2 / (4 * price)``."""
        with np.errstate(invalid="ignore"):
            ends = np.where(multipliers > 0, self.high, self.low)
            return np.where(multipliers == 0, 0.0, multipliers * ends + np.square(multipliers) / (4 * self.price))

    def touched(self, multipliers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Between which sums (n,) the line of a multiplier (n,) touches the cost: all of the band at 0, else one."""
        beyond = multipliers / (2 * self.price)
        low, high = np.full(len(beyond), self.low), np.full(len(beyond), self.high)
        return np.where(multipliers > 0, high, low) + beyond, np.where(multipliers < 0, low, high) + beyond


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
        points = _moved_onto_cost(points, ties, bands[0], multipliers[:, 0], low, high)
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
    limits = {
        number: bands[number].limits(*sums(sides[number], low, high)) for number in map(int, np.flatnonzero(direction))
    }
    for number, ends_of_band in limits.items():
        at, speed = multipliers[:, number], direction[number]
        ends = np.sort((np.column_stack(ends_of_band) - at[:, None]) / speed, axis=1)
        first, last = np.maximum(first, ends[:, 0]), np.minimum(last, ends[:, 1])
        kinks.append(-at[:, None] / speed)
    ends = np.column_stack([np.where(np.isfinite(end), end, 0.0) for end in (first, last)])
    tried = np.clip(np.column_stack([*kinks, ends, np.zeros(len(now))]), first[:, None], last[:, None])

    def heights(steps: np.ndarray) -> np.ndarray:
        values = np.zeros_like(steps)
        for j in range(low.shape[1]):
            slopes = now[:, [j]] + steps * moved[j]
            values += np.minimum(slopes * low[:, [j]], slopes * high[:, [j]])
        for number, (least, most) in limits.items():
            at = np.clip(multipliers[:, [number]] + steps * direction[number], least[:, None], most[:, None])
            values -= bands[number].conjugate(at)
        return values

    values = heights(tried)
    bend = sum(direction[number] ** 2 / (2 * bands[number].price) for number in limits)
    if bend > 0:  # between kinks the bound is a parabola, whose top two points on it tell
        order = tried.argsort(axis=1)
        tops = _tops(np.take_along_axis(tried, order, 1), np.take_along_axis(values, order, 1), bend)
        tried, values = np.hstack([tried, tops]), np.hstack([values, heights(tops)])
    best = values.argmax(axis=1)
    steps = tried[np.arange(len(tried)), best]
    ties = np.append(columns, np.full(tried.shape[1] - len(columns), -1))[best]
    found = multipliers + steps[:, None] * direction
    for number, (least, most) in limits.items():
        found[:, number] = np.clip(found[:, number], least, most)
    return found, ties


def _tops(steps: np.ndarray, values: np.ndarray, bend: float) -> np.ndarray:
    """Where parabolas through neighbours of rising points (n, k) are highest, between these, (n, k - 1).

    They fall away from their tops by ``bend / 2`` times the square of the distance.
    """
    width = np.diff(steps, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        tops = (steps[:, 1:] + steps[:, :-1]) / 2 + np.where(width > 0, np.diff(values, axis=1) / (bend * width), 0.0)
    return np.clip(tops, steps[:, :-1], steps[:, 1:])


def _moved_onto_cost(
    points: np.ndarray, ties: np.ndarray, band: Band, multipliers: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """The points with the column that does not matter set so that the line of the multiplier touches the cost there."""
    rows = np.flatnonzero(ties >= 0)
    columns = ties[rows]
    totals = points[rows] @ band.weights
    missing = (np.clip(totals, *band.touched(multipliers[rows])) - totals) / band.weights[columns]
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
