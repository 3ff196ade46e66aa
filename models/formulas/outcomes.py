"""All formulas of a table: checked against its columns and each other, and calculated one after another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import numpy as np

from models.data.dataset import Column
from models.errors import FormulaError
from models.formulas.formula import CATEGORY, NAME, Formula, quoted
from models.formulas.names import clipped, nearest
from models.formulas.parser import parse
from models.formulas.recorded import check_rows
from models.formulas.units import unit_of

MAX_FORMULAS = 50


@dataclass(frozen=True, slots=True)
class FormulaOutcome:
    """An outcome that follows exactly from features and other outcomes: no model, no interval.

    Attributes:
        unit: as its author gave it, "" to take the one that follows from the formula.
    """

    name: str
    formula: Formula
    unit: str = ""

    @classmethod
    def of(cls, name: str, text: str, unit: str = "") -> "FormulaOutcome":
        """The outcome that a text gives.

        Raises:
            FormulaError: the text is no formula; the error begins with the outcome's name.
        """
        try:
            return cls(name, parse(text), unit)
        except FormulaError as error:
            raise FormulaError(f"{clipped(name)}: {error}", error.position) from None


@dataclass(frozen=True)
class FormulaOutcomes:
    """Formulas that may name features, measured outcomes and each other.

    Attributes:
        features: in the order of the columns of rows (n, d).
        measured: outcomes that a model predicts.

    Raises:
        FormulaError: a formula names what is not there, itself (directly or through others) or no column at all, takes
            a category for a number, or has the name of another column. Its text begins with the outcome's name.
    """

    features: tuple[Column, ...]
    measured: tuple[Column, ...]
    formulas: tuple[FormulaOutcome, ...]

    def __post_init__(self) -> None:
        if len(self.formulas) > MAX_FORMULAS:
            raise FormulaError(f"There are {len(self.formulas):,} formulas, at most {MAX_FORMULAS} are possible.")
        taken = [column.name for column in (*self.features, *self.measured)]
        for outcome in self.formulas:
            if not outcome.name.strip():
                raise FormulaError("A formula has no name: give it one, such as cost.")
            if outcome.name in taken:
                raise _error(outcome.name, "another feature or outcome has this name: choose another name.")
            taken.append(outcome.name)
        for outcome in self.formulas:
            self._check_names(outcome, taken)
            self._check_categories(outcome)
        self.order  # noqa: B018 - a circle is to be found now

    def _check_names(self, outcome: FormulaOutcome, known: Sequence[str]) -> None:
        if not outcome.formula.names:
            raise _error(
                outcome.name,
                "the formula names no feature and no outcome, so it is the same everywhere: name at least one.",
                0,
            )
        for name, position in outcome.formula.positions.items():
            if name not in known:
                others = [other for other in known if other != outcome.name]
                near = nearest(name, others)
                there = f"did you mean {' or '.join(near)}?" if near else f"there are {clipped(', '.join(others))}."
                raise _error(
                    outcome.name,
                    f"there is no feature or outcome '{clipped(name)}' (character {position + 1:,}); {there}",
                    position,
                )

    def _check_categories(self, outcome: FormulaOutcome) -> None:
        """Names of categories stand in comparisons with one of them, and there alone."""
        steps = outcome.formula.steps
        beside = {i: steps[j] for s in steps if len(s.operands) == 2 for i, j in (s.operands, s.operands[::-1])}
        for place, step in enumerate(steps):
            if step.operation != NAME:
                continue
            column = self._columns.get(str(step.value), Column(str(step.value)))
            where = f"'{clipped(column.name)}' (character {step.position + 1:,})"
            category = str(beside[place].value) if place in beside and beside[place].operation == CATEGORY else None
            if category is None and column.is_categorical:
                example = f'{quoted(column.name)} == "{column.categories[0]}"'
                raise _error(
                    outcome.name,
                    f"{where} holds categories, and a formula calculates with numbers: leave it out, or compare it, "
                    f"as in {clipped(example)}, which is 1 or 0.",
                    step.position,
                )
            if category is not None and not column.is_categorical:
                raise _error(outcome.name, f"{where} holds numbers: compare it with a number.", step.position)
            if category is not None and category not in column.categories:
                near = nearest(category, column.categories)
                there = f"did you mean {near[0]}?" if near else f"there are {clipped(', '.join(column.categories))}."
                raise _error(outcome.name, f"{where} has no category '{clipped(category)}'; {there}", step.position)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the formulas, as they were given."""
        return tuple(outcome.name for outcome in self.formulas)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names of the formulas, each after those that it needs."""
        of_formulas = set(self.names)
        needs = {each.name: [n for n in each.formula.names if n in of_formulas] for each in self.formulas}
        try:
            return tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            pairs = [f"'{clipped(one)}' needs '{clipped(other)}'" for one, other in pairwise(circle[:6])]
            path = ", ".join(pairs) + " and so on" * (len(circle) > 6)
            raise _error(
                circle[0],
                f"the formula refers to itself: {path}. Take one of these names out.",
                self._by_name[circle[0]].formula.positions[circle[1]],
            ) from None

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of each formula: as given, else as it follows, else ""."""
        known = {name: column.unit for name, column in self._columns.items()}
        for name in self.order:
            outcome = self._by_name[name]
            known[name] = outcome.unit or unit_of(outcome.formula, known)
        return {name: known[name] for name in self.names}

    @property
    def columns(self) -> tuple[Column, ...]:
        """The formulas as columns, with their units."""
        return tuple(Column(name, unit=self.units[name]) for name in self.names)

    def needed(self, names: Iterable[str]) -> tuple[str, ...]:
        """The measured outcomes that these formulas or outcomes are calculated from, in the order of `measured`."""
        wanted = set(names)
        for name in reversed(self.order):
            if name in wanted:
                wanted |= set(self._by_name[name].formula.names)
        return tuple(column.name for column in self.measured if column.name in wanted)

    def evaluate(self, X: np.ndarray, outcomes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What each formula comes to, (n,) by name, for rows (n, d) and measured or predicted outcomes (n,).

        NaN where there is no answer, infinite where it divides by 0.

        Raises:
            FormulaError: an outcome that a formula needs is missing.
            ValueError: X has another number of columns than there are features.
        """
        values = self._values(X, outcomes)
        for name in self.order:
            values[name] = self._bound[name].evaluate(values)
        return {name: values[name] for name in self.names}

    def evaluate_with_gradients(
        self, X: np.ndarray, outcomes: Mapping[str, tuple[np.ndarray, np.ndarray]]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The results (n,) of `evaluate`, and their exact gradients (n, d) by the features; errors as there.

        Categories have gradient 0, and a row without an answer has NaN.

        Args:
            outcomes: values (n,) and gradients (n, d) of the measured outcomes that are needed.
        """
        values = self._values(X, {name: value for name, (value, _) in outcomes.items()})
        gradients = {name: np.asarray(gradient, dtype=float) for name, (_, gradient) in outcomes.items()}
        place = {column.name: j for j, column in enumerate(self.features)}
        for name in self.order:
            values[name], slopes = self._bound[name].evaluate_with_slopes(values)
            gradient = np.zeros(np.shape(X))
            with np.errstate(invalid="ignore", over="ignore"):
                for named, slope in slopes.items():
                    if named in place:
                        gradient[:, place[named]] += slope
                    else:
                        gradient += np.where(slope[:, None] == 0, 0.0, slope[:, None] * gradients[named])
            gradient[np.isnan(values[name])] = np.nan
            gradients[name] = gradient
        return {name: (values[name], gradients[name]) for name in self.names}

    def check_rows(self, X: np.ndarray, outcomes: Mapping[str, np.ndarray], numbers: np.ndarray | None = None) -> None:
        """Refuse formulas that have no finite result on recorded rows (n, d), those without an outcome left aside.

        Args:
            outcomes: as recorded, (n,) each, NaN where not measured.
            numbers: (n,) what a person calls each row; counted from 1 if None.

        Raises:
            FormulaError: a formula divides by zero, or asks for a logarithm, root or power that is none, or grows
                beyond all numbers; the text has how many rows, the first of them, and what to change.
        """
        numbers = np.arange(1, len(X) + 1) if numbers is None else numbers
        values = self._values(X, outcomes)
        for name in self.order:
            formula = self._bound[name]
            check_rows(name, formula, values, numbers)
            values[name] = formula.evaluate(values)

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.name: column for column in (*self.features, *self.measured)}

    @cached_property
    def _by_name(self) -> dict[str, FormulaOutcome]:
        return {outcome.name: outcome for outcome in self.formulas}

    @cached_property
    def _bound(self) -> dict[str, Formula]:
        """The formulas with the codes of this table's categories."""
        return {outcome.name: self._with_codes(outcome.formula) for outcome in self.formulas}

    def _with_codes(self, formula: Formula) -> Formula:
        codes: dict[int, float] = {}
        for step in formula.steps:
            kinds = {formula.steps[i].operation: i for i in step.operands}
            if CATEGORY in kinds and NAME in kinds:
                column = self._columns[str(formula.steps[kinds[NAME]].value)]
                codes[kinds[CATEGORY]] = float(column.categories.index(str(formula.steps[kinds[CATEGORY]].value)))
        return formula.with_codes(codes) if codes else formula

    def _values(self, X: np.ndarray, outcomes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        rows = np.asarray(X, dtype=float)
        if rows.ndim != 2 or rows.shape[1] != len(self.features):
            raise ValueError(f"Expected rows of shape (n, {len(self.features)}), got {rows.shape}.")
        missing = [name for name in self.needed(self.names) if name not in outcomes]
        if missing:
            raise FormulaError(f"The formulas need the outcomes {missing}, which were not given.")
        known = {column.name: rows[:, j] for j, column in enumerate(self.features)}
        return known | {name: np.asarray(values, dtype=float) for name, values in outcomes.items()}


def _error(name: str, text: str, position: int | None = None) -> FormulaError:
    return FormulaError(f"{clipped(name)}: {text}", position)
