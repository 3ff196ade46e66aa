"""Which candidates of a front stand on one hill: the hill-valley test of niches, run across directions.

A candidate between two others is in a valley when it is farther behind the front than both (`gaps`): behind along
every direction. So the two may follow different directions, and a whole part of the Pareto set is one hill. Candidates
are joined by their minimum spanning tree; its short edges are taken for one hill, the long ones are tested, and what
hangs together then is a hill.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from optimizer.features import pairwise_distances
from optimizer.niches.coordinates import Coordinates

POINTS = 3  # between the two ends of an edge
_LONG = 2.0  # times the median edge
_TOLERANCE = 0.02  # of the front's width: fronts and Pareto sets are curved between two candidates
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class SpanningTests:
    """Members of a front, the tree that joins them, and candidates between the ends of its long edges.

    Attributes:
        n_members: k.
        edges: (e, 2) rows of the members that an edge joins.
        is_apart: (e,) whether the two have different categories or kept numbers: different hills, without a test.
        tested: (t,) the edges that are tested.
        X: (t * POINTS, d) candidates between their ends.
    """

    n_members: int
    edges: np.ndarray
    is_apart: np.ndarray
    tested: np.ndarray
    X: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, coordinates: Coordinates, at_most: int) -> "SpanningTests":
        """The tests of members ``X`` (k, d), of the longest edges where these need more candidates than allowed."""
        k = len(X)
        if k < 2:
            nothing = np.empty(0, dtype=int)
            return cls(k, np.empty((0, 2), dtype=int), nothing.astype(bool), nothing, X[:0])
        distances = pairwise_distances(coordinates.keys(X)) + _LEAST  # two at one place are joined, too
        tree = coo_array(minimum_spanning_tree(distances))
        edges, lengths = np.column_stack(tree.coords), tree.data
        is_apart = ~coordinates.is_alike(X[edges[:, 0]], X[edges[:, 1]])
        near = lengths[~is_apart]
        is_long = ~is_apart & (lengths > _LONG * np.median(near)) if len(near) else is_apart & False
        order = np.argsort(-np.where(is_long, lengths, -1.0), kind="stable")
        tested = order[: min(int(is_long.sum()), at_most // POINTS)]
        parts = np.arange(1, POINTS + 1)[:, None] / (POINTS + 1)
        U = coordinates.coordinates(X)
        first, second = U[edges[tested, 0]], U[edges[tested, 1]]
        between = first[:, None] + parts * (second - first)[:, None]
        bases = np.repeat(X[edges[tested, 0]], POINTS, axis=0)
        return cls(k, edges, is_apart, tested, coordinates.candidates(between.reshape(-1, coordinates.n), bases))

    def hills(self, members: np.ndarray, between: np.ndarray) -> np.ndarray:
        """(k,) numbers of hills, from 0.

        Args:
            members: (k,) how far each member is behind the front.
            between: (t * POINTS,) how far the candidates between are.
        """
        is_cut = self.is_apart.copy()
        ends = members[self.edges[self.tested]].max(axis=1)
        is_cut[self.tested] = between.reshape(-1, POINTS).max(axis=1, initial=0.0) > ends + _TOLERANCE
        first, second = self.edges[~is_cut].T
        joined = coo_array((np.ones(len(first)), (first, second)), shape=(self.n_members, self.n_members))
        return connected_components(joined, directed=False)[1]


def renumbered(hills: np.ndarray, before: np.ndarray, n_known: int) -> np.ndarray:
    """Numbers of hills (k,), those of ``before`` (k,) where most of a hill had them, else new ones from ``n_known``.

    The largest hill has the first choice.
    """
    numbers = np.empty(len(hills), dtype=int)
    used: set[int] = set()
    for hill in np.argsort(-np.bincount(hills), kind="stable") if len(hills) else ():
        rows = hills == hill
        known = np.bincount(before[rows])
        number = next((n for n in np.argsort(-known, kind="stable").tolist() if known[n] and n not in used), n_known)
        n_known += number == n_known
        used.add(number)
        numbers[rows] = number
    return numbers
