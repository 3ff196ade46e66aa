"""Unusual is what random splits soon set apart from all recorded rows: an isolation forest.

F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008. All trees grow together, level by level.
"""

from dataclasses import dataclass, field

import numpy as np

from optimizer.features import evenly

N_TREES = 200
N_SAMPLED = 256  # recorded rows of each tree; half of a smaller table, so that trees without any given row remain
MAX_JUDGED_ROWS = 2_000  # recorded rows, evenly spaced, each judged by the trees that have not seen it
_SEED = 0
_VALUES_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Forest:
    """Random trees as arrays: node i has the children 2 i + 1 (at most its threshold) and 2 i + 2.

    Attributes:
        columns: (t, nodes) that each node looks at.
        thresholds: (t, nodes) of each; infinite where there is nothing to split.
        lengths: (t, leaves) mean splits that it takes to set a row apart, for each place on the last level.
    """

    columns: np.ndarray
    thresholds: np.ndarray
    lengths: np.ndarray

    def splits(self, rows: np.ndarray) -> np.ndarray:
        """How many splits set each row (n, p) apart in each tree, (n, t)."""
        n_block = max(1, _VALUES_AT_ONCE // len(self.columns))
        blocks = [self._splits(rows[start : start + n_block]) for start in range(0, max(len(rows), 1), n_block)]
        return np.concatenate(blocks)

    def _splits(self, rows: np.ndarray) -> np.ndarray:
        trees, numbers = np.arange(len(self.columns)), np.arange(len(rows))[:, None]
        nodes = np.zeros((len(rows), len(trees)), dtype=int)
        for _ in range(int(np.log2(self.columns.shape[1] + 1))):
            is_right = rows[numbers, self.columns[trees, nodes]] > self.thresholds[trees, nodes]
            nodes = 2 * nodes + 1 + is_right
        return self.lengths[trees, nodes - self.columns.shape[1]]


@dataclass(frozen=True, eq=False)
class Trees:
    """The score of an isolation forest, 0 to 1: about 0.5 for what is usual, towards 1 for what is set apart soon.

    It goes in steps, so its gradient is 0. However large the table, trees see 256 rows each.

    Attributes:
        usual_splits: that set a row apart on average in a tree of as many rows.
        recorded: (m,) of recorded rows, each by the trees that were grown without it.
    """

    forest: Forest
    usual_splits: float
    recorded: np.ndarray = field(repr=False)
    grain: float = 0.005

    @classmethod
    def of_rows(cls, scaled: np.ndarray) -> "Trees":
        """The measure of different scaled rows (r, p), two at least."""
        rng = np.random.default_rng(_SEED)
        n_sampled = min(N_SAMPLED, (len(scaled) + 1) // 2)
        samples = np.stack([rng.permutation(len(scaled))[:n_sampled] for _ in range(N_TREES)])
        forest = _grown(scaled, samples, rng)
        usual = float(_usual_splits(np.array([max(n_sampled, 2)]))[0])
        judged = evenly(len(scaled), MAX_JUDGED_ROWS)
        is_new = np.ones((len(scaled), N_TREES), dtype=bool)
        is_new[samples, np.arange(N_TREES)[:, None]] = False
        splits = forest.splits(scaled[judged])
        means = np.where(is_new[judged], splits, 0.0).sum(axis=1) / np.maximum(is_new[judged].sum(axis=1), 1)
        return cls(forest, usual, _score(means, usual))

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """The score of scaled rows (n, p), (n,)."""
        return _score(self.forest.splits(scaled).mean(axis=1), self.usual_splits)

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The score (n,) and its gradient (n, p): 0 but where it jumps."""
        return self.unusualness(scaled), np.zeros(scaled.shape)


def _score(splits: np.ndarray, usual: float) -> np.ndarray:
    return np.exp2(-splits / usual)


def _grown(rows: np.ndarray, samples: np.ndarray, rng: np.random.Generator) -> Forest:
    """The trees of samples (t, s) of rows (r, p): each node splits a random column at a random place."""
    n_trees, n_sampled = samples.shape
    depth = max(int(np.ceil(np.log2(max(n_sampled, 2)))), 1)
    n_nodes = 2**depth - 1
    columns, thresholds = np.zeros((n_trees, n_nodes), dtype=int), np.full((n_trees, n_nodes), np.inf)
    points = rows[samples.ravel()]
    trees, nodes = np.repeat(np.arange(n_trees), n_sampled), np.zeros(samples.size, dtype=int)
    for _ in range(depth):
        order = np.lexsort((nodes, trees))
        keys = trees[order] * (2 * n_nodes) + nodes[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        low, high = (pick.reduceat(points[order], starts, axis=0) for pick in (np.minimum, np.maximum))
        chosen = np.where(high > low, rng.random(low.shape), -1.0).argmax(axis=1)
        groups = np.arange(len(starts))
        low, high = low[groups, chosen], high[groups, chosen]
        places = trees[order][starts], nodes[order][starts]
        columns[places] = chosen
        thresholds[places] = np.where(high > low, np.minimum(rng.uniform(low, high), np.nextafter(high, low)), np.inf)
        is_right = points[np.arange(len(points)), columns[trees, nodes]] > thresholds[trees, nodes]
        nodes = 2 * nodes + 1 + is_right
    return Forest(columns, thresholds, _lengths(thresholds, trees, nodes - n_nodes))


def _lengths(thresholds: np.ndarray, trees: np.ndarray, leaves: np.ndarray) -> np.ndarray:
    """The splits above each place on the last level, and those that its rows would take further, (t, leaves)."""
    n_trees, n_nodes = thresholds.shape
    counts = np.zeros((n_trees, n_nodes + 1), dtype=int)
    np.add.at(counts, (trees, leaves), 1)
    splits = np.zeros((n_trees, 1))
    for level in range(int(np.log2(n_nodes + 1))):
        is_split = np.isfinite(thresholds[:, 2**level - 1 : 2 ** (level + 1) - 1])
        splits = np.repeat(splits + is_split, 2, axis=1)
    return splits + _usual_splits(counts)


def _usual_splits(counts: np.ndarray) -> np.ndarray:
    """How many splits set one of so many rows apart on average: equation 1 of the paper; 0 for one."""
    counts = np.maximum(counts, 1)
    harmonic = np.log(np.maximum(counts - 1, 1)) + np.euler_gamma
    usual = 2 * harmonic - 2 * (counts - 1) / counts
    return np.where(counts > 2, usual, np.where(counts == 2, 1.0, 0.0))
