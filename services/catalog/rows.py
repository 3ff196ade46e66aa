"""Functions of which every row costs: asked once for each row, and for no more rows than a run may ask."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from models import CallablePredictor, Predictor
from models.intervals.residuals import CorrectedPredictor
from models.networks.predictor import as_rows
from optimizer import SpaceError
from optimizer.problem.answers import Answers, keys_of, signless
from services.specs.digits import counted

KEPT_SHARE = 0.15
"""The share of a run's rows that its search leaves for what is done before and after it."""

_FEW = 4  # parts of what is kept: one for recorded rows before the search, one for them after it, two for checks

T = TypeVar("T")


class RowsSpentError(SpaceError):
    """A run would ask more rows than its budget has left; nothing was asked.

    Attributes:
        n_rows: that would have been asked.
    """

    def __init__(self, n_rows: int, n_left: int) -> None:
        super().__init__(
            f"This asks {counted(n_rows, 'row')} more of the function, and the budget has {n_left:,} left: "
            "raise the budget."
        )
        self.n_rows = n_rows


class RowBudget:
    """The rows that a run may ask of functions whose rows cost, and those that it has asked.

    A row counts once, also where its answer was known from before: so equal runs do the same, whatever was asked
    before them.

    Args:
        n_rows: at most, in all functions together.
        n_each: rows that one candidate asks at most.

    Attributes:
        n_asked: rows that were asked so far.
        notes: what was left out because its rows were too many, a sentence each.
    """

    def __init__(self, n_rows: int, n_each: int = 1) -> None:
        self.n_rows, self.n_each = n_rows, max(1, n_each)
        self.n_asked = 0
        self.notes: list[str] = []
        self._seen: dict[int, tuple[Answers, set[bytes]]] = {}

    @property
    def n_kept(self) -> int:
        """How many rows the search leaves to others; among them is the candidate that an estimate asks."""
        return int(KEPT_SHARE * self.n_rows) + self.n_each

    @property
    def n_candidates(self) -> int:
        """How many candidates the search may evaluate."""
        return max(0, self.n_rows - self.n_kept) // self.n_each

    @property
    def n_few(self) -> int:
        """How many recorded rows may be asked to learn what is usual, or what is best."""
        return (self.n_kept - self.n_each) // _FEW // self.n_each

    @property
    def n_left(self) -> int:
        """How many rows the run may still ask."""
        return max(0, self.n_rows - self.n_each - self.n_asked)

    @property
    def n_candidates_left(self) -> int:
        """How many candidates may still be evaluated."""
        return self.n_left // self.n_each

    def rows_for(self, n_candidates: int) -> int:
        """The least budget, in rows, with which a search has so many candidates."""
        n = int((n_candidates + 1) * self.n_each / (1 - KEPT_SHARE)) + 2
        while n > 1 and RowBudget(n - 1, self.n_each).n_candidates >= n_candidates:
            n -= 1
        return n

    def check(self, n_rows: int) -> None:
        """Refuse what would ask more rows than are left.

        Raises:
            RowsSpentError: it would.
        """
        if n_rows > self.n_left:
            raise RowsSpentError(n_rows, self.n_left)

    def count(self, answers: Answers, rows: np.ndarray) -> None:
        """Count rows of a function that this run has not asked yet.

        Args:
            answers: of the function, by which it is told from others.
            rows: (n, d) that are asked.

        Raises:
            RowsSpentError: they are more than are left; none is counted then.
        """
        seen = self._seen.setdefault(id(answers), (answers, set()))[1]  # kept with it, so that no other has its id
        new = set(keys_of(signless(rows))) - seen
        self.check(len(new))
        self.n_asked += len(new)
        seen |= new

    def leave_out(self, what: str, n_rows: int) -> None:
        """Note what is left out, such as "Dosing errors were not checked", and how many rows it would have asked."""
        if not any(note.startswith(what) for note in self.notes):
            self.notes.append(f"{what}: that would have asked {counted(n_rows, 'row')} more.")


def tried(rows: RowBudget | None, what: str, ask: Callable[[], T]) -> T | None:
    """What ``ask`` gives, or None, and a note, where it asks more rows than a budget has left.

    Args:
        rows: the budget; None where rows cost nothing.
        what: the note, such as "Dosing errors were not checked".
    """
    if rows is None:
        return ask()
    try:
        return ask()
    except RowsSpentError as error:
        rows.leave_out(what, error.n_rows)
        return None


@dataclass(slots=True)
class Took:
    """How long a function took for the rows that it was asked."""

    n_rows: int = 0
    seconds: float = 0.0

    @property
    def per_row(self) -> float:
        """Seconds for one row; 0 before the first one."""
        return self.seconds / self.n_rows if self.n_rows else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class AskedOnce:
    """A function whose rows cost, in the place of a model: each row is asked once, and its answer is kept.

    Attributes:
        function: that is asked.
        answers: that it gave.
        took: how long it took for them.
        rows: on which rows are counted while a run asks; None outside of runs.
    """

    function: CallablePredictor
    answers: Answers = field(default_factory=Answers, repr=False)
    took: Took = field(default_factory=Took)
    rows: RowBudget | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.function.feature_names

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64 that the function gives, or gave, for rows (n, d).

        Raises:
            RowsSpentError: the run may not ask so many rows more.
            ValueError: X has another number of columns than there are features, or the function gives anything but one
                number per row.
        """
        rows = as_rows(X, len(self.feature_names))
        if self.rows is not None:
            self.rows.count(self.answers, rows)
        return self.answers.of(rows, self._timed)

    def _timed(self, rows: np.ndarray) -> np.ndarray:
        began = time.perf_counter()
        given = self.function.predict(rows)
        self.took.seconds += time.perf_counter() - began
        self.took.n_rows += len(rows)
        return given


def function_of(predictor: Predictor) -> AskedOnce | None:
    """The function whose rows cost that a predictor asks, by itself or corrected; None where it asks none."""
    inner = predictor.predictor if isinstance(predictor, CorrectedPredictor) else predictor
    return inner if isinstance(inner, AskedOnce) else None


def counting(predictor: Predictor, rows: RowBudget) -> Predictor:
    """The same predictor, the rows of which count on a budget where they cost."""
    if isinstance(predictor, CorrectedPredictor):
        return replace(predictor, predictor=counting(predictor.predictor, rows))
    return replace(predictor, rows=rows) if isinstance(predictor, AskedOnce) else predictor
