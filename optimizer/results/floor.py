"""The quality floor: which candidates are good enough to become representatives."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_at_least
from optimizer.problem.candidates import Candidates

DEFAULT_PERCENT = 10.0
_ROUNDING = 1e-12  # of the best's size: what equals the floor passes, however it was computed


class FloorKind(StrEnum):
    """How the quality floor is stated."""

    WITHIN_PERCENT = "within percent"
    WITHIN = "within"
    BEST_SHARE = "best share"


@dataclass(frozen=True, slots=True)
class QualityFloor:
    """Which candidates are good enough to become representatives.

    A percentage needs a zero. That of ``FloorKind.WITHIN_PERCENT`` is the outcome's own zero when a maximum or minimum
    is searched for, whatever the sign, and the value itself when a value is: a candidate passes if its score, penalties
    included, is worse than the best one's by at most ``amount`` percent of how far the best outcome lies from zero, or
    from that value. Where that is less than one standard deviation of the objective, it is the percentage of one
    standard deviation, so that an outcome near zero, or a value that was reached, leaves room for others.

    Attributes:
        kind: all within a percentage of the best, all within a distance of the best score, or the best share of all.
        amount: the percentage, the distance in standard deviations of the objective, or the share (0 to 1).

    Raises:
        SpaceError: the amount is out of range.
    """

    kind: FloorKind = FloorKind.WITHIN_PERCENT
    amount: float = DEFAULT_PERCENT

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", FloorKind(self.kind))  # "within" is as good as FloorKind.WITHIN
        check_at_least("The quality floor", self.amount, 0.0)
        if self.kind is FloorKind.BEST_SHARE and not 0 < self.amount <= 1:
            raise SpaceError(f"The best share must lie above 0 and at most at 1, got {self.amount}.")

    def passing(self, found: Candidates) -> np.ndarray:
        """Whether each candidate passes, (n,); the best always does, one with an infinite score never."""
        finite = np.isfinite(found.scores)
        if not finite.any():
            return finite
        if self.kind is FloorKind.WITHIN_PERCENT:
            return finite & (gaps_to_best(found) <= self.amount / 100 + _ROUNDING)
        if self.kind is FloorKind.WITHIN:
            return finite & (found.scores <= found.scores[finite].min() + self.amount)
        n_kept = max(1, int(np.ceil(self.amount * finite.sum())))
        return finite & (found.scores <= np.sort(found.scores[finite])[n_kept - 1])


def gaps_to_best(found: Candidates) -> np.ndarray:
    """How far each candidate's score lies behind the best one's, as a share of the best's size, (n,).

    That size is the best score without its penalties, in amount: how far the best outcome lies from zero, or from the
    value searched for, in standard deviations of the objective; 1 at least. The gap of the best is 0, that of a
    candidate without a finite score infinite.
    """
    finite = np.isfinite(found.scores)
    if not finite.any():
        return np.full(len(found), np.inf)
    best = int(np.where(finite, found.scores, np.inf).argmin())
    size = max(abs(float(found.scores[best] - found.penalties[best])), 1.0)
    return np.where(finite, (np.where(finite, found.scores, 0.0) - found.scores[best]) / size, np.inf)
