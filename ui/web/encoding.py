"""Arrays as text in a message: base64 of small numbers; `decode.js` reads them."""

import base64
from typing import Any

import numpy as np

# What is only looked at takes 16 bits a value, of which one code says "no value".
LEVELS = 65_534
NO_VALUE = 65_535


def as_base64(values: np.ndarray, kind: str = "<f4") -> str:
    """The bytes of an array, row by row, as numbers of this NumPy type."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")


def as_levels(rows: np.ndarray) -> dict[str, Any]:
    """Rows as 16-bit levels between the columns' smallest and largest values."""
    values = np.asarray(rows, dtype=np.float64)
    is_known = np.isfinite(values)
    low = np.where(is_known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(is_known, values, -np.inf).max(axis=0, initial=-np.inf)
    low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
    span = np.where(high > low, high - low, 1.0)
    levels = np.where(is_known, np.round((np.where(is_known, values, low) - low) / span * LEVELS), NO_VALUE)
    return {"low": low.tolist(), "high": high.tolist(), "levels": as_base64(levels, "<u2")}
