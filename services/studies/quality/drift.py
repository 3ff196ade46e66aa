"""Whether the outcome drifts along the order in which the rows were made, beyond what a model explains."""

import numpy as np

from models import Dataset
from services.specs.base import Spec

_CHANCE = 0.01
_MATERIAL = 0.25  # of the outcome's standard deviation, from the first row to the last
_MIN_ROWS = 10


class DriftInfo(Spec):
    """A trend of measured minus predicted outcomes along an order.

    Attributes:
        label: that tells the order.
        change: from the first row to the last, by the straight line through all, in the outcome's unit.
        correlation: by ranks (Spearman), between -1 and 1.
        chance: how often chance alone makes it as strong.
    """

    label: str
    change: float
    correlation: float
    chance: float


def find_drift(dataset: Dataset, predicted: np.ndarray) -> DriftInfo | None:
    """The drift along the table's order, or None without one, or where it may be chance or does not matter.

    Args:
        predicted: (n,) of the recorded rows, at best while they were held out.
    """
    if dataset.order is None:
        return None
    places = dataset.label(dataset.order).ranks
    known = places >= 0
    errors, places = (dataset.y - predicted)[known], places[known]
    if known.sum() < _MIN_ROWS or np.ptp(places) == 0 or np.ptp(errors) == 0:
        return None
    from scipy.stats import spearmanr

    found = spearmanr(places, errors)
    slope = np.polyfit(places, errors, 1)[0]
    change = float(slope * np.ptp(places))
    if found.pvalue >= _CHANCE or abs(change) < _MATERIAL * dataset.y.std() or change * found.statistic <= 0:
        return None
    return DriftInfo(label=dataset.order, change=change, correlation=float(found.statistic), chance=float(found.pvalue))
