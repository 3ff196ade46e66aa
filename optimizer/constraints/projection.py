"""The nearest rows that meet linear constraints within bounds, all rows at once.

The nearest point to ``y`` within bounds and under constraints ``low <= A x <= high``, in units ``s``, is
``x = clip(y + s^2 * (A.T @ multipliers))`` (the optimality conditions of the quadratic program). For one constraint the
sum along its multiplier is piecewise linear and never falls, so the multiplier is read off its sorted kinks, as in
the projection onto the simplex (Held, Wolfe and Crowder 1974). For several, one sweep sets each multiplier in turn,
then all are found together (a semismooth Newton method on the optimality conditions: Hintermueller, Ito and Kunisch
2002, SIAM J. Optim. 13); rows for which that does not converge go on with sweeps (coordinate ascent on the dual, which
for half-spaces is Hildreth's and Dykstra's method).
"""

import numpy as np

from optimizer.constraints.system import System

_N_SWEEPS = 60
_N_NEWTON = 12
_RIDGE = 1e-12  # on the diagonal of a Newton system, for constraints that agree
_N_ROUNDS = 3  # a further round starts at the point found, whose numbers are small where those of a wild row are not


def project(
    Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows that meet the linear constraints, (n, p); whether each does, (n,).

    Args:
        Y: (n, p) rows.
        lower: (n, p) smallest values of each row.
        upper: (n, p) largest values of each row.
        weights: (p,) squared units of distance.
    """
    V = np.clip(Y, lower, upper)
    broken = np.flatnonzero((system.excess(V) > 0).any(axis=1))
    for _ in range(_N_ROUNDS):
        if not len(broken):
            break
        start = V[broken]
        V[broken] = _dual_ascent(start, lower[broken], upper[broken], system, weights)
        broken = broken[(system.excess(V[broken]) > 0).any(axis=1)]
    is_met = np.ones(len(V), dtype=bool)
    is_met[broken] = False
    return V, is_met


def _dual_ascent(
    Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> np.ndarray:
    """The nearest rows under all constraints, as far as they were found, (n, p)."""
    W = system.A * weights  # (m, p) what one unit of a multiplier moves
    multipliers = np.zeros((len(Y), len(W)))
    V = Y.copy()
    rows = np.arange(len(Y))
    for sweep in range(_N_SWEEPS if len(W) > 1 else 1):
        multipliers[rows] = _update_multipliers(Y[rows], multipliers[rows], lower[rows], upper[rows], system, W)
        V[rows] = np.clip(Y[rows] + multipliers[rows] @ W, lower[rows], upper[rows])
        rows = rows[~_is_nearest(V[rows], multipliers[rows], system, W)]
        if sweep == 0 and len(rows) and len(W) > 1:
            found, is_nearest = _newton(Y[rows], multipliers[rows], lower[rows], upper[rows], system, W)
            V[rows[is_nearest]] = found[is_nearest]
            rows = rows[~is_nearest]
        if not len(rows):
            break
    return V


def _update_multipliers(
    Y: np.ndarray, multipliers: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, W: np.ndarray
) -> np.ndarray:
    """Multipliers (n, m) after each constraint, in turn, had its own set to where it is met."""
    multipliers = multipliers.copy()
    Z = Y + multipliers @ W
    for r in range(len(W)):
        at = np.flatnonzero(W[r])
        Z[:, at] -= np.outer(multipliers[:, r], W[r, at])
        multipliers[:, r] = _multiplier(
            Z[:, at], lower[:, at], upper[:, at], system.A[r, at], W[r, at], system.low[r], system.high[r]
        )
        Z[:, at] += np.outer(multipliers[:, r], W[r, at])
    return multipliers


def _newton(
    Y: np.ndarray, multipliers: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, W: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose multipliers were moved together, (n, p); whether they are the nearest, (n,).

    Constraints at a limit are kept there, others are let go.
    """
    A, size = system.A, _sizes(system, W)
    V = np.clip(Y + multipliers @ W, lower, upper)
    rows = np.arange(len(Y))
    for _ in range(_N_NEWTON):
        now = multipliers[rows]
        sums = V[rows] @ A.T
        pull = sums - size * now
        limit = np.clip(pull, system.low, system.high)
        is_active = pull != limit
        is_free = (V[rows] > lower[rows]) & (V[rows] < upper[rows])
        gram = np.einsum("np,ip,jp->nij", is_free.astype(float), A, W) / size[:, None]
        gram = np.where(is_active[:, :, None], gram, np.eye(len(A))) + _RIDGE * np.eye(len(A))
        off = np.where(is_active, (limit - sums) / size, -now)
        multipliers[rows] = now + np.linalg.solve(gram, off[:, :, None])[:, :, 0]
        V[rows] = np.clip(Y[rows] + multipliers[rows] @ W, lower[rows], upper[rows])
        rows = rows[~_is_nearest(V[rows], multipliers[rows], system, W)]
        if not len(rows):
            break
    is_nearest = np.ones(len(V), dtype=bool)
    is_nearest[rows] = False
    return V, is_nearest


def _is_nearest(V: np.ndarray, multipliers: np.ndarray, system: System, W: np.ndarray) -> np.ndarray:
    """Whether all sums are inside their limits, and on them where a multiplier pulls, (n,)."""
    sums = V @ system.A.T
    pulled = np.clip(sums - _sizes(system, W) * multipliers, system.low, system.high)
    return (np.abs(pulled - sums) <= system.tolerance(V)).all(axis=1)


def _sizes(system: System, W: np.ndarray) -> np.ndarray:
    """What one unit of a multiplier adds to its own sum, away from the bounds, (m,)."""
    size = (system.A * W).sum(axis=1)
    return np.where(size > 0, size, 1.0)


def _multiplier(
    Z: np.ndarray, lower: np.ndarray, upper: np.ndarray, a: np.ndarray, w: np.ndarray, low: float, high: float
) -> np.ndarray:
    """The multiplier nearest 0 with which ``a @ clip(Z + multiplier * w)`` lies between low and high, (n,).

    Where no multiplier does, the one that comes nearest.
    """
    sums = np.clip(Z, lower, upper) @ a
    result = np.zeros(len(Z))
    rows = np.flatnonzero((sums < low) | (sums > high))
    if not len(rows) or not len(a):
        return result
    Z, lower, upper = Z[rows], lower[rows], upper[rows]
    target = np.where(sums[rows] < low, low, high)
    ends = np.stack([(lower - Z) / w, (upper - Z) / w], axis=2)
    ends.sort(axis=2)
    # a feature adds a * w to the slope of the sum between entering and leaving its bounds
    kinks = ends.reshape(len(Z), -1)
    slopes = np.broadcast_to((np.repeat(a * w, 2) * np.tile([1.0, -1.0], len(a))), kinks.shape)
    order = kinks.argsort(axis=1)
    kinks = np.take_along_axis(kinks, order, axis=1)
    slopes = np.cumsum(np.take_along_axis(slopes, order, axis=1), axis=1)
    least = np.minimum(a * lower, a * upper).sum(axis=1)
    at_kinks = np.empty_like(kinks)
    at_kinks[:, 0] = least
    at_kinks[:, 1:] = least[:, None] + np.cumsum(slopes[:, :-1] * np.diff(kinks, axis=1), axis=1)
    before = np.clip((at_kinks < target[:, None]).sum(axis=1) - 1, 0, kinks.shape[1] - 1)
    here = np.arange(len(Z)), before
    missing, slope = target - at_kinks[here], slopes[here]
    is_rising = (slope > 1e-12 * (a * w).max()) & (missing > 0)
    result[rows] = kinks[here] + np.where(is_rising, missing / np.where(is_rising, slope, 1.0), 0.0)
    return result
