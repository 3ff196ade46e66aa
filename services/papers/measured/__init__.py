"""What was measured of results: kept with the run, compared with the predictions, joined to the table, learned from."""

from services.papers.measured.kept import (
    PAPER,
    Measured,
    Measurement,
    change_measured,
    checked,
    measured_of,
    measurement_name,
    swept_feature,
    usual_point,
)

__all__ = [
    "PAPER",
    "Measured",
    "Measurement",
    "change_measured",
    "checked",
    "measured_of",
    "measurement_name",
    "swept_feature",
    "usual_point",
]
