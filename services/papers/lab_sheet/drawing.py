"""A predicted curve with its interval as an inline SVG, black on white and readable in grey."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.catalog.loading import ModelWithData, curve_bands
from services.papers.markup import Markup, element
from services.specs.digits import common_decimals, label, number_words
from services.specs.results import RunResult

WIDTH, HEIGHT = 340.0, 210.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 58.0, 12.0, 34.0
_LINE = 12.0  # between two labels at the ends of the curves
_MAX_LABEL = 11
MAX_POINTS = 4
_SHARE = 0.04  # of the recorded rows: what fewer were measured at is no habit


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """The predicted curves of the results with their intervals, and where laboratories of this table usually measure.

    Attributes:
        low: (k, m) lower ends on the grid of the result, in the outcome's unit; NaN where the model cannot tell.
        high: (k, m) upper ends of it.
        points: sweep values that many recorded rows were measured at, ascending.
    """

    low: np.ndarray
    high: np.ndarray
    points: tuple[float, ...]


def bands_of(result: RunResult, model_data: ModelWithData) -> Bands | None:
    """Intervals along the curves of a result, at its level; None where it has no curve or no results.

    Args:
        model_data: what the run names; a model that answers in a worker only leaves the intervals unknown.
    """
    if result.sweep is None or not len(result.results):
        return None
    dataset, grid = model_data.dataset, result.sweep.grid
    recorded = dataset.X[:, dataset.index(result.sweep.feature)]
    unknown = np.full((len(result.results), len(grid)), np.nan)
    low, high = curve_bands(result, model_data) or (unknown, unknown)
    return Bands(low, high, frequent_points(recorded, grid[0], grid[-1]))


def frequent_points(recorded: np.ndarray, start: float, end: float) -> tuple[float, ...]:
    """At most four values between start and end that many of the recorded ones (n,) have, ascending."""
    values, counts = np.unique(recorded[(recorded >= start) & (recorded <= end)], return_counts=True)
    often = np.argsort(-counts, kind="stable")[:MAX_POINTS]
    often = often[counts[often] >= _SHARE * len(recorded)]
    return tuple(np.sort(values[often]).tolist())


def measuring_points(result: RunResult, bands: Bands | None = None) -> tuple[float, ...]:
    """The sweep values at which chosen results are to be measured; empty where no curve is searched.

    A searched point is always among them; without recorded habits they are the middle and the end of the curve.
    """
    spec = result.spec.curve
    if spec is None or result.sweep is None:
        return ()
    points = set(bands.points if bands is not None else ())
    if spec.at is not None:
        points.add(spec.at)
    grid = result.sweep.grid
    return tuple(sorted(points or {grid[len(grid) // 2], grid[-1]}))


class CurvePicture(NamedTuple):
    """What is drawn: the curve of a result over a grid (m,), its interval, the reference and the points to measure.

    Ends of the interval are NaN where it is not known; labels carry their units.
    """

    grid: np.ndarray
    curve: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reference: np.ndarray | None
    points: tuple[float, ...]
    name: str
    reference_name: str
    x_label: str
    y_label: str

    @property
    def is_sure(self) -> bool:
        """Whether the interval is known anywhere."""
        return bool((np.isfinite(self.low) & np.isfinite(self.high)).any())


def curve_picture(
    result: RunResult, k: int, bands: Bands | None, reference: Sequence[float] | None, reference_name: str
) -> CurvePicture | None:
    """The curve of result ``k`` (from 0) with what is drawn beside it, or None where it has none."""
    sweep, curves = result.sweep, result.results.curves
    if sweep is None or curves is None:
        return None
    unknown = np.full(len(sweep.grid), np.nan)
    return CurvePicture(
        grid=np.array(sweep.grid),
        curve=np.array(curves[k]),
        low=bands.low[k] if bands is not None else unknown,
        high=bands.high[k] if bands is not None else unknown,
        reference=None if reference is None else np.array(reference, dtype=float),
        points=measuring_points(result, bands),
        name=f"Result {k + 1}",
        reference_name=reference_name,
        x_label=label(sweep.feature, sweep.unit),
        y_label=label(result.outcome_name, result.outcome_unit),
    )


def curve_svg(picture: CurvePicture) -> Markup:
    """The picture as an SVG that scales with its place, with the same in words for those who cannot see it."""
    reference = np.empty(0) if picture.reference is None else picture.reference
    values = np.concatenate([picture.curve, picture.low, picture.high, reference])
    values = values[np.isfinite(values)]
    if not len(values):
        return Markup("")
    x = _Scale.of(float(picture.grid[0]), float(picture.grid[-1]), _LEFT, WIDTH - _RIGHT, is_tight=True)
    y = _Scale.of(float(values.min()), float(values.max()), HEIGHT - _BOTTOM, _TOP)
    marked = [at for at in picture.points if picture.grid[0] <= at <= picture.grid[-1]]
    heights = np.interp(marked, picture.grid, picture.curve)
    dots = [(x.at(a), y.at(float(b))) for a, b in zip(marked, heights, strict=True)]
    return element(
        "svg",
        *_axes(picture, x, y),
        _band(picture, x, y),
        Markup("") if picture.reference is None else _line(picture.grid, picture.reference, x, y, "reference"),
        _line(picture.grid, picture.curve, x, y, "curve"),
        *(element("circle", cx=_n(across), cy=_n(up), r=3, class_="point") for across, up in dots),
        *_names(picture, y),
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        role="img",
        aria_label=_in_words(picture),
    )


class _Scale(NamedTuple):
    """From values to places."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, low: float, high: float, start: float, end: float, *, is_tight: bool = False) -> "_Scale":
        """The scale of values from low to high, with round numbers on it."""
        if not low < high:
            low, high = low - 1, high + 1
        step = _round_step((high - low) / 5)
        if not is_tight:
            low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        first = math.ceil(low / step - 1e-9)
        n = math.floor(high / step + 1e-9) - first + 1
        return cls(low, high, start, end, tuple((first + i) * step for i in range(n)))

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def words(self, value: float) -> str:
        """A tick as it is read."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else abs(value) or 1.0
        return number_words(value, max(0, -math.floor(math.log10(step) + 1e-9)))


def _round_step(size: float) -> float:
    power = 10.0 ** math.floor(math.log10(size))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size * 0.999)


def _axes(picture: CurvePicture, x: _Scale, y: _Scale) -> list[Markup]:
    left, right, bottom = _n(x.start), _n(x.end), _n(y.start)
    drawn = []
    for tick in y.ticks:
        place = _n(y.at(tick))
        drawn.append(element("line", x1=left, x2=right, y1=place, y2=place, class_="grid"))
        drawn.append(element("text", y.words(tick), x=_n(x.start - 5), y=place, dy="0.32em", class_="y"))
    drawn.append(element("line", x1=left, x2=right, y1=bottom, y2=bottom, class_="axis"))
    for tick in x.ticks:
        place = _n(x.at(tick))
        drawn.append(element("line", x1=place, x2=place, y1=bottom, y2=_n(y.start + 4), class_="axis"))
        drawn.append(element("text", x.words(tick), x=place, y=_n(y.start + 14), class_="x"))
    middle, height = _n((x.start + x.end) / 2), _n((y.start + y.end) / 2)
    drawn.append(element("text", picture.x_label, x=middle, y=_n(HEIGHT - 4), class_="x title"))
    turned = f"rotate(-90 10 {height})"
    drawn.append(element("text", picture.y_label, x=10, y=height, transform=turned, class_="x title"))
    return drawn


def _band(picture: CurvePicture, x: _Scale, y: _Scale) -> Markup:
    is_known = np.isfinite(picture.low) & np.isfinite(picture.high)
    if not is_known.any():
        return Markup("")
    grid, low, high = (values[is_known] for values in (picture.grid, picture.low, picture.high))
    # There along the upper ends, and back along the lower ones.
    outline = _places(np.append(grid, grid[::-1]), np.append(high, low[::-1]), x, y)
    return element("polygon", points=outline, class_="band")


def _line(grid: np.ndarray, values: np.ndarray, x: _Scale, y: _Scale, kind: str) -> Markup:
    is_known = np.isfinite(values)
    return element("polyline", points=_places(grid[is_known], values[is_known], x, y), class_=kind)


def _names(picture: CurvePicture, y: _Scale) -> list[Markup]:
    """The names of the curves at their ends, moved apart where they would lie on each other."""
    ends = [(y.at(float(picture.curve[-1])), picture.name, "name")]
    if picture.reference is not None and math.isfinite(picture.reference[-1]):
        ends.append((y.at(float(picture.reference[-1])), picture.reference_name, "name of-reference"))
    ends.sort()
    if len(ends) == 2 and ends[1][0] - ends[0][0] < _LINE:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle + way * _LINE / 2, *end[1:]) for way, end in zip((-1, 1), ends, strict=True)]
    drawn = []
    for place, name, kind in ends:
        shown = name if len(name) <= _MAX_LABEL else name[: _MAX_LABEL - 1] + "…"
        drawn.append(element("text", shown, x=_n(WIDTH - _RIGHT + 5), y=_n(place), dy="0.32em", class_=kind))
    return drawn


def _in_words(picture: CurvePicture) -> str:
    decimals = common_decimals(picture.curve.tolist())
    first, last = (number_words(float(value), decimals) for value in picture.curve[[0, -1]])
    return (
        f"{picture.y_label} over {picture.x_label}: {picture.name} goes from {first} at {picture.grid[0]:g} "
        f"to {last} at {picture.grid[-1]:g}."
    )


def _places(grid: np.ndarray, values: np.ndarray, x: _Scale, y: _Scale) -> str:
    return " ".join(f"{_n(x.at(float(a)))},{_n(y.at(float(b)))}" for a, b in zip(grid, values, strict=True))


def _n(value: float) -> str:
    return f"{value:.1f}"
