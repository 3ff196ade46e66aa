"""Limits: what other outcomes of a candidate have to keep, by feasibility first.

What keeps all limits is better than what breaks one, whatever it reaches; of two that break some, the one that breaks
them by less is better (K. Deb, "An efficient constraint handling method for genetic algorithms", Computer Methods in
Applied Mechanics and Engineering 186, 2000).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_positive

PredictOutcomes = Callable[[np.ndarray], np.ndarray]
"""Maps candidates (n, d) to k outcomes (n, k), each in its own unit."""

PredictOutcomesWithGradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Maps candidates (n, d) to k outcomes (n, k) and their gradients (n, k, d), per unit of each feature."""

BROKEN = 1e6
"""Standard deviations of the objective: the least score of what breaks a limit, far above any that keeps them."""

_STEEPNESS = 10.0  # per unit of what limits are broken by
_MARGIN = 1e-3  # of a unit: the cost begins so far inside, for an optimum polished onto its beginning has to keep it


@dataclass(frozen=True, slots=True)
class Limit:
    """An outcome at least, at most, or between.

    Attributes:
        outcome: its column among the outcomes.
        at_least: smallest value allowed, or None.
        at_most: largest value allowed, or None.
        scale: standard deviation of the outcome over the recorded rows: the unit of what a limit is broken by.

    Raises:
        SpaceError: there is no number to keep, or the numbers contradict each other.
    """

    outcome: int
    at_least: float | None = None
    at_most: float | None = None
    scale: float = 1.0

    def __post_init__(self) -> None:
        check_positive("The scale of a limit", self.scale)
        given = [value for value in (self.at_least, self.at_most) if value is not None]
        if not given or not np.isfinite(given).all():
            raise SpaceError(f"A limit needs a number, at least or at most, got {self.at_least} and {self.at_most}.")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise SpaceError(
                f"A limit of at least {self.at_least:g} and at most {self.at_most:g} leaves nothing: swap the two."
            )

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """How far outcomes (n,) lie beyond the limit, in its unit; below 0 inside, infinite for what is no number."""
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        is_number = np.isfinite(values)
        numbers = np.where(is_number, values, 0.0)
        return np.where(is_number, np.maximum(low - numbers, numbers - high) / self.scale, np.inf)

    def sides(self, values: np.ndarray) -> np.ndarray:
        """(n,) which way `beyond` rises with the outcome: 1 by the upper number, -1 by the lower one."""
        if self.at_least is None or self.at_most is None:
            return np.full(len(values), -1.0 if self.at_most is None else 1.0)
        return np.where(values > (self.at_least + self.at_most) / 2, 1.0, -1.0)


def violations(limits: Sequence[Limit], outcomes: np.ndarray) -> np.ndarray:
    """By how much candidates with these outcomes (n, k) break limits, (n,): the sum, 0 where all are kept."""
    total = np.zeros(len(outcomes))
    for limit in limits:
        total += np.maximum(limit.beyond(outcomes[:, limit.outcome]), 0.0)
    return total


def checked_outcomes(values: np.ndarray, n_rows: int, n_least: int) -> np.ndarray:
    """Outcomes (n, k) of so many rows, at least so many columns of them.

    Raises:
        SpaceError: the prediction gave something else.
    """
    outcomes = np.asarray(values, dtype=float)
    if outcomes.ndim != 2 or len(outcomes) != n_rows or outcomes.shape[1] < n_least:
        raise SpaceError(
            f"A prediction of several outcomes must return one row per candidate and at least {n_least} columns, "
            f"got the shape {outcomes.shape} for {n_rows} candidates."
        )
    return outcomes


@dataclass(frozen=True, slots=True)
class Limits:
    """What other outcomes have to keep while one objective is searched for.

    Attributes:
        predict: maps (n, d) to outcomes (n, k); called once per generation.
        limits: on these outcomes.
        predict_with_gradient: the same with gradients (n, k, d), or None.

    Raises:
        SpaceError: there is no limit.
    """

    predict: PredictOutcomes
    limits: tuple[Limit, ...]
    predict_with_gradient: PredictOutcomesWithGradient | None = None

    def __post_init__(self) -> None:
        if not self.limits:
            raise SpaceError("Limits without a single one: leave them out.")

    def violations(self, X: np.ndarray) -> np.ndarray:
        """By how much candidates (n, d) break limits, (n,): 0 where all are kept."""
        return violations(self.limits, self._outcomes(X))

    def scored(self, X: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """The scores (n,) of candidates (n, d), by feasibility first."""
        costs, broken = self._costs(self._outcomes(X))
        return np.where(broken > 0, BROKEN + costs, scores + costs)

    def scored_with_gradient(
        self, X: np.ndarray, scores: np.ndarray, gradients: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The scores (n,) by feasibility first, and their gradients (n, d)."""
        assert self.predict_with_gradient is not None
        values, slopes = self.predict_with_gradient(X.copy())
        outcomes = checked_outcomes(values, len(X), self._n_outcomes)
        costs, broken = self._costs(outcomes)
        rises = np.zeros(X.shape)
        for limit in self.limits:
            column = outcomes[:, limit.outcome]
            counted = limit.beyond(column) + _MARGIN
            slope = np.where(counted > 0, _STEEPNESS * (1 + 2 * counted) * limit.sides(column) / limit.scale, 0.0)
            rises += slope[:, None] * slopes[:, limit.outcome]
        is_broken = broken > 0
        return (
            np.where(is_broken, BROKEN + costs, scores + costs),
            np.where(is_broken[:, None], rises, gradients + rises),
        )

    def _costs(self, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What candidates pay at and beyond limits, (n,), and by how much they break them, (n,)."""
        costs = np.zeros(len(outcomes))
        for limit in self.limits:
            counted = np.maximum(limit.beyond(outcomes[:, limit.outcome]) + _MARGIN, 0.0)
            costs += _STEEPNESS * (counted + counted**2)
        return costs, violations(self.limits, outcomes)

    @property
    def _n_outcomes(self) -> int:
        return 1 + max(limit.outcome for limit in self.limits)

    def _outcomes(self, X: np.ndarray) -> np.ndarray:
        return checked_outcomes(self.predict(X.copy()), len(X), self._n_outcomes)
