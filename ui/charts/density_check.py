"""The density check: do results weigh what recorded rows weigh? Its numbers; `density_drawing` draws them."""

from typing import NamedTuple

import numpy as np

from services.results import ResultSet, RunResult
from ui.charts.binning import Bins, numeric_bins
from ui.charts.look import padded
from ui.charts.words import format_number, format_range


class Strip(NamedTuple):
    """Marks of one kind on the axis of densities.

    Attributes:
        label: what they are.
        names: one per mark.
        densities: (k,) in the unit of the parts.
        outcomes: (k,) predicted objectives.
        is_believable: False for the search without penalty.
        is_result: whether these are the results, in their colours.
    """

    label: str
    names: tuple[str, ...]
    densities: np.ndarray
    outcomes: np.ndarray
    is_believable: bool
    is_result: bool


class DensityCheckInfo(NamedTuple):
    """Numbers of the density check.

    Attributes:
        bins: recorded densities.
        unit: of all densities.
        target: usual density.
        tolerance: one unit of penalty.
        strips: from top to bottom; the results are the last.
        low: left end of the axis.
        high: right end of the axis.
        objective_name: what was searched for.
        objective_unit: its unit.
    """

    bins: Bins
    unit: str
    target: float
    tolerance: float
    strips: tuple[Strip, ...]
    low: float
    high: float
    objective_name: str
    objective_unit: str


def density_check_info(result: RunResult) -> DensityCheckInfo | None:
    """Return the numbers of the density check, or None for a table without parts."""
    density = result.density
    if density is None or not density.recorded:
        return None
    spec = result.spec.density
    is_penalised = spec is not None and spec.weight > 0
    recorded_rows = result.best_recorded.rows or tuple(range(1, len(result.best_recorded) + 1))
    strips = [_strip("Best recorded", "Row {}", result.best_recorded, recorded_rows)]
    if result.unpenalised is not None:
        strips.append(_strip("Without penalty", "Without penalty {}", result.unpenalised, is_believable=False))
    strips.append(_strip("With penalty" if is_penalised else "Results", "Result {}", result.results, is_result=True))
    strips = [strip for strip in strips if len(strip.densities)]
    bins = numeric_bins(np.array(density.recorded, dtype=float))
    ends = [bins.edges, [density.target - density.tolerance, density.target + density.tolerance]]
    everything = np.concatenate([*ends, *(strip.densities for strip in strips)])
    everything = everything[np.isfinite(everything)]
    low, high = padded(float(everything.min()), float(everything.max()))
    return DensityCheckInfo(
        bins=bins,
        unit=density.unit,
        target=density.target,
        tolerance=density.tolerance,
        strips=tuple(strips),
        low=low,
        high=high,
        objective_name=result.objective_name,
        objective_unit=result.objective_unit,
    )


def density_check_alt(info: DensityCheckInfo) -> str:
    """Return the density check in a sentence."""
    kinds = "; ".join(f"{strip.label.lower()} {format_range(strip.densities, info.unit)}" for strip in info.strips)
    return (
        f"Density check: recorded rows have {format_range(info.bins.edges, info.unit)}, usual is "
        f"{usual_text(info, info.unit)}; {kinds}."
    )


def usual_text(info: DensityCheckInfo, unit: str) -> str:
    """Return target and tolerance, the latter with no more digits than the former."""
    n_digits = len(format_number(info.target).partition(".")[2])
    tolerance = round(info.tolerance, n_digits) or info.tolerance
    return f"{format_number(info.target)} ± {format_number(tolerance, unit)}"


def _strip(
    label: str,
    name: str,
    rows: ResultSet,
    numbers: tuple[int, ...] | None = None,
    *,
    is_believable: bool = True,
    is_result: bool = False,
) -> Strip:
    numbers = numbers or tuple(range(1, len(rows) + 1))
    return Strip(
        label=label,
        names=tuple(name.format(number) for number in numbers),
        densities=np.array(rows.densities or (), dtype=float),
        outcomes=np.array(rows.outcomes, dtype=float),
        is_believable=is_believable,
        is_result=is_result,
    )
