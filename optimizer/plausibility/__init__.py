"""How believable a candidate is against the recorded rows: measures of unusualness, and percentages made of them."""

from optimizer.plausibility.plausibility import DEFAULT_MEASURE, MEASURES, Measure, MeasureName, Plausibility, disagrees

__all__ = ["DEFAULT_MEASURE", "MEASURES", "Measure", "MeasureName", "Plausibility", "disagrees"]
