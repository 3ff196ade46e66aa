"""The price of realism: the outcome of each set of results against how believable the set is."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from services.tune import TuneFigures, TuneResult
from services.tune.dials import DIALS, Dial
from ui.charts.words import counted, format_number


class Against(StrEnum):
    """What the outcome is paid for."""

    PLAUSIBILITY = "plausibility"
    DENSITY = "density_deviation"
    INTERVAL = "interval_width"


class Axis(NamedTuple):
    """How something that the outcome is paid for is drawn.

    Attributes:
        name: of the axis.
        unit: of its values; "" for the objective's.
        hint: what it means to lie farther right.
        least_span: below which differences are of no interest; NaN for a fifth of the largest value.
    """

    name: str
    unit: str
    hint: str
    least_span: float


AXES = {
    Against.DENSITY: Axis(
        "mean distance from the usual density", "tolerances", "farther right: less like the recorded rows", 1.0
    ),
    Against.PLAUSIBILITY: Axis("mean plausibility", "%", "farther right: more believable", 10.0),
    Against.INTERVAL: Axis("mean width of the intervals", "", "farther right: the model is less sure", float("nan")),
}
_OWN = {
    Dial.DENSITY: Against.DENSITY,
    Dial.DISTANCE: Against.PLAUSIBILITY,
    Dial.PLAUSIBILITY: Against.PLAUSIBILITY,
    Dial.GATE: Against.PLAUSIBILITY,
    Dial.REACH: Against.PLAUSIBILITY,
    Dial.CAUTION: Against.INTERVAL,
}


class PriceInfo(NamedTuple):
    """Numbers of one curve.

    Attributes:
        settings: (n,) ascending settings of the dial that have results.
        costs: (n,) what is on the x axis: means over each set of results.
        means: (n,) mean predicted objective of each set.
        bests: (n,) predicted objective of the best of each set.
        n_results: (n,) how many results each set has.
        present: setting that the run has, NaN where it is not on the curve.
        chosen: setting whose results are shown, NaN for none.
        best_recorded: objective of the best recorded row by the model, NaN without one.
        dial: what is turned, in words.
        dial_unit: of its settings.
        against: what the x axis shows.
        name: of the objective.
        unit: of the objective.
    """

    settings: np.ndarray
    costs: np.ndarray
    means: np.ndarray
    bests: np.ndarray
    n_results: np.ndarray
    present: float
    chosen: float
    best_recorded: float
    dial: str
    dial_unit: str
    against: Against
    name: str
    unit: str


def price_axes(tuned: TuneResult) -> tuple[Against, ...]:
    """Return what the outcome can be drawn against: what sets of results were measured by, the dial's own first."""
    figures = [point.figures for point in tuned.points]
    own = _OWN[tuned.spec.dial]
    order = sorted(Against, key=lambda against: against is not own)
    return tuple(a for a in order if any(_cost(one, a) is not None for one in figures))


def price_info(
    tuned: TuneResult, against: Against, *, present: float | None = None, chosen: float | None = None
) -> PriceInfo | None:
    """Return the curve of a tuning, or None while no set of results has what it is drawn against.

    Args:
        tuned: the points that are done.
        against: what the x axis shows.
        present: setting in use; by default that of the run.
        chosen: setting whose results are shown beside it.
    """
    points = [p for p in tuned.curve if p.figures.mean is not None and _cost(p.figures, against) is not None]
    if not points:
        return None
    first, dial = points[0].result, DIALS[tuned.spec.dial]
    settings = np.array([point.weight for point in points])
    recorded = first.best_recorded.outcomes

    def on_curve(setting: float | None) -> float:
        return setting if setting is not None and setting in settings else float("nan")

    return PriceInfo(
        settings=settings,
        costs=np.array([_cost(point.figures, against) for point in points], dtype=float),
        means=np.array([point.figures.mean for point in points], dtype=float),
        bests=np.array([point.figures.best for point in points], dtype=float),
        n_results=np.array([len(point.result.results) for point in points]),
        present=on_curve(tuned.spec.present if present is None else present),
        chosen=on_curve(chosen),
        best_recorded=recorded[0] if recorded else float("nan"),
        dial=dial.label,
        dial_unit=dial.unit,
        against=against,
        name=first.objective_short,
        unit=first.objective_unit,
    )


def price_alt(info: PriceInfo) -> str:
    """Return the curve in a sentence."""
    axis = AXES[info.against]
    ends = [
        f"{format_number(info.means[k], info.unit)} at {setting_label(info, k)} ({axis.name} "
        f"{format_number(info.costs[k], axis.unit or info.unit)})"
        for k in ([0, len(info.settings) - 1] if len(info.settings) > 1 else [0])
    ]
    text = f"Mean predicted {info.name} of {counted(len(info.settings), 'set')} of results: {' to '.join(ends)}"
    if np.isfinite(info.best_recorded):
        text += f"; the best recorded row has {format_number(info.best_recorded, info.unit)}"
    return text + "."


def setting_label(info: PriceInfo, k: int) -> str:
    """Return the setting of a point with its dial, such as "density penalty 0.5"."""
    unit = f" {info.dial_unit}" if info.dial_unit else ""
    return f"{info.dial.lower()} {info.settings[k]:g}{unit}"


def _cost(figures: TuneFigures, against: Against) -> float | None:
    """Return what a set of results has on the x axis."""
    value: float | None = getattr(figures, against.value)
    return value
