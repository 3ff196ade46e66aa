"""Moves along the rules: directions in which equalities keep holding, random walks inside, and switches on and off."""

import numpy as np

from optimizer.constraints.system import Group, System

_TINY = 1e-12
_FAR_SIDE = 0.49  # of a step


def along(D: np.ndarray, system: System, scale: np.ndarray, may_move: np.ndarray) -> np.ndarray:
    """Return (n, p) directions without what would change an equality, the nearest ones in units of ``scale``.

    Args:
        D: (n, p) directions.
        system: the rules.
        scale: (p,) units; 0 where nothing moves.
        may_move: (n, p) whether each number of each row may move.
    """
    A = system.A[system.is_equality] * scale
    free = may_move & (scale > 0)
    steps = np.where(free, D / np.where(scale > 0, scale, 1.0), 0.0)
    if len(A):
        if free.all():
            steps -= steps @ (np.linalg.pinv(A) @ A)
        else:
            gram = np.einsum("np,ip,jp->nij", free.astype(float), A, A)
            shares = np.einsum("nij,nj->ni", np.linalg.pinv(gram, hermitian=True), steps @ A.T)
            steps -= np.where(free, shares @ A, 0.0)
    return steps * scale


def walk(
    V: np.ndarray,
    others: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    system: System,
    n_steps: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return (n, p) rows after a random walk inside the linear rules, whose long-run law is uniform (hit and run).

    Directions are in turn Gaussian, and differences of two other rows, which follow the shape of narrow rules.

    Args:
        V: (n, p) rows that meet the rules.
        others: (k, p) rows that give directions.
        lower: (n, p) smallest values.
        upper: (n, p) largest values.
        system: the rules.
        n_steps: of the walk.
        rng: the source of randomness.
    """
    scale = np.where(system.upper > system.lower, system.upper - system.lower, 1.0)
    may_move = upper > lower
    is_limit = ~system.is_equality
    A, low, high = system.A[is_limit], system.low[is_limit], system.high[is_limit]
    for step in range(n_steps):
        if step % 2:
            pairs = rng.integers(len(others), size=(2, len(V)))
            D = others[pairs[0]] - others[pairs[1]]
        else:
            D = scale * rng.standard_normal(V.shape)
        D = along(D, system, scale, may_move)
        moving = np.abs(D) > _TINY * scale
        rate = np.where(moving, D, 1.0)
        ends = np.stack([(lower - V) / rate, (upper - V) / rate])
        first = np.where(moving, ends.min(axis=0), -np.inf).max(axis=1, initial=-np.inf)
        last = np.where(moving, ends.max(axis=0), np.inf).min(axis=1, initial=np.inf)
        if len(A):
            sums, rates = V @ A.T, D @ A.T
            moving = np.abs(rates) > _TINY * (np.abs(A) @ scale)
            rate = np.where(moving, rates, 1.0)
            ends = np.stack([(low - sums) / rate, (high - sums) / rate])
            first = np.maximum(first, np.where(moving, ends.min(axis=0), -np.inf).max(axis=1))
            last = np.minimum(last, np.where(moving, ends.max(axis=0), np.inf).min(axis=1))
        has_room = np.isfinite(first) & np.isfinite(last) & (first < last)
        first, last = np.where(has_room, first, 0.0), np.where(has_room, last, 0.0)
        t = first + rng.random(len(V)) * (last - first)
        V = np.clip(V + t[:, None] * D, lower, upper)
    return V


def mirrored(V: np.ndarray, system: System, scale: np.ndarray) -> np.ndarray:
    """Return (n, p) rows reflected once at every limit that they break, so that they do not pile up on it."""
    V = V.copy()
    for r in np.flatnonzero(~system.is_equality):
        a = system.A[r]
        w = a * scale**2
        size = float(a @ w)
        if size <= 0:
            continue
        sums = V @ a
        off = np.maximum(system.low[r] - sums, 0.0) - np.maximum(sums - system.high[r], 0.0)
        width = system.high[r] - system.low[r]
        V += np.outer(np.sign(off) * np.minimum(2 * np.abs(off), np.abs(off) + width), w / size)
    return V


def dithered(moved: np.ndarray, V: np.ndarray, step: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return (n, q) moved numbers whose nearest step is drawn at random, the nearer one more often.

    What goes one step from its parent ``V`` (n, q) is put at the far side of that step: where a rule makes up for the
    step, others then move instead of this one going back, which noise below a step would hardly ever survive.
    """
    steps = (moved / step) + rng.random(moved.shape) - 0.5
    gone = np.rint(steps) - np.rint(V / step)
    return np.where(np.abs(gone) == 1, np.rint(steps) + _FAR_SIDE * gone, steps) * step


def keep_largest(group: Group, keys: np.ndarray) -> np.ndarray:
    """Return (n, q) which of a group's positions may be on: those that must, then those with the largest keys."""
    ranks = (-np.where(group.is_forced, np.inf, keys)).argsort(axis=1, kind="stable").argsort(axis=1)
    return group.is_forced | (ranks < group.most)


def switched(
    group: Group, V: np.ndarray, weights: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, q) which of a group's positions are on in mutants of ``V`` (n, p), and (n, q) their values.

    A row changes what is on with a chance as large as the largest weight: one goes off, one comes on, or one takes
    another's place and value. What has no weight stays as it is.

    Args:
        group: the positions.
        V: parents, which meet the rule.
        weights: (q,) mutation weights.
        rng: the source of randomness.
    """
    values = V[:, group.positions]
    is_on = values > group.threshold
    changes = rng.random(len(V)) < weights.max(initial=0.0)
    kind = rng.integers(3, size=len(V))
    keys = np.where(weights > 0, rng.random(values.shape), -1.0)
    leaver, enterer = np.where(is_on & ~group.is_forced, keys, -1.0), np.where(is_on, -1.0, keys)
    is_full = is_on.sum(axis=1) >= group.most
    leaves = changes & (leaver.max(axis=1) >= 0) & ((kind != 0) | is_full)
    enters = changes & (enterer.max(axis=1) >= 0) & ((kind != 1) | ~leaves) & (~is_full | leaves)
    out, into = leaver.argmax(axis=1), enterer.argmax(axis=1)
    leaving = values[np.arange(len(V)), out]
    values[leaves, out[leaves]] = group.off[out[leaves]]
    is_on[leaves, out[leaves]] = False
    is_on[enters, into[enters]] = True
    takes = enters & leaves
    values[takes, into[takes]] = leaving[takes]
    return is_on, values
