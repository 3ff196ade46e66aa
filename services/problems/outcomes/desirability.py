"""Several goals as one number: how desirable each is, and all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import Goal, SpaceError
from optimizer.problem.objective import Field
from services.specs.outcomes import OutcomeSpec


@dataclass(frozen=True, slots=True)
class Ramp:
    """How desirable an outcome is: 0 at its worst, 1 at its best, and straight between them.

    G. Derringer and R. Suich, "Simultaneous Optimization of Several Response Variables", Journal of Quality Technology
    12 (1980), 214-219, with exponents of 1.

    Attributes:
        worst: where it is 0; of a value that is searched for, so far on either side.
        best: where it is 1.
        importance: of the outcome beside others.
        is_value: whether ``best`` is to be met, so that it falls on both sides.
    """

    name: str
    worst: float
    best: float
    importance: float
    is_value: bool

    def of(self, values: np.ndarray) -> np.ndarray:
        """How desirable values (n,) are, 0 to 1."""
        return np.clip(self._shares(values), 0.0, 1.0)

    def slopes(self, values: np.ndarray) -> np.ndarray:
        """(n,) how fast that rises with the value."""
        shares, slope = self._shares(values), 1.0 / (self.best - self.worst)
        if self.is_value:
            return np.where(shares > 0, np.sign(self.best - values) * abs(slope), 0.0)
        return np.where((shares > 0) & (shares < 1), slope, 0.0)

    @property
    def bounds(self) -> tuple[tuple[float, bool], ...]:
        """Where desirability ends: each number, and whether values have to be above it."""
        if not self.is_value:
            return ((self.worst, self.best > self.worst),)
        reach = abs(self.best - self.worst)
        return (self.best - reach, True), (self.best + reach, False)

    def _shares(self, values: np.ndarray) -> np.ndarray:
        if self.is_value:
            return 1.0 - np.abs(values - self.best) / abs(self.best - self.worst)
        return (values - self.worst) / (self.best - self.worst)


def ramps_of(asked: Sequence[OutcomeSpec], recorded: Mapping[str, np.ndarray]) -> tuple[Ramp, ...]:
    """How desirable each goal among outcomes is; by default from the worst to the best recorded value.

    Args:
        recorded: (r,) values of each outcome, by its name; NaN where they are not known.

    Raises:
        SpaceError: worst and best are the same, or the wrong way round.
    """
    return tuple(_ramp(each, recorded[each.name]) for each in asked if each.goal is not None)


def _ramp(outcome: OutcomeSpec, values: np.ndarray) -> Ramp:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
    if outcome.goal is Goal.VALUE:
        best = outcome.value if outcome.value is not None else np.nan
        far = high if high - best > best - low else low
        worst = far if outcome.worst is None else outcome.worst
        return _checked(Ramp(outcome.name, worst, best, outcome.importance, is_value=True))
    worst, best = (low, high) if outcome.goal is Goal.MAXIMUM else (high, low)
    worst = worst if outcome.worst is None else outcome.worst
    best = best if outcome.best is None else outcome.best
    if (best < worst) == (outcome.goal is Goal.MAXIMUM) and best != worst:
        raise SpaceError(
            f"'{outcome.name}' is to be {'as high' if outcome.goal is Goal.MAXIMUM else 'as low'} as possible, and its "
            f"best of {best:g} is {'below' if best < worst else 'above'} its worst of {worst:g}: swap the two."
        )
    return _checked(Ramp(outcome.name, worst, best, outcome.importance, is_value=False))


def _checked(ramp: Ramp) -> Ramp:
    if not np.isfinite([ramp.worst, ramp.best]).all() or ramp.worst == ramp.best:
        raise SpaceError(
            f"The desirability of '{ramp.name}' rises from its worst to its best value, got {ramp.worst:g} and "
            f"{ramp.best:g}: set two different numbers."
        )
    return ramp


def desirability(ramps: tuple[Ramp, ...], values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The weighted geometric mean (n,) of how desirable each goal is; 0 where one is at its worst."""
    shares = np.stack([ramp.of(values[ramp.name]) for ramp in ramps])
    weights = np.array([ramp.importance for ramp in ramps], dtype=float)
    weights /= weights.sum()
    with np.errstate(divide="ignore"):
        return np.exp(weights @ np.log(shares))


def desirability_with_gradient(ramps: tuple[Ramp, ...], fields: Mapping[str, Field]) -> Field:
    """What `desirability` gives, and its gradient (n, d); 0 where it is 0, which has no slope."""
    value = desirability(ramps, {name: values for name, (values, _) in fields.items()})
    total = sum(ramp.importance for ramp in ramps)
    gradient = np.zeros(next(iter(fields.values()))[1].shape)
    for ramp in ramps:
        values, slopes = fields[ramp.name]
        share = ramp.of(values)
        rise = np.divide(ramp.slopes(values), share, out=np.zeros(len(values)), where=(share > 0) & (value > 0))
        gradient += (ramp.importance / total * value * rise)[:, None] * slopes
    return value, gradient
