"""Bundles of planes: what is known of a score around each candidate, from values and slopes."""

import numpy as np

MAX_PLANES = 64
FAR = 6.0  # reaches: a plane from farther away says nothing of here


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
