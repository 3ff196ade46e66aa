"""Round values for small axes, where the browser's own ticks would be too many or too long."""

import numpy as np

from ui.charts.words import format_number

_SUFFIXES = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from this size on, divided by this
_MAX_CHARACTERS = 18  # of all ticks of an axis about 100 px wide


def small_ticks(low: float, high: float, n_max: int, *, is_integer: bool = False) -> tuple[np.ndarray, list[str]]:
    """Return round values within [low, high] and their texts, as many as fit a small axis, at least one."""
    for n in range(n_max, 0, -1):
        values = nice_ticks(low, high, n, is_integer=is_integer)
        texts = tick_texts(values)
        if len(values) == 1 or sum(len(text) + 2 for text in texts) <= _MAX_CHARACTERS:
            break
    return values, texts


def nice_ticks(low: float, high: float, n_max: int, *, is_integer: bool = False) -> np.ndarray:
    """Return at most ``n_max`` round values within [low, high], at least one; whole numbers where that is asked for."""
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
    """Return values with the digits that tell them apart, thousands as k, M, G."""
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
