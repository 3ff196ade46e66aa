"""What all charts share: colours for both themes, symbols, axes, ticks, numbers and names."""

import html
import math
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from services.specs.digits import clipped, label

CHART_CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
}
"""For ``st.plotly_chart(..., config=CHART_CONFIG)``: no tool bar, and the page scrolls over a chart."""

ACCENT = "#2f6fd6"
RECORDED = "#8c9bb0"
RECORDED_PALE = "rgba(140, 155, 176, 0.42)"
ACCENT_PALE = "rgba(47, 111, 214, 0.12)"
REFERENCE = "#7f8a99"
UNPENALISED = "#dc3f45"
TARGET_BAND = "rgba(11, 158, 115, 0.20)"
TARGET = "#0b9e73"
GRID = "rgba(128, 138, 152, 0.20)"
TRANSPARENT = "rgba(0, 0, 0, 0)"

RESULT_COLOURS = ("#2f6fd6", "#d97706", "#0b9e73", "#cc4fa0", "#a283d3", "#5f7a24", "#1f9bd0", "#a5533a")
RESULT_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "star", "hexagon")
RESULT_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")

N_DIGITS = 4
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUFFIXES = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from this size on, divided by this
_MAX_CHARACTERS = 18  # of all ticks of an axis about 100 px wide


class ResultStyle(NamedTuple):
    """What marks one result in every chart."""

    colour: str
    symbol: str
    dash: str


def result_style(number: int) -> ResultStyle:
    """How the result of a number (1, 2 ...) is drawn, the same in every chart."""
    turn, index = divmod(number - 1, len(RESULT_COLOURS))
    return ResultStyle(RESULT_COLOURS[index], RESULT_SYMBOLS[index], RESULT_DASHES[turn % len(RESULT_DASHES)])


def blank_figure(height: int, *, has_legend: bool = False) -> go.Figure:
    """An empty figure of this height in px: no background, no title, nothing to zoom by accident."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 16, "b": 8, "pad": 0},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "namelength": -1},
        showlegend=has_legend,
        bargap=0,
    )
    if has_legend:
        # the legend grows upwards from the plot, however many lines it needs
        place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
        figure.update_layout(legend=place | {"itemclick": "toggle", "itemdoubleclick": "toggleothers"})
    style_axes(figure)
    return figure


def style_axes(figure: go.Figure) -> None:
    """Give all axes of a figure the common style: faint grid, room for labels, whole numbers up to a million."""
    common = {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": GRID,
        "separatethousands": True,
        "exponentformat": "power",
        "minexponent": 6,
    }
    figure.update_xaxes(**common, showgrid=False, showline=True, linecolor=REFERENCE, ticks="outside", ticklen=4)
    figure.update_yaxes(**common, ticklabelstandoff=6)


def result_marks(n: int, size: float) -> dict[str, Any]:
    """Markers of the results 1 to n, in the colours and with the symbols that they have everywhere."""
    styles = [result_style(number) for number in range(1, n + 1)]
    return {"color": [style.colour for style in styles], "symbol": [style.symbol for style in styles], "size": size}


def thin_cross(colour: str, size: float, width: float) -> dict[str, Any]:
    """Markers that are crosses of thin lines."""
    return {"color": colour, "symbol": "x-thin", "size": size, "line": {"color": colour, "width": width}}


def ribbon(x: np.ndarray, low: np.ndarray, high: np.ndarray, **style: Any) -> go.Scatter:
    """A band from one curve to another above the same x, without hover."""
    return go.Scatter(
        x=compact(np.concatenate([x, x[::-1]])),
        y=compact(np.concatenate([high, low[::-1]])),
        **({"mode": "lines", "fill": "toself", "hoverinfo": "skip"} | style),
    )


def add_level(figure: go.Figure, ends: Sequence[float], level: float, name: str, hover: str, **line: Any) -> None:
    """Draw a horizontal line with a name in the legend, such as the best recorded row."""
    look = {"color": REFERENCE, "width": 1.5} | line
    figure.add_scatter(x=list(ends), y=[level] * 2, name=name, mode="lines", line=look, hovertemplate=said(hover))


def said(hover: str) -> str:
    """A text on hover, without the name of the trace beside it."""
    return f"{hover}<extra></extra>"


def compact(values: np.ndarray) -> np.ndarray:
    """Values as float32, half the size, unless they are so alike that digits would be lost."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return values.astype(np.float32)
    largest, span = np.abs(finite).max(), finite.max() / 2 - finite.min() / 2
    is_safe = largest < 1e37 and largest <= 2e4 * span
    return values.astype(np.float32) if is_safe else values


def range_of(*values: ArrayLike, share: float = 0.04) -> tuple[float, float]:
    """A range a little wider than that of all finite values in arrays (n,), of which there is at least one."""
    together = np.concatenate([np.asarray(each, dtype=float) for each in values])
    finite = together[np.isfinite(together)]
    return padded(float(finite.min()), float(finite.max()), share)


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """A range a little wider than [low, high], and never empty."""
    room = (high - low) * share
    if not room > 0:
        room = abs(low) * 0.05 or 1.0
    return low - room, high + room


def format_number(value: float, unit: str = "", n_digits: int = N_DIGITS) -> str:
    """A number with about four (or ``n_digits``) significant digits, thousands separators and its unit.

    Whole digits are never dropped: 12345.6 becomes "12,346". What is no finite number becomes "–".
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and not 1e-4 <= size < 1e9:
        mantissa, exponent = f"{value:.{n_digits - 1}e}".split("e")
        text = f"{_trimmed(mantissa)}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    else:
        text = _trimmed(f"{value:,.{_decimals(size, n_digits)}f}")
    text = "0" if text == "-0" else text.replace("-", "−")
    return f"{text} {unit}" if unit else text


def format_range(values: Sequence[float] | np.ndarray, unit: str = "") -> str:
    """The smallest and the largest finite value as "2,290–2,420 kg/m³", or one number where they are equal.

    Values that differ a little get the digits that tell them apart.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "–"
    ends = min(finite), max(finite)
    for n_digits in range(N_DIGITS, 13):
        low, high = (format_number(end, n_digits=n_digits) for end in ends)
        if low != high or ends[0] == ends[1]:
            break
    dash = " to " if low.startswith("−") or high.startswith("−") else "–"
    text = low if low == high else f"{low}{dash}{high}"
    return f"{text} {unit}" if unit else text


def recorded_words(best: float, unit: str) -> str:
    """The end of a sentence: what the best recorded row has, where there is one."""
    return f"; the best recorded row has {format_number(best, unit)}." if math.isfinite(best) else "."


def d3_format(values: np.ndarray) -> str:
    """The format in which the browser writes such values: about four significant digits of the largest."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) else 1.0
    if largest and not 1e-4 <= largest < 1e9:
        return f".{N_DIGITS}~g"
    return f",.{_decimals(largest)}~f"


def escape(text: str) -> str:
    """A text from a user as Plotly shows it unchanged: no tags, no templates, no formulas, no line breaks."""
    text = html.escape(" ".join(text.split()), quote=False)
    return text.replace("%{", "&#37;{").replace("$", "&#36;")


def wrapped(text: str, width: int, n_lines: int = 2) -> str:
    """A user's text escaped and broken into at most ``n_lines`` lines of ``width`` characters."""
    lines = textwrap.wrap(" ".join(text.split()), width) or [""]
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], clipped(" ".join(lines[n_lines - 1 :]), width)]
    return "<br>".join(escape(line) for line in lines)


def axis_title(name: str, unit: str = "", width: int = 34) -> str:
    """A title for an axis, escaped and broken into at most three lines."""
    return wrapped(label(name, unit), width, n_lines=3)


def small(text: str) -> str:
    """An escaped text in smaller letters, as notes below axes have it."""
    return f"<span style='font-size:0.82em'>{text}</span>"


def _decimals(size: float, n_digits: int = N_DIGITS) -> int:
    """How many digits after the point leave about ``n_digits`` significant ones."""
    return 0 if size == 0 else int(np.clip(n_digits - 1 - math.floor(math.log10(size)), 0, n_digits + 4))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def small_ticks(low: float, high: float, n_max: int, *, is_integer: bool = False) -> tuple[np.ndarray, list[str]]:
    """Round values within [low, high] and their texts, as many as fit a small axis, at least one."""
    for n in range(n_max, 0, -1):
        values = nice_ticks(low, high, n, is_integer=is_integer)
        texts = tick_texts(values)
        if len(values) == 1 or sum(len(text) + 2 for text in texts) <= _MAX_CHARACTERS:
            break
    return values, texts


def nice_ticks(low: float, high: float, n_max: int, *, is_integer: bool = False) -> np.ndarray:
    """At most ``n_max`` round values within [low, high], at least one; whole numbers where that is asked for."""
    span = high - low
    if np.isfinite(span) and span > 0:
        power = 10.0 ** np.floor(np.log10(span / n_max))
        factors = (1, 2, 3, 4, 5, 10, 20, 50, 100) if is_integer else (1, 2, 2.5, 5, 10, 20, 25, 50, 100)
        for step in (factor * power for factor in factors):
            first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
            if is_integer and abs(step - round(step)) > 1e-9 * step:
                continue
            if 1 <= last - first + 1 <= n_max:
                return np.arange(first, last + 1) * step
    middle = (low + high) / 2 if np.isfinite(span) else low
    return np.array([np.round(middle) if is_integer else middle])


def tick_texts(values: np.ndarray) -> list[str]:
    """Values with the digits that tell them apart, thousands as k, M, G."""
    largest = float(np.abs(values).max())
    step = float(np.diff(values).min()) if len(values) > 1 else largest
    if largest < 1e-4 or largest >= 1e12 or step <= 0:
        return [format_number(value) for value in values]
    scale, suffix = next(((by, text) for size, by, text in _SUFFIXES if largest >= size), (1.0, ""))
    digits = next((k for k in range(10) if np.allclose(step / scale * 10**k, np.round(step / scale * 10**k))), 9)
    if len(values) == 1:
        return [format_number(float(values[0]) / scale) + suffix]
    texts = [f"{value / scale:,.{digits}f}".replace("-", "−") for value in values]
    return [text + suffix if value else "0" for text, value in zip(texts, values, strict=True)]
