"""How believable a candidate is: the share of recorded rows that are more unusual, by one of several measures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np

from optimizer.checks import SpaceError, check_choice, check_matrix
from optimizer.features import Feature, Scaling, evenly
from optimizer.plausibility.measures import Mixture, Neighbours, Trees, fitted

N_REGIONS = 5  # into which recorded rows are divided, to be judged by those of the others
MAX_ROWS = 5_000  # recorded rows divided into regions, evenly spaced
_SEED = 0


class Measure(Protocol):
    """How unusual candidates are against the recorded rows, in a unit of the measure's own; larger is more unusual.

    It looks at scaled rows only (`Scaling.scaled`), is made from such rows, and gives the same numbers for the same
    ones: whatever chance it needs comes from a seed of its own.
    """

    @property
    def recorded(self) -> np.ndarray:
        """Unusualness of recorded rows, each judged by the others, (m,): had it not been recorded."""

    @property
    def grain(self) -> float:
        """The smallest difference that means anything, above 0: the unit where all recorded rows are alike."""

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """How unusual scaled rows (n, p) are, (n,)."""

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How unusual scaled rows are, and its gradient (n, p) by their columns, (n,).

        At a kink it is the gradient of one of the pieces that meet there; 0 where a measure goes in steps.
        """


def neighbours_by_regions(scaled: np.ndarray) -> Neighbours:
    """The measure of `Neighbours` with recorded rows judged by those of other regions, of scaled rows (r, p).

    Rows mostly come in families: variations of a recipe, a week on one setting. Judged by its own family, a row says
    only how finely that was varied, and whatever is new would be called implausible. Judged by the other families it
    says how far apart the things are that were really made. Regions are the clusters of K-Means, five at most.
    """

    def judge(rows: np.ndarray, judged: np.ndarray) -> np.ndarray:
        return Neighbours.unjudged(rows).unusualness(judged)

    alone = Neighbours.of_rows(scaled)
    recorded = _judged(scaled, judge)
    return alone if recorded is None else replace(alone, recorded=recorded)


def mixture_by_regions(scaled: np.ndarray) -> Mixture:
    """The measure of `Mixture` with recorded rows judged by mixtures of the other regions."""
    alone = Mixture.of_rows(scaled)
    n_components = len(alone.mixture.log_weights)

    def judge(rows: np.ndarray, judged: np.ndarray) -> np.ndarray:
        return -fitted(rows, min(n_components, len(rows))).log_density(judged)

    recorded = _judged(scaled, judge)
    return alone if recorded is None else replace(alone, recorded=recorded)


def _judged(scaled: np.ndarray, judge: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray | None:
    """Unusualness of the rows of each region by the rows of the others, (m,); None for too few rows."""
    from scipy.cluster.vq import kmeans2  # takes a while to import, and only judging needs it

    rows = scaled[evenly(len(scaled), MAX_ROWS)]
    n_regions = min(N_REGIONS, len(rows) // 2)
    if n_regions < 2:
        return None
    owner = kmeans2(rows, n_regions, minit="++", rng=np.random.default_rng(_SEED), missing="warn")[1]
    parts = [
        judge(rows[owner != region], rows[owner == region])
        for region in range(n_regions)
        if (owner == region).any() and (owner != region).sum() >= 2
    ]
    return np.concatenate(parts) if parts else None


class MeasureName(StrEnum):
    """How unusualness is measured."""

    REGIONS = "regions"
    NEIGHBOURS = "neighbours"
    MIXTURE = "mixture"
    TREES = "trees"


MEASURES: dict[MeasureName, Callable[[np.ndarray], Measure]] = {
    MeasureName.REGIONS: neighbours_by_regions,
    MeasureName.NEIGHBOURS: Neighbours.of_rows,
    MeasureName.MIXTURE: Mixture.of_rows,
    MeasureName.TREES: Trees.of_rows,
}
"""What makes each measure from different scaled rows (r, p)."""

SECOND_MEASURES: dict[MeasureName, Callable[[np.ndarray], Measure]] = {
    MeasureName.REGIONS: mixture_by_regions,  # recorded rows judged by mixtures of other regions
    MeasureName.NEIGHBOURS: Mixture.of_rows,  # what lies near by, and the shape of the whole
    MeasureName.MIXTURE: Neighbours.of_rows,
    MeasureName.TREES: Neighbours.of_rows,
}
"""What makes the measure of a second check beside each: a mixture beside distances, distances beside the others."""

DEFAULT_MEASURE = MeasureName.REGIONS


MEDIAN, RARE = 50.0, 5.0  # percentages between which lies one unit of unusualness
RARE_BELOW = 10.0  # percent: hardly any recorded row is more unusual
USUAL_FROM = 20.0  # percent: twice as many are


@dataclass(frozen=True, eq=False)
class Plausibility:
    """How believable candidates are: the share of recorded rows that are more unusual.

    The recorded rows that a candidate is compared with are judged as if they had not been recorded, each by the others,
    and equal rows count once: otherwise each would be its own neighbour. The same rows give the same numbers.

    Attributes:
        scaling: which columns count, and their units.
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
        measures: Mapping[MeasureName, Callable[[np.ndarray], Measure]] = MEASURES,
    ) -> "Plausibility":
        """The plausibility by recorded rows.

        Args:
            rows: (r, d) recorded rows, categories as codes.
            features: the d features, frozen ones among them: they count too.
            measure: one of `MEASURES`: "neighbours", "mixture" or "trees".
            left_out: columns that do not count, such as the sweep feature of a curve.
            measures: what makes the measure of each name.

        Raises:
            SpaceError: there is no such measure, there are no rows or they have gaps, or no two differ in what counts.
        """
        make = measures[check_choice("Plausibility is measured by", measure, MeasureName)]
        scaling = Scaling.of_rows(rows, features, left_out, "plausibility")
        return cls(scaling, make(scaling.scaled(scaling.different(rows))))

    @classmethod
    def second_check(
        cls,
        rows: np.ndarray,
        features: Sequence[Feature],
        *,
        first: str = DEFAULT_MEASURE,
        left_out: Sequence[int] = (),
    ) -> "Plausibility":
        """Plausibility by another measure than the ``first`` one, which the search sees; otherwise as `of_rows`.

        A search finds the weak spots of the measure that it sees, not of this one.
        """
        return cls.of_rows(rows, features, measure=first, left_out=left_out, measures=SECOND_MEASURES)

    def unusualness(self, X: np.ndarray) -> np.ndarray:
        """How unusual candidates (n, d) are, in the measure's unit, (n,)."""
        check_matrix("X", X, len(self.scaling.stds))
        return self.measure.unusualness(self.scaling.scaled(X))

    def unusualness_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How unusual candidates are, and its gradient (n, d) per unit of every feature, (n,).

        0 for categories, for what does not count, and everywhere for a measure that goes in steps ("trees").
        """
        check_matrix("X", X, len(self.scaling.stds))
        values, slopes = self.measure.unusualness_with_gradient(self.scaling.scaled(X))
        return values, self.scaling.unscaled_gradient(slopes)

    def percent(self, X: np.ndarray) -> np.ndarray:
        """The share of recorded rows that are more unusual than each candidate, (n,); 0 to 100.

        The empirical distribution of the recorded rows, joined by lines, so that less unusual is always more plausible.
        """
        return self.percent_at(self.unusualness(X))

    def percent_at(self, unusualness: np.ndarray) -> np.ndarray:
        """The percentages of this much unusualness (n,), (n,); NaN where that is."""
        values, shares = self._distribution
        return np.interp(unusualness, values, shares)

    def level(self, percent: float) -> float:
        """The unusualness at which so many percent of the recorded rows are more unusual.

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


def disagrees(first_percent: np.ndarray, second_percent: np.ndarray) -> np.ndarray:
    """Whether two opinions differ, (n,): one below 10 %, which calls a candidate rare, the other at 20 % or more.

    Args:
        first_percent: (n,) plausibilities by the measure that the search saw.
        second_percent: (n,) by the other.
    """
    lower, upper = np.minimum(first_percent, second_percent), np.maximum(first_percent, second_percent)
    return (lower < RARE_BELOW) & (upper >= USUAL_FROM)
