"""What a Gaussian cannot do: steps smaller than which nothing changes, and categories."""

import numpy as np

from optimizer.niches.coordinates import Coordinates


def mix(
    U: np.ndarray, bases: np.ndarray, coordinates: Coordinates, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return children (n, m) and their bases (n, d), some of them a step or a category away.

    One stepped or categorical feature in ``p`` of every child changes, where there are p of them: a stepped one by one
    step, or by more with falling probability; a categorical one to a category drawn from the recorded frequencies. The
    Gaussian may shrink far below a step, as in CMA-ES for integers (N. Hansen, "A CMA-ES for Mixed-Integer Nonlinear
    Optimization", INRIA report 7751, 2011).

    Args:
        U: (n, m) children as they were drawn.
        bases: (n, d) what gives them their categories.
        coordinates: the coordinates.
        rng: the only source of randomness.
    """
    stepped = np.flatnonzero(coordinates.step)
    n_discrete = len(stepped) + len(coordinates.categorical)
    if not n_discrete or not len(U):
        return U, bases
    share = 0.5 / n_discrete
    U, bases = U.copy(), bases.copy()
    if len(stepped):
        shape = len(U), len(stepped)
        steps = rng.geometric(0.5, size=shape) * rng.choice([-1, 1], size=shape)
        U[:, stepped] += np.where(rng.random(shape) < share, steps, 0) * coordinates.step[stepped]
    for j, feature in coordinates.categorical:
        changes = rng.random(len(U)) < share
        codes = rng.choice(feature.codes, size=len(U), p=0.5 * feature.probabilities + 0.5 / len(feature.codes))
        bases[:, j] = np.where(changes, codes, bases[:, j])
    return U, bases
