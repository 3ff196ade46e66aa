"""The largest of several functions over a box: bounded by a mixture of lines, better than by any one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.proof.bands import Band, Lowest, lowest
from optimizer.proof.faces import Join
from optimizer.proof.groups import Groups

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


def mixed(
    several: Lines,
    chosen: Lowest,
    shares: np.ndarray,
    groups: Groups,
    low: np.ndarray,
    high: np.ndarray,
    bands: Sequence[Band],
) -> tuple[Lowest, np.ndarray]:
    """Return the highest bounds found below the largest of each box's functions, and the mixtures (q,) that give them.

    Any mixture of lines below functions is below the largest function. The mixture is found by fictitious play: where
    it is lowest, the line that is highest there gains weight.

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
        answer[groups.deciding(heights, Join.LARGEST)] = 1.0
        shares = shares + (answer - shares) / (played + 1)
        # what is left of 1 by rounding goes to no line, so the shares of a box are made to sum up to 1
        shares = shares / groups.sum(shares)[groups.owners]
        weights = groups.sum(shares[:, None] * several.weights)
        constants = groups.sum(shares * several.constants)
        tried = lowest(weights, constants, low, high, bands, is_quick=True)
        is_higher = tried.values > best.values
        best = tried.where(is_higher, best)
        best_shares = np.where(is_higher[groups.owners], shares, best_shares)
        points = tried.points
    return best, best_shares
