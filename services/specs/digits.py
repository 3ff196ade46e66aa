"""How many digits of a number mean something to the one who reads it."""

import math
from collections.abc import Sequence

MATERIAL_SHARE = 0.02
"""Of an outcome: a loss or gain of less is none to whoever decides by it, and colours nothing."""

MATERIAL_DEVIATIONS = 0.1
"""The same in standard deviations of the recorded values: no model knows its outcome that well, and nobody doses so."""

_SHARE = 0.02  # of a standard deviation: what is less is noise to a reader
_MAX_DECIMALS = 6
_MOST_DECIMALS = 12  # of amounts that are all tiny


def sensible_decimals(std: float, step: float | None = None) -> int:
    """How many decimals a value of a feature is worth showing with.

    Enough for about a fiftieth of its recorded standard deviation, and no more than its step has.
    """
    usual = decimals_of(std * _SHARE) if std > 0 else _MAX_DECIMALS
    return usual if step is None else min(usual, step_decimals(step))


def step_decimals(step: float) -> int:
    """How many decimals the multiples of a step have: 0 for 5, 1 for 0.1, 2 for 0.25."""
    if step < 10.0**-_MAX_DECIMALS:
        return decimals_of(step)
    return next((n for n in range(_MAX_DECIMALS) if math.isclose(step, round(step, n), rel_tol=1e-9)), _MAX_DECIMALS)


def exact_decimals(value: float) -> int:
    """How many decimals show a value as it is, at most ten."""
    return next((n for n in range(10) if math.isclose(value, round(value, n), rel_tol=1e-12, abs_tol=1e-15)), 10)


def decimals_of(size: float) -> int:
    """The decimals that show a positive number of this size: 0 for 3 or 0.6, 1 for 0.2, 2 for 0.03."""
    return min(max(0, round(-math.log10(size))), _MOST_DECIMALS)


def common_decimals(values: Sequence[float]) -> int:
    """How many decimals numbers of this size are read with: about four digits, none from 1,000 on."""
    finite = [abs(value) for value in values if math.isfinite(value)]
    largest = max(finite, default=0.0)
    if 0 < largest < 0.1:
        return min(2 - math.floor(math.log10(largest)), _MAX_DECIMALS)
    return 0 if largest >= 1000 else 1 if largest >= 10 else 2


def number_words(value: float, decimals: int) -> str:
    """A number as it is read, such as "10,579"; never "-0"."""
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def outlook_words(
    expected: float,
    low: float,
    high: float,
    *,
    level: float | None,
    is_least_best: bool,
    is_two_sided: bool,
    decimals: int,
    unit: str,
) -> str:
    """An interval as three numbers, such as "at least 83.0, expect 91.2, up to 99.4 MPa (95 %)".

    The first number is the end that would be worse. Each end of an interval of 90 % leaves out 5 %, so it holds in
    95 % of cases. Of a value that is searched for, both ends would be worse. Without finite ends only what is expected
    is told.

    Args:
        low: lower end of the interval.
        high: upper end of it.
        level: share of cases that lie within; None does not tell it.
        is_least_best: whether the outcome is to be as small as possible.
        is_two_sided: whether a value in between is searched for.
    """
    low_words, words, high_words = (number_words(value, decimals) for value in (low, expected, high))
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"expect {words} {unit}".rstrip()
    if is_two_sided:
        share = "" if level is None else f" ({100 * level:g} %)"
        return f"expect {words}, between {low_words} and {high_words} {unit}".rstrip() + share
    share = "" if level is None else f" ({50 + 50 * level:g} %)"
    if is_least_best:
        return f"at most {high_words}, expect {words}, down to {low_words} {unit}".rstrip() + share
    return f"at least {low_words}, expect {words}, up to {high_words} {unit}".rstrip() + share


def label(name: str, unit: str) -> str:
    """A name with its unit, as headers show it."""
    return f"{name} [{unit}]" if unit else name


def clipped(text: str, length: int) -> str:
    """The text in one line, shortened with an ellipsis where it is longer than ``length``."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def counted(n: int, noun: str) -> str:
    """A number with its noun: "1 result", "5 results", "1,030 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
