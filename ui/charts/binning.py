"""Histograms as numbers: counted here, so that the browser never gets the rows."""

from typing import NamedTuple

import numpy as np

MIN_BINS, MAX_BINS = 10, 40


class Bins(NamedTuple):
    """A histogram.

    Attributes:
        edges: (m + 1,) ascending, in the unit of the values.
        shares: (m,) share of all values in each bin; they add up to 1.
    """

    edges: np.ndarray
    shares: np.ndarray

    @property
    def centres(self) -> np.ndarray:
        """(m,) the middle of each bin."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def widths(self) -> np.ndarray:
        """(m,) the width of each bin."""
        return np.diff(self.edges)


def numeric_bins(values: np.ndarray, *, is_integer: bool = False, max_bins: int = MAX_BINS) -> Bins:
    """Return the histogram of finite values (n,), n >= 1, in equal bins (Freedman and Diaconis 1981).

    Whole numbers get bins of whole widths around them, or their bars would look like a comb.
    """
    low, high = float(values.min()), float(values.max())
    span = high - low
    if not np.isfinite(span) or span <= max(1e-12 * max(abs(low), abs(high)), 1e-300):
        half = max(abs(low), abs(high)) * 0.01 or 0.5
        half = max(half, 0.5) if is_integer else half
        return Bins(np.array([low - half, high + half]), np.ones(1))
    n_bins = _wanted_bins(values, span, max_bins)
    if is_integer and span < 1e9:
        width = int(np.ceil((span + 1) / (n_bins if span >= max_bins else span + 1)))
        n_bins = int(np.ceil((span + 1) / width))
        edges = low - 0.5 + width * np.arange(n_bins + 1)
    else:
        edges = np.linspace(low, high, n_bins + 1)
    counts, _ = np.histogram(values, edges)
    return Bins(edges, counts / len(values))


def category_bins(codes: np.ndarray, n_categories: int) -> Bins:
    """Return the share of each category's code, in bins of width one around the codes."""
    counts = np.bincount(codes.astype(int), minlength=n_categories)
    return Bins(np.arange(n_categories + 1) - 0.5, counts / max(1, len(codes)))


def _wanted_bins(values: np.ndarray, span: float, max_bins: int) -> int:
    q25, q75 = np.percentile(values, [25, 75])
    width = 2 * (q75 - q25) / len(values) ** (1 / 3)
    if width * max_bins <= span:
        return max_bins
    return int(max(np.ceil(span / width), min(MIN_BINS, max_bins)))
