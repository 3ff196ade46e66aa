"""Measures of how unusual a row is: far from its neighbours, of little density by a mixture, soon set apart by splits.

The mixture is fitted by expectation and maximisation (Dempster, Laird, Rubin 1977) from centres spread as in k-means++
(Arthur and Vassilvitskii 2007), with as many components as give rows that were not fitted the greatest density. The
random splits are those of F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008; all trees grow together,
level by level.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from optimizer.features import evenly

N_NEIGHBOURS = 3  # one alone may be an error of the table
MAX_KEPT_ROWS = 20_000  # recorded rows kept, evenly spaced: among fewer rows, all are farther off, candidates as rows
MAX_JUDGED_ROWS = 2_000  # of these, evenly spaced, each judged by the others, or by trees that have not seen it
_GRAIN = 0.1  # of the median distance between recorded rows


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The mean distance to the nearest recorded rows, in recorded standard deviations.

    Of a large table 20,000 rows are kept, so that a candidate costs the same however many were recorded.

    Attributes:
        rows: (r, p) scaled recorded rows, each once.
        recorded: (m,) mean distance of recorded rows to the nearest others.
        n_neighbours: how many are near; fewer where there are not so many others.
    """

    rows: np.ndarray = field(repr=False)
    recorded: np.ndarray = field(repr=False)
    n_neighbours: int

    @classmethod
    def of_rows(cls, scaled: np.ndarray) -> "Neighbours":
        """The measure of different scaled rows (r, p), two at least."""
        kept = cls.unjudged(scaled)
        judged = kept.rows[evenly(len(kept.rows), MAX_JUDGED_ROWS)]
        distances, _ = kept._nearest(judged, kept.n_neighbours + 1)
        object.__setattr__(kept, "recorded", distances[:, 1:].mean(axis=1))  # its search tree is built already
        return kept

    @classmethod
    def unjudged(cls, scaled: np.ndarray) -> "Neighbours":
        """The measure without `recorded`: enough for the unusualness of other rows."""
        return cls(scaled[evenly(len(scaled), MAX_KEPT_ROWS)], np.empty(0), min(N_NEIGHBOURS, len(scaled) - 1))

    @property
    def grain(self) -> float:
        """A tenth of the usual distance between recorded rows."""
        return _GRAIN * float(np.median(self.recorded))

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """The mean distance of scaled rows (n, p) to the nearest recorded ones, (n,)."""
        return self._nearest(scaled, self.n_neighbours)[0].mean(axis=1)

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The mean distance (n,) and its gradient (n, p): away from the nearest rows, 0 from one that is met."""
        distances, nearest = self._nearest(scaled, self.n_neighbours)
        away = scaled[:, None] - self.rows[nearest]
        unit = away / np.where(distances > 0, distances, 1.0)[:, :, None]
        return distances.mean(axis=1), unit.mean(axis=1)

    def _nearest(self, scaled: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to the nearest rows, and their numbers, (n, k)."""
        distances, nearest = self._tree.query(scaled, k=np.arange(1, k + 1))
        return distances, nearest

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # 0.3 s that only those pay who ask for it

        return cKDTree(self.rows)


N_COMPONENTS = (2, 4, 8, 16)  # tried after one alone, while the density of rows that were not fitted grows
MAX_FITTED_ROWS = 2_000  # recorded rows fitted, evenly spaced
N_FOLDS = 5  # a recorded row is judged by a mixture of the other folds
LEAST_SPREAD = 0.1  # of every component in every direction, in recorded standard deviations
_N_STEPS, _LEAST_GAIN = 50, 1e-3  # of expectation and maximisation; nats per row
_SEED = 0
_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class Gaussians:
    """A fitted mixture.

    Attributes:
        log_weights: (k,) logarithms of the shares of the components.
        means: (k, p) their centres.
        whitenings: (k, p, p) what turns a deviation from a centre into one of unit variance.
    """

    log_weights: np.ndarray
    means: np.ndarray
    whitenings: np.ndarray

    @classmethod
    def of(cls, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> "Gaussians":
        """The mixture of these shares (k,), means (k, p) and covariances (k, p, p)."""
        whitenings = np.linalg.inv(np.linalg.cholesky(covariances))
        return cls(np.log(np.maximum(shares, 1e-300)), means, whitenings)

    def joint(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The logarithms of share times density of every component, (n, k); whitened rows, (n, k, p)."""
        white = np.matmul(rows - self.means[:, None], self.whitenings.transpose(0, 2, 1)).transpose(1, 0, 2)
        halves = np.log(np.diagonal(self.whitenings, axis1=1, axis2=2)).sum(axis=1)  # of the determinants
        constants = self.log_weights + halves - 0.5 * rows.shape[1] * _LOG_2PI
        return constants - 0.5 * np.square(white).sum(axis=2), white

    def log_density(self, rows: np.ndarray) -> np.ndarray:
        """The logarithm of the density at rows (n, p), (n,)."""
        return _log_sum(self.joint(rows)[0])


@dataclass(frozen=True, eq=False)
class Mixture:
    """Minus the logarithm of the density of a Gaussian mixture, in nats. Of a large table 2,000 rows are fitted.

    Attributes:
        recorded: (m,) of recorded rows, each by a mixture that was fitted without it.
    """

    mixture: Gaussians
    recorded: np.ndarray = field(repr=False)
    grain: float = 0.1

    @classmethod
    def of_rows(cls, scaled: np.ndarray) -> "Mixture":
        """The measure of different scaled rows (r, p), two at least."""
        rows = scaled[evenly(len(scaled), MAX_FITTED_ROWS)]
        recorded, n_components = _judged(rows, 1), 1
        for k in N_COMPONENTS:
            judged = _judged(rows, k)
            if not judged.mean() < recorded.mean():
                break
            recorded, n_components = judged, k
        return cls(fitted(rows, n_components), recorded)

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """Minus the logarithm of the density at scaled rows (n, p), (n,)."""
        return -self.mixture.log_density(scaled)

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Minus the logarithm of the density (n,) and its gradient (n, p)."""
        joint, white = self.mixture.joint(scaled)
        total = _log_sum(joint)
        owned = np.exp(joint - total[:, None])
        return -total, np.einsum("nk,nki,kij->nj", owned, white, self.mixture.whitenings)


def _judged(rows: np.ndarray, n_components: int) -> np.ndarray:
    """Minus the log density of rows (r, p), each fold by a mixture of the others, (r,)."""
    folds = np.random.default_rng(_SEED).permutation(len(rows)) % min(N_FOLDS, len(rows))
    judged = np.empty(len(rows))
    for fold in range(folds.max() + 1):
        is_judged = folds == fold
        others = fitted(rows[~is_judged], min(n_components, int((~is_judged).sum())))
        judged[is_judged] = -others.log_density(rows[is_judged])
    return judged


def fitted(rows: np.ndarray, n_components: int) -> Gaussians:
    """The mixture of so many components that rows (r, p) are likeliest under, as far as the steps find it."""
    squares = np.square(rows[:, None] - _spread_out(rows, n_components)).sum(axis=2)
    owned = (squares == squares.min(axis=1, keepdims=True)).astype(float)
    mixture = _maximised(rows, owned / owned.sum(axis=1, keepdims=True))
    before = -np.inf
    for _ in range(_N_STEPS):
        joint, _ = mixture.joint(rows)
        total = _log_sum(joint)
        if total.mean() - before < _LEAST_GAIN:
            break
        before = total.mean()
        mixture = _maximised(rows, np.exp(joint - total[:, None]))
    return mixture


def _spread_out(rows: np.ndarray, n: int) -> np.ndarray:
    """Rows that lie apart, (n, p): each drawn with the square of its distance to those before."""
    rng = np.random.default_rng(_SEED)
    chosen = [int(rng.integers(len(rows)))]
    squares = np.square(rows - rows[chosen[0]]).sum(axis=1)
    while len(chosen) < n:
        chosen.append(int(rng.choice(len(rows), p=squares / squares.sum())))
        squares = np.minimum(squares, np.square(rows - rows[chosen[-1]]).sum(axis=1))
    return rows[chosen]


def _maximised(rows: np.ndarray, owned: np.ndarray) -> Gaussians:
    """The mixture whose components own rows (r, p) by these shares (r, k)."""
    counts = owned.sum(axis=0) + 1e-9
    means = (owned.T @ rows) / counts[:, None]
    away = rows[None] - means[:, None]
    covariances = np.matmul((away * owned.T[:, :, None]).transpose(0, 2, 1), away) / counts[:, None, None]
    return Gaussians.of(counts / len(rows), means, covariances + LEAST_SPREAD**2 * np.eye(rows.shape[1]))


def _log_sum(joint: np.ndarray) -> np.ndarray:
    top = joint.max(axis=1)
    return top + np.log(np.exp(joint - top[:, None]).sum(axis=1))


N_TREES = 200
N_SAMPLED = 256  # recorded rows of each tree; half of a smaller table, so that trees without any given row remain
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
