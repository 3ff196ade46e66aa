"""How believable a candidate is against the recorded rows: measures of unusualness, and percentages made of them."""

from optimizer.plausibility.measure import Measure
from optimizer.plausibility.measures import DEFAULT_MEASURE, MEASURES, MeasureName
from optimizer.plausibility.plausibility import Plausibility
from optimizer.plausibility.second_check import SecondCheck, disagrees

__all__ = ["DEFAULT_MEASURE", "MEASURES", "Measure", "MeasureName", "Plausibility", "SecondCheck", "disagrees"]
