"""Who stands in the table of a result, and is drawn wherever it is: the reference, results, what they have to beat."""

from dataclasses import dataclass

import numpy as np

from services.problems.reference import reference_of
from services.results.names import result_names
from services.specs.results import ResultSet, RunResult
from services.texts.tables import RANDOM


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One candidate or recorded row.

    Attributes:
        kind: "reference", "result", "recorded" or "random".
        number: of a result, from 1; 0 of all others.
        name: such as "Result 1" or "Row 17".
        title: what sets it apart, or "".
        rows: the set that it is of.
        place: in that set.
    """

    kind: str
    number: int
    name: str
    title: str
    rows: ResultSet
    place: int

    @property
    def settings(self) -> tuple[float, ...]:
        """Its d settings; categories as codes."""
        return self.rows.X[self.place]

    @property
    def outcome(self) -> float:
        """Its predicted objective."""
        return self.rows.outcomes[self.place]

    def value(self, field: str) -> float | None:
        """What a field of its set says of it, or None where the set does not know."""
        values = getattr(self.rows, field)
        return None if values is None else values[self.place]


def rows_of(result: RunResult) -> tuple[Row, ...]:
    """The rows in the order in which the table shows them: reference, results, best recorded, best of random."""
    names, titles = result_names(len(result.results)), result.results.names or ()
    found = [
        Row("result", k + 1, name, titles[k] if k < len(titles) else "", result.results, k)
        for k, name in enumerate(names)
    ]
    reference, others = _reference(result)
    random = result.baseline_random
    drawn = [Row("random", 0, RANDOM, "", random, k) for k in range(len(random))] if random else []
    return (*reference, *found, *others, *drawn)


def _reference(result: RunResult) -> tuple[list[Row], list[Row]]:
    """The reference, and the recorded rows besides it."""
    name, own = reference_of(result)
    best = result.best_recorded
    numbers = best.rows or tuple(range(1, len(best) + 1))
    recorded = [Row("recorded", 0, f"Row {number}", "", best, k) for k, number in enumerate(numbers)]
    others = recorded[1:] if result.reference is None else [row for row in recorded if row.name != name]
    title = "best recorded" if result.reference is None else ""
    return [Row("reference", 0, name, title, own, k) for k in range(len(own))], others


def settings_of(rows: tuple[Row, ...]) -> np.ndarray:
    """(n, d) settings of rows; (0, 0) without any."""
    return np.array([row.settings for row in rows], dtype=float).reshape(len(rows), -1 if rows else 0)
