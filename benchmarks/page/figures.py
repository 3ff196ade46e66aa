"""Figures of many times, and the aims that they are held against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def percentile(times: Sequence[float], percent: float) -> float:
    """Return the smallest of the times that so many percent of them do not exceed: one that was measured.

    Raises:
        ValueError: there are none.
    """
    if not len(times):
        raise ValueError("Expected times, got none.")
    return float(np.percentile(times, percent, method="inverted_cdf"))


def median(times: Sequence[float]) -> float:
    """Return the middle of the times, of two the mean."""
    return float(np.median(times))


def pooled(times: Mapping[str, Sequence[float]]) -> list[float]:
    """Return all times of all names together."""
    return [time for each in times.values() for time in each]


def slowest(times: Mapping[str, Sequence[float]], n: int) -> list[tuple[str, float]]:
    """Return the n names with the largest medians, the slowest first."""
    return sorted(((name, median(each)) for name, each in times.items()), key=lambda pair: -pair[1])[:n]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should not exceed.

    Attributes:
        name: of the figure.
        limit: at most.
        unit: of both.
        figure: as it was measured.
    """

    name: str
    limit: float
    unit: str
    figure: float

    @property
    def is_met(self) -> bool:
        """Whether the figure is at the limit or below."""
        return self.figure <= self.limit

    @property
    def row(self) -> tuple[str, str, str, str]:
        """A line of a table."""
        unit = f" {self.unit}"
        return self.name, f"{self.limit:,.0f}{unit}", f"{self.figure:,.0f}{unit}", "met" if self.is_met else "not met"


def n_met(aims: Iterable[Aim]) -> str:
    """Return how many aims are met, in words."""
    each = [aim.is_met for aim in aims]
    return f"{sum(each)} of {len(each)} aims met"
