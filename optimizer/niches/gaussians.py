"""CMA-ES for many lineages at once: a Gaussian for each, which learns the shape of its hill.

Numbers of equations are those of N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016, without
negative weights. Children that do not lie where they were drawn (mirrored, repaired, or from a surrogate) are taken in
as the injected ones of N. Hansen, "Injecting External Solutions Into CMA-ES", arXiv:1110.4181, 2011.

Beside it stands a quadratic model of each lineage's last children, whose minimum is one more child. The idea is that of
N. Hansen, "A Global Surrogate Assisted CMA-ES", GECCO 2019 (lq-CMA-ES): a full quadratic, fitted by weighted least
squares to the candidates that were evaluated anyway,

    q(z) = a + g'z + z'Hz / 2,    minimum at z* = -H^-1 g,

with z in standard deviations of the lineage's Gaussian. On a smooth hill its minimum is the optimum after a few
generations; on a rough one it fits badly, and nothing is lost but one child.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.problem.candidates import Rows

_LEAST_EIGENVALUE = 1e-20
_LEAST_SIGMA = 1e-300


@dataclass(frozen=True, eq=False)
class Strategy:
    """The constants of CMA-ES for ``n`` coordinates (table 1).

    Attributes:
        n_children: candidates of a lineage per generation, lambda (48).
        weights: (mu,) of the best of them, falling, with the sum 1 (49, 53).
        mu_eff: how many equally weighted parents they are worth (8).
        c_sigma, d_sigma: how fast the path of the step size forgets, and the damping of the step size (55).
        c_c: how fast the path of the covariance forgets (56).
        c_1, c_mu: learning rates of the rank-one and the rank-mu update (57, 58).
        chi: expected length of a standard normal vector.
    """

    n: int
    n_children: int
    weights: np.ndarray
    mu_eff: float
    c_sigma: float
    d_sigma: float
    c_c: float
    c_1: float
    c_mu: float
    chi: float

    @classmethod
    def of(cls, n: int) -> "Strategy":
        """The constants for ``n`` coordinates."""
        n_children = max(5, 4 + int(3 * np.log(n)))
        mu = n_children // 2
        weights = np.log((n_children + 1) / 2) - np.log(np.arange(1, mu + 1))
        weights /= weights.sum()
        mu_eff = float(1 / (weights**2).sum())
        c_sigma = (mu_eff + 2) / (n + mu_eff + 5)
        c_1 = 2 / ((n + 1.3) ** 2 + mu_eff)
        return cls(
            n=n,
            n_children=n_children,
            weights=weights,
            mu_eff=mu_eff,
            c_sigma=c_sigma,
            d_sigma=1 + 2 * max(0.0, float(np.sqrt((mu_eff - 1) / (n + 1))) - 1) + c_sigma,
            c_c=(4 + mu_eff / n) / (n + 4 + 2 * mu_eff / n),
            c_1=c_1,
            c_mu=min(1 - c_1, 2 * (mu_eff - 2 + 1 / mu_eff) / ((n + 2) ** 2 + mu_eff)),
            chi=float(np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n**2))),
        )


@dataclass(frozen=True, slots=True)
class Gaussians(Rows):
    """One Gaussian per lineage, N(mean, sigma^2 C) with C = B D^2 B'.

    Attributes:
        means: (k, m) their centres.
        sigmas: (k,) their step sizes.
        axes: (k, m, m) B, an eigenvector per column.
        lengths: (k, m) D, square roots of the eigenvalues, growing.
        covariances: (k, m, m) C.
        sigma_paths: (k, m) evolution path of the step size.
        covariance_paths: (k, m) evolution path of the covariance.
    """

    means: np.ndarray
    sigmas: np.ndarray
    axes: np.ndarray
    lengths: np.ndarray
    covariances: np.ndarray
    sigma_paths: np.ndarray
    covariance_paths: np.ndarray

    @classmethod
    def round(cls, means: np.ndarray, sigmas: np.ndarray, scale: np.ndarray | None = None) -> "Gaussians":
        """Gaussians that know no shape yet, about ``means`` (k, m), ``scale`` (m,) times as wide along each axis."""
        k, m = means.shape
        scale = np.ones(m) if scale is None else scale
        order = np.argsort(scale, kind="stable")
        axes, covariances = (np.tile(matrix, (k, 1, 1)) for matrix in (np.eye(m)[:, order], np.diag(scale**2)))
        nowhere = np.zeros((k, m))
        lengths = np.tile(scale[order], (k, 1))
        return cls(means.copy(), sigmas.astype(float), axes, lengths, covariances, nowhere, nowhere)

    @property
    def reaches(self) -> np.ndarray:
        """(k,) standard deviation along the longest axis of each."""
        return self.sigmas * self.lengths[:, -1]

    def whitened(self, V: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(k, n, m) vectors ``V`` (k, n, m) in standard deviations along the axes of the Gaussians at ``rows``."""
        return np.matmul(V, self.axes[rows]) / (self.lengths[rows] * self.sigmas[rows, None])[:, None]

    def unwhitened(self, Z: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(k, n, m) the vectors that are ``Z`` (k, n, m) standard deviations along these axes: sigma B D z."""
        lengths = (self.lengths[rows] * self.sigmas[rows, None])[:, None]
        return np.matmul(Z * lengths, self.axes[rows].transpose(0, 2, 1))

    def drawn(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(k, n, m) children of every lineage (38-40)."""
        noise = rng.standard_normal((len(self), n, self.means.shape[1]))
        return self.means[:, None] + self.unwhitened(noise)

    def updated(
        self, s: Strategy, U: np.ndarray, scores: np.ndarray, ages: np.ndarray, *, is_plain: bool
    ) -> "Gaussians":
        """The Gaussians moved towards the better half of their children.

        Args:
            s: the constants.
            U: (k, c, m) where the children came to lie.
            scores: (k, c) of the children.
            ages: (k,) generations of each lineage, this one among them.
            is_plain: whether the children are where they were drawn.
        """
        n = s.n
        parents = np.argsort(scores, axis=1, kind="stable")[:, : len(s.weights)]
        steps = np.take_along_axis(U, parents[:, :, None], axis=1) - self.means[:, None]
        if not is_plain:  # an injected child may be far outside: its step is cut to a length that a drawn one may have
            lengths = np.linalg.norm(self.whitened(steps), axis=2)
            longest = np.sqrt(n) + 2 * n / (n + 2)
            steps *= np.minimum(1, longest / np.maximum(lengths, 1e-300))[:, :, None]
        y = steps / self.sigmas[:, None, None]
        y_mean = np.einsum("c,kcm->km", s.weights, y)  # (41)
        means = self.means + self.sigmas[:, None] * y_mean  # (42)

        z_mean = np.einsum("kmj,km->kj", self.axes, y_mean) / self.lengths
        turned = np.einsum("kmj,kj->km", self.axes, z_mean)  # C^-1/2 y
        sigma_gain = np.sqrt(s.c_sigma * (2 - s.c_sigma) * s.mu_eff)
        sigma_paths = (1 - s.c_sigma) * self.sigma_paths + sigma_gain * turned  # (43)
        length = np.linalg.norm(sigma_paths, axis=1)
        growth = np.clip(s.c_sigma / s.d_sigma * (length / s.chi - 1), -1, 1)  # at most by e in a generation
        sigmas = np.maximum(self.sigmas * np.exp(growth), _LEAST_SIGMA)  # (44)

        # h_sigma (page 28): a path that is long because the step size is too small must not stretch the covariance
        usual = np.sqrt(1 - (1 - s.c_sigma) ** (2 * ages))
        is_calm = length / usual < (1.4 + 2 / (n + 1)) * s.chi
        c_gain = np.sqrt(s.c_c * (2 - s.c_c) * s.mu_eff)
        covariance_paths = (1 - s.c_c) * self.covariance_paths + is_calm[:, None] * c_gain * y_mean  # (45)
        rank_one = covariance_paths[:, :, None] * covariance_paths[:, None]
        rank_mu = np.matmul((y * s.weights[:, None]).transpose(0, 2, 1), y)
        kept = 1 - s.c_1 - s.c_mu + np.where(is_calm, 0.0, s.c_1 * s.c_c * (2 - s.c_c))
        covariances = kept[:, None, None] * self.covariances + s.c_1 * rank_one + s.c_mu * rank_mu  # (47)
        eigenvalues, axes = np.linalg.eigh(covariances)
        lengths = np.sqrt(np.maximum(eigenvalues, _LEAST_EIGENVALUE))
        return Gaussians(means, sigmas, axes, lengths, covariances, sigma_paths, covariance_paths)


MAX_COORDINATES = 10  # above, the fit costs more than it saves
MAX_MISFIT = 0.5
_FEW = 4  # coordinates, for which a model costs little: up to so many it is fitted anew in every generation
_WAIT = 0.5  # of its age a lineage waits after a model that did not fit
_HUGE = 1e100  # values whose squares are no numbers
_TRUSTED_RADIUS = 2.0  # times the distance within which there are as many candidates as coefficients


def n_coefficients(n: int) -> int:
    """How many numbers a quadratic of ``n`` coordinates has."""
    return (n + 1) * (n + 2) // 2


def n_remembered(n: int, n_children: int) -> int:
    """How many generations of children a model is fitted to, 0 where there are too many coordinates."""
    return int(np.ceil(1.3 * n_coefficients(n) / n_children)) + 1 if n <= MAX_COORDINATES else 0


@dataclass(frozen=True, slots=True)
class Surrogates(Rows):
    """One quadratic model per lineage, with the children that it is fitted to.

    Attributes:
        children: (k, h, c, m) coordinates of the last h generations of children, newest first, NaN before.
        scores: (k, h, c) their scores.
        minima: (k, m) where the model has its minimum.
        misfits: (k,) error of the model, in standard deviations of the scores it was fitted to; infinite without one.
        due: (k,) age at which it is worth while to fit the next one.
    """

    children: np.ndarray
    scores: np.ndarray
    minima: np.ndarray
    misfits: np.ndarray
    due: np.ndarray

    @classmethod
    def unfitted(cls, k: int, m: int, n_children: int) -> "Surrogates":
        """No models yet, of ``k`` lineages in ``m`` coordinates."""
        h = n_remembered(m, n_children)
        return cls(
            children=np.full((k, h, n_children, m), np.nan),
            scores=np.full((k, h, n_children), np.nan),
            minima=np.full((k, m), np.nan),
            misfits=np.full(k, np.inf),
            due=np.full(k, h),
        )

    @property
    def has_minimum(self) -> np.ndarray:
        """(k,) whether there is a model of the lineage that may be followed."""
        return np.isfinite(self.misfits)

    def remembering(self, U: np.ndarray, scores: np.ndarray) -> "Surrogates":
        """The models with the newest children (k, c, m) and their scores (k, c) in the place of the oldest."""
        if not self.children.shape[1]:
            return self
        return replace(
            self,
            children=np.concatenate([U[:, None], self.children[:, :-1]], axis=1),
            scores=np.concatenate([scores[:, None], self.scores[:, :-1]], axis=1),
        )

    def fitted(self, gaussians: Gaussians, bests: np.ndarray, ages: np.ndarray, is_settled: np.ndarray) -> "Surrogates":
        """The models fitted anew, of every lineage for which that is due.

        Args:
            gaussians: of the lineages.
            bests: (k,) their best scores.
            ages: (k,) generations since their birth.
            is_settled: (k,) whether they have no more children.
        """
        unfitted = replace(self, misfits=np.full(len(self), np.inf))
        rows = np.flatnonzero((ages >= self.due) & ~is_settled)
        if not self.children.shape[1] or not len(rows):
            return unfitted
        means = gaussians.means[rows]
        k, m = means.shape
        Z = gaussians.whitened(self.children[rows].reshape(k, -1, m) - means[:, None], rows)
        steps, found = _minima(Z, self.scores[rows].reshape(k, -1) - bests[rows, None])
        minima, misfits, due = self.minima.copy(), unfitted.misfits, self.due.copy()
        minima[rows] = means + gaussians.unwhitened(steps[:, None], rows)[:, 0]
        misfits[rows] = found
        # on a rough hill the next model will not fit either: wait longer and longer for one that does
        waits = np.where(np.isfinite(found), 1 if m <= _FEW else 2, ages[rows] * _WAIT)
        due[rows] = ages[rows] + waits.astype(int)
        return replace(self, minima=minima, misfits=misfits, due=due)


def _minima(Z: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, m) where the quadratics through ``values`` at ``Z`` (k, n, m) are smallest, and (k,) their misfits.

    The misfit is infinite where values are not finite, the quadratic has no minimum, or it fits badly.
    """
    k, _, m = Z.shape
    first, second = np.triu_indices(m)
    squares = (Z**2).sum(axis=2)
    near = np.sort(squares, axis=1)[:, min(n_coefficients(m), squares.shape[1] - 1)]
    near = np.maximum(near, 1e-200)
    # a lineage with a value that is no number gets none, and must not spoil the matrices of the others
    is_known = (np.abs(values) < _HUGE).all(axis=1) & np.isfinite(squares).all(axis=1)
    values = np.where(is_known[:, None], values, 0.0)
    Z = np.where(is_known[:, None, None], Z, 0.0)
    # weighted least squares: the nearest children, as many as there are coefficients, count for most
    weights = np.where(is_known[:, None], 1 / (1 + squares / near[:, None]), 1.0)
    terms = np.concatenate([np.ones((*Z.shape[:2], 1)), Z, Z[:, :, first] * Z[:, :, second]], axis=2)
    units = 1 / (np.abs(terms).max(axis=1) + 1e-300)
    weighted = terms * units[:, None] * weights[:, :, None]
    targets = values * weights
    gram = np.matmul(weighted.transpose(0, 2, 1), weighted)
    diagonal = np.arange(gram.shape[1])
    gram[:, diagonal, diagonal] = gram[:, diagonal, diagonal] * (1 + 1e-12) + 1e-14  # children may lie on one line
    coefficients = np.linalg.solve(gram, np.matmul(weighted.transpose(0, 2, 1), targets[:, :, None]))[:, :, 0]
    errors = np.matmul(weighted, coefficients[:, :, None])[:, :, 0] - targets
    misfits = np.sqrt((errors**2).mean(axis=1)) / (targets.std(axis=1) + 1e-300)
    coefficients *= units
    slope, hessian = coefficients[:, 1 : m + 1], np.zeros((k, m, m))
    hessian[:, first, second] = coefficients[:, m + 1 :]
    hessian = hessian + hessian.transpose(0, 2, 1)
    is_known &= np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(slope).all(axis=1)
    curvatures, axes = np.linalg.eigh(np.where(is_known[:, None, None], hessian, np.eye(m)))
    has_minimum = curvatures[:, 0] > 1e-8 * np.abs(curvatures[:, -1])  # else a saddle, a ridge or a plain
    along = np.einsum("kmj,km->kj", axes, np.where(is_known[:, None], slope, 0.0))
    steps = -np.einsum("kmj,kj->km", axes, along / np.where(has_minimum[:, None], curvatures, 1.0))
    # a minimum outside of the children is an extrapolation: go towards it no farther than the model can be trusted
    radius = _TRUSTED_RADIUS * np.sqrt(near)
    steps *= np.minimum(1, radius / (np.linalg.norm(steps, axis=1) + 1e-300))[:, None]
    is_useful = is_known & has_minimum & (misfits < MAX_MISFIT)
    return steps, np.where(is_useful, misfits, np.inf)
