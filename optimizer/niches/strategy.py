"""The constants of CMA-ES for a number of coordinates.

Source: N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016, table 1, without negative weights.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Strategy:
    """What CMA-ES takes from the number of coordinates.

    Attributes:
        n: coordinates.
        n_children: candidates of a lineage per generation (lambda).
        weights: (mu,) of the best of them, falling, with the sum 1.
        mu_eff: how many equally weighted parents they are worth.
        c_sigma: how fast the path of the step size forgets.
        d_sigma: how much the step size is damped.
        c_c: how fast the path of the covariance forgets.
        c_1: learning rate of the rank-one update.
        c_mu: learning rate of the rank-mu update.
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
        """Return the constants for ``n`` coordinates."""
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
