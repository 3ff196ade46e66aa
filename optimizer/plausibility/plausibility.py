"""From a measure's numbers to a percentage that people understand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_matrix
from optimizer.features.features import Feature
from optimizer.features.scaling import Scaling
from optimizer.plausibility.measure import Measure
from optimizer.plausibility.measures import DEFAULT_MEASURE, MEASURES, measure_named

MEDIAN, RARE = 50.0, 5.0  # percentages between which lies one unit of unusualness
WHAT = "plausibility"


@dataclass(frozen=True, eq=False)
class Plausibility:
    """How believable candidates are: the share of recorded rows that are more unusual.

    Recorded rows are judged as if they had not been recorded, each by the others, and equal rows count once: otherwise
    each would be its own neighbour. The same rows give the same numbers.

    Attributes:
        scaling: which columns count, and their units.
        measure: of unusualness.
    """

    scaling: Scaling
    measure: Measure

    @classmethod
    def of_rows(
        cls,
        rows: np.ndarray,
        features: Sequence[Feature],
        *,
        measure: str = DEFAULT_MEASURE,
        left_out: Sequence[int] = (),
    ) -> "Plausibility":
        """Return the plausibility by recorded rows.

        Args:
            rows: (r, d) recorded rows, categories as codes.
            features: the d features, frozen ones among them: they count too.
            measure: one of `MEASURES`: "neighbours", "mixture" or "trees".
            left_out: columns that do not count, such as the sweep feature of a curve.

        Raises:
            SpaceError: there is no such measure, there are no rows or they have gaps, or no two differ in what counts.
        """
        make = MEASURES[measure_named(measure)]
        scaling = Scaling.of_rows(rows, features, left_out, WHAT)
        return cls(scaling, make(scaling.scaled(scaling.different(rows))))

    def unusualness(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how unusual candidates (n, d) are, in the measure's unit."""
        check_matrix("X", X, len(self.scaling.stds))
        return self.measure.unusualness(self.scaling.scaled(X))

    def unusualness_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) how unusual candidates are, and its gradient (n, d) per unit of every feature.

        0 for categories, for what does not count, and everywhere for a measure that goes in steps ("trees").
        """
        check_matrix("X", X, len(self.scaling.stds))
        values, slopes = self.measure.unusualness_with_gradient(self.scaling.scaled(X))
        return values, self.scaling.unscaled_gradient(slopes)

    def percent(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) the share of recorded rows that are more unusual than each candidate, 0 to 100.

        The empirical distribution of the recorded rows, joined by lines, so that less unusual is always more plausible.
        """
        return self.percent_at(self.unusualness(X))

    def percent_at(self, unusualness: np.ndarray) -> np.ndarray:
        """Return (n,) the percentages of this much unusualness (n,); NaN where that is."""
        values, shares = self._distribution
        return np.interp(unusualness, values, shares)

    def level(self, percent: float) -> float:
        """Return the unusualness at which so many percent of the recorded rows are more unusual.

        Raises:
            SpaceError: the percentage is not between 0 and 100.
        """
        if not 0 <= percent <= 100:
            raise SpaceError(f"A plausibility lies between 0 and 100 %, got {percent}.")
        values, shares = self._distribution
        return float(np.interp(-percent, -shares, values))

    @cached_property
    def unit(self) -> float:
        """How much more unusual a rare row is than a usual one: where 5 % are more unusual, against the median."""
        return max(self.level(RARE) - self.level(MEDIAN), self.measure.grain)

    @cached_property
    def _distribution(self) -> tuple[np.ndarray, np.ndarray]:
        """Values of unusualness, rising, and the percentage at each, falling from 100 to 0."""
        recorded = self.measure.recorded
        values, counts = np.unique(recorded, return_counts=True)
        middle = np.cumsum(counts) - counts / 2  # of the ranks of equal ones
        grain = self.measure.grain
        values = np.concatenate([values[:1] - grain, values, values[-1:] + grain])
        return values, 100 * (1 - np.concatenate([[0.0], middle / len(recorded), [1.0]]))
