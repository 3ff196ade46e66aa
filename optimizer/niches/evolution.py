"""One generation of CMA-ES for all lineages at once.

Equations after N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016; children that were moved
from where they were drawn (mirrored, repaired, guessed) are taken in as the "injected" ones of N. Hansen, "Injecting
External Solutions Into CMA-ES", arXiv:1110.4181, 2011: their steps are cut to a usual length.
"""

import numpy as np

from optimizer.niches.population import Population
from optimizer.niches.strategy import Strategy

_LEAST_EIGENVALUE = 1e-20


def drawn(population: Population, strategy: Strategy, rng: np.random.Generator) -> np.ndarray:
    """Return (k, n_children, m) children of every lineage; the last one is the guess of its model where it has one."""
    noise = rng.standard_normal((len(population), strategy.n_children, strategy.n))
    U = population.means[:, None] + population.unwhitened(noise)
    has_guess = np.isfinite(population.misfits)
    U[has_guess, -1] = population.guesses[has_guess]
    return U


def evolve(population: Population, strategy: Strategy, U: np.ndarray, scores: np.ndarray, is_plain: bool) -> None:
    """Move every Gaussian towards the better half of its children.

    Args:
        population: changed in place: means, step sizes, covariances, paths, ages and spreads.
        strategy: the constants.
        U: (k, c, m) where the children came to lie.
        scores: (k, c) what they are worth.
        is_plain: whether the children are where they were drawn, so that no step needs to be cut.
    """
    if not len(population):
        return
    s, n = strategy, strategy.n
    parents = np.argsort(scores, axis=1, kind="stable")[:, : len(s.weights)]
    chosen = np.take_along_axis(scores, parents, axis=1)
    with np.errstate(invalid="ignore"):  # infinity less infinity: nothing is known of the spread
        spreads = chosen[:, -1] - chosen[:, 0]
    population.spreads = np.where(np.isfinite(spreads), spreads, np.inf)
    steps = np.take_along_axis(U, parents[:, :, None], axis=1) - population.means[:, None]
    if not is_plain:
        lengths = np.linalg.norm(population.whitened(steps), axis=2)
        longest = np.sqrt(n) + 2 * n / (n + 2)
        steps *= np.minimum(1, longest / np.maximum(lengths, 1e-300))[:, :, None]
    y = steps / population.sigmas[:, None, None]
    y_mean = np.einsum("c,kcm->km", s.weights, y)
    population.means = population.means + population.sigmas[:, None] * y_mean
    z_mean = np.einsum("kmj,km->kj", population.axes, y_mean) / population.lengths
    turned = np.einsum("kmj,kj->km", population.axes, z_mean)
    population.sigma_paths = (1 - s.c_sigma) * population.sigma_paths + np.sqrt(
        s.c_sigma * (2 - s.c_sigma) * s.mu_eff
    ) * turned
    population.ages = population.ages + 1
    length = np.linalg.norm(population.sigma_paths, axis=1)
    usual = np.sqrt(1 - (1 - s.c_sigma) ** (2 * population.ages))
    is_calm = length / usual < (1.4 + 2 / (n + 1)) * s.chi  # h_sigma: the path is not that of a step size too small
    population.covariance_paths = (1 - s.c_c) * population.covariance_paths + is_calm[:, None] * np.sqrt(
        s.c_c * (2 - s.c_c) * s.mu_eff
    ) * y_mean
    rank_one = population.covariance_paths[:, :, None] * population.covariance_paths[:, None]
    rank_mu = np.matmul((y * s.weights[:, None]).transpose(0, 2, 1), y)
    kept = 1 - s.c_1 - s.c_mu + np.where(is_calm, 0.0, s.c_1 * s.c_c * (2 - s.c_c))
    population.covariances = kept[:, None, None] * population.covariances + s.c_1 * rank_one + s.c_mu * rank_mu
    growth = np.clip(s.c_sigma / s.d_sigma * (length / s.chi - 1), -1, 1)
    population.sigmas = np.maximum(population.sigmas * np.exp(growth), 1e-300)
    eigenvalues, population.axes = np.linalg.eigh(population.covariances)
    population.lengths = np.sqrt(np.maximum(eigenvalues, _LEAST_EIGENVALUE))
