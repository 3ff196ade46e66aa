"""A tuning as tables: the curve, one row per setting, and all sets of results below one another."""

import pandas as pd

from services.digits import label
from services.naming import result_names
from services.sheets import set_frame
from services.tune import TunePoint, TuneResult
from services.tune.dials import DIALS


def curve_frame(tuned: TuneResult) -> pd.DataFrame:
    """Return the curve as a table: one row per setting from the lowest to the highest, only what could be measured."""
    points = tuned.curve
    if not points:
        return pd.DataFrame({setting_header(tuned): []})
    result = points[0].result
    name, unit = result.objective_short, result.objective_unit
    columns: dict[str, list[float | int | None]] = {
        setting_header(tuned): [point.weight for point in points],
        "results": [len(point.result.results) for point in points],
        label(f"best predicted {name}", unit): [point.figures.best for point in points],
        label(f"mean predicted {name}", unit): [point.figures.mean for point in points],
        label("density deviation", "tolerances"): [point.figures.density_deviation for point in points],
        label("plausibility", "%"): [point.figures.plausibility for point in points],
        label("least plausibility", "%"): [point.figures.least_plausibility for point in points],
        label("interval width", unit): [point.figures.interval_width for point in points],
        label("search", "s"): [point.result.tally.seconds for point in points],
    }
    known = {header: values for header, values in columns.items() if any(value is not None for value in values)}
    return pd.DataFrame(known)


def sets_frame(tuned: TuneResult) -> pd.DataFrame:
    """Return the results of every setting below one another, named by the setting they belong to."""
    header = setting_header(tuned)
    frames = [_set(point, header) for point in tuned.curve if len(point.result.results)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({header: []})


def setting_header(tuned: TuneResult) -> str:
    """Return what the column of settings is called."""
    info = DIALS[tuned.spec.dial]
    return label(info.label.lower(), info.unit)


def _set(point: TunePoint, header: str) -> pd.DataFrame:
    frame = set_frame(point.result, point.result.results, result_names(len(point.result.results)))
    frame.insert(0, header, point.weight)
    return frame
