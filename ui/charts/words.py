"""Numbers and names as charts write them."""

import html
import math
import textwrap
from collections.abc import Sequence

import numpy as np

N_DIGITS = 4
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(value: float, unit: str = "", n_digits: int = N_DIGITS) -> str:
    """Return a number with about four (or ``n_digits``) significant digits, thousands separators and its unit.

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
    """Return the smallest and the largest finite value as "2,290–2,420 kg/m³", or one number where they are equal.

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


def d3_format(values: np.ndarray) -> str:
    """Return the format in which the browser writes such values: about four significant digits of the largest."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) else 1.0
    if largest and not 1e-4 <= largest < 1e9:
        return f".{N_DIGITS}~g"
    return f",.{_decimals(largest)}~f"


def label(name: str, unit: str = "") -> str:
    """Return a name with its unit, as axes show it."""
    return f"{name} [{unit}]" if unit else name


def escape(text: str) -> str:
    """Return a text from a user as Plotly shows it unchanged: no tags, no templates, no formulas, no line breaks."""
    text = html.escape(" ".join(text.split()), quote=False)
    return text.replace("%{", "&#37;{").replace("$", "&#36;")


def clipped(text: str, length: int) -> str:
    """Return the text, shortened with an ellipsis where it is longer than ``length``."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def wrapped(text: str, width: int, n_lines: int = 2) -> str:
    """Return a user's text escaped and broken into at most ``n_lines`` lines of ``width`` characters."""
    lines = textwrap.wrap(" ".join(text.split()), width) or [""]
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], clipped(" ".join(lines[n_lines - 1 :]), width)]
    return "<br>".join(escape(line) for line in lines)


def axis_title(name: str, unit: str = "", width: int = 34) -> str:
    """Return a title for an axis, escaped and broken into at most three lines."""
    return wrapped(label(name, unit), width, n_lines=3)


def small(text: str) -> str:
    """Return an escaped text in smaller letters, as notes below axes have it."""
    return f"<span style='font-size:0.82em'>{text}</span>"


def counted(n: int, noun: str) -> str:
    """Return "1 result", "5 results", "1,030 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _decimals(size: float, n_digits: int = N_DIGITS) -> int:
    """Return how many digits after the point leave about ``n_digits`` significant ones."""
    return 0 if size == 0 else int(np.clip(n_digits - 1 - math.floor(math.log10(size)), 0, n_digits + 4))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
