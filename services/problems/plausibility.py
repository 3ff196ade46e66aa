"""How believable candidates and recorded rows are: plausibility, a second check, and whether the two agree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np

from models import Dataset
from optimizer import Feature, Plausibility, disagrees
from optimizer.plausibility.neighbours import Neighbours
from services.problems.penalties import PlausibilityFactory, build_plausibility, left_out
from services.specs.run import PlausibilitySpec, RunSpec


class PlausibilityFields(TypedDict):
    """The fields of a set of results that say how believable its rows are."""

    plausibility: tuple[float, ...]
    second_check: tuple[float, ...]
    disagrees: tuple[bool, ...]


@dataclass(frozen=True)
class PlausibilityCheck:
    """The measure that the search saw, or would have seen, and one that it did not.

    Attributes:
        first: plausibility by the measure of the run.
        second: by another.
    """

    first: Plausibility
    second: Plausibility

    @classmethod
    def of(
        cls,
        spec: RunSpec,
        dataset: Dataset,
        features: Sequence[Feature],
        make_plausibility: PlausibilityFactory = build_plausibility,
    ) -> "PlausibilityCheck":
        """Return the judges of a run, also of one that asks for no plausibility.

        Args:
            spec: the run.
            dataset: its recorded rows.
            features: of the search space.
            make_plausibility: gives the first of them.

        Raises:
            SpaceError: no two recorded rows differ in what counts.
            DatasetError: a feature that is left out does not exist.
        """
        asked = spec.plausibility or PlausibilitySpec()
        columns = dataset.indices(left_out(spec, asked.left_out))
        second = Plausibility.second_check(dataset.X, features, first=asked.measure, left_out=columns)
        return cls(make_plausibility(spec, dataset, features), second)

    def of_candidates(self, X: np.ndarray) -> PlausibilityFields:
        """Return what to believe of candidates (n, d)."""
        return self._fields(self.first.percent(X), X)

    def of_recorded(self, X: np.ndarray) -> PlausibilityFields:
        """Return what to believe of recorded rows (n, d), each as if it had not been recorded."""
        measure = self.first.measure
        if not isinstance(measure, Neighbours):  # the others look at the whole, in which one row is nothing
            return self.of_candidates(X)
        scaled = self.first.scaling.scaled(X)
        others = [replace(measure, rows=measure.rows[(measure.rows != row).any(axis=1)]) for row in scaled]
        unusual = [each.unusualness(row[None]) for each, row in zip(others, scaled, strict=True)]
        return self._fields(self.first.percent_at(np.array(unusual).reshape(-1)), X)

    def _fields(self, percent: np.ndarray, X: np.ndarray) -> PlausibilityFields:
        second = self.second.percent(X)
        return PlausibilityFields(
            plausibility=tuple(percent.tolist()),
            second_check=tuple(second.tolist()),
            disagrees=tuple(disagrees(percent, second).tolist()),
        )
