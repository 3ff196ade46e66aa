"""The measures of unusualness by name."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from optimizer.checks import check_choice
from optimizer.plausibility.measure import Measure
from optimizer.plausibility.mixture import Mixture
from optimizer.plausibility.neighbours import Neighbours
from optimizer.plausibility.regions import neighbours_by_regions
from optimizer.plausibility.trees import Trees


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

DEFAULT_MEASURE = MeasureName.REGIONS


def measure_named(name: str) -> MeasureName:
    """Return the measure that a word names.

    Raises:
        SpaceError: there is none.
    """
    return check_choice("Plausibility is measured by", name, MeasureName)
