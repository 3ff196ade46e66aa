"""A second opinion on plausibility, by a measure that the search never saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.features.features import Feature
from optimizer.features.scaling import Scaling
from optimizer.plausibility.measure import Measure
from optimizer.plausibility.measures import DEFAULT_MEASURE, MeasureName, measure_named
from optimizer.plausibility.mixture import Mixture
from optimizer.plausibility.neighbours import Neighbours
from optimizer.plausibility.plausibility import WHAT, Plausibility
from optimizer.plausibility.regions import mixture_by_regions

RARE_BELOW = 10.0  # percent: hardly any recorded row is more unusual
USUAL_FROM = 20.0  # percent: twice as many are

_OTHER: dict[MeasureName, Callable[[np.ndarray], Measure]] = {
    MeasureName.REGIONS: mixture_by_regions,
    MeasureName.NEIGHBOURS: Mixture.of_rows,  # what lies near by, and the shape of the whole
    MeasureName.MIXTURE: Neighbours.of_rows,
    MeasureName.TREES: Neighbours.of_rows,
}


@dataclass(frozen=True, eq=False)
class SecondCheck:
    """Plausibility by another measure: a search finds the weak spots of the measure that it sees, not of this one.

    Attributes:
        plausibility: by the other measure, over the same columns.
    """

    plausibility: Plausibility

    @classmethod
    def of_rows(
        cls,
        rows: np.ndarray,
        features: Sequence[Feature],
        *,
        first: str = DEFAULT_MEASURE,
        left_out: Sequence[int] = (),
    ) -> "SecondCheck":
        """Return the check beside a first measure: by a mixture beside distances, by distances beside the others.

        Beside regions, recorded rows are judged by mixtures of other regions as well.

        Args:
            rows: (r, d) recorded rows, categories as codes.
            features: the d features.
            first: the measure that the search sees.
            left_out: columns that do not count.

        Raises:
            SpaceError: there is no such measure, or the rows cannot be judged; see `Plausibility.of_rows`.
        """
        make = _OTHER[measure_named(first)]
        scaling = Scaling.of_rows(rows, features, left_out, WHAT)
        return cls(Plausibility(scaling, make(scaling.scaled(scaling.different(rows)))))

    def percent(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) the share of recorded rows that are more unusual than each candidate (n, d), 0 to 100."""
        return self.plausibility.percent(X)


def disagrees(first_percent: np.ndarray, second_percent: np.ndarray) -> np.ndarray:
    """Return (n,) whether two opinions differ: one below 10 %, which calls a candidate rare, the other at 20 % or more.

    Args:
        first_percent: (n,) plausibilities by the measure that the search saw.
        second_percent: (n,) by the other.
    """
    lower, upper = np.minimum(first_percent, second_percent), np.maximum(first_percent, second_percent)
    return (lower < RARE_BELOW) & (upper >= USUAL_FROM)
