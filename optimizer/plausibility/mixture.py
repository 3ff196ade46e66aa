"""Unusual is what a mixture of Gaussians fitted to the recorded rows gives little density.

Fitted by expectation and maximisation (Dempster, Laird, Rubin 1977) from centres spread as in k-means++ (Arthur and
Vassilvitskii 2007), with as many components as give rows that were not fitted the greatest density.
"""

from dataclasses import dataclass, field

import numpy as np

from optimizer.features import evenly

N_COMPONENTS = (2, 4, 8, 16)  # tried after one alone, while the density of rows that were not fitted grows
MAX_ROWS = 2_000  # recorded rows fitted, evenly spaced
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
        rows = scaled[evenly(len(scaled), MAX_ROWS)]
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
