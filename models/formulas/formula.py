"""A formula that was read: its text, and its tree as a list of steps that is calculated from top to bottom.

The list holds each operand before the step that takes it, so values run down the list and slopes run up again, without
recursion: no formula is too deep, and none runs code of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from models.errors import FormulaError
from models.formulas.operations import COMPARISONS, FUNCTIONS, NEGATIVE, OPERATIONS

NUMBER, NAME, CATEGORY = "number", "name", "category"
"""The kinds of steps that take no operands; a category stands beside a name in == and != alone."""

_ATOM = 6
LEVELS = {**dict.fromkeys(COMPARISONS, 1), "+": 2, "-": 2, "*": 3, "/": 3, NEGATIVE: 4, "^": 5}
"""How strongly each operation binds."""
_LEAST_LEVELS = {  # of the operands; below it they stand in parentheses
    **dict.fromkeys(COMPARISONS, (2, 2)),
    "+": (2, 3),
    "-": (2, 3),
    "*": (3, 4),
    "/": (3, 4),
    NEGATIVE: (4,),
    "^": (6, 4),
}
_PRINTED = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation.

    Attributes:
        operation: the key of one of `OPERATIONS`, or `NUMBER`, `NAME` or `CATEGORY`.
        operands: the places of earlier steps.
        value: of a number, or the name of a feature, outcome or category.
        position: where it stands in the text, counted from 0.
    """

    operation: str
    operands: tuple[int, ...] = ()
    value: float | str = ""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Formula:
    """A calculation over named columns; `models.formulas.parser.parse` makes one of its text, and only that is kept.

    Attributes:
        text: as it was typed.
        steps: the last one is the result.
    """

    text: str
    steps: tuple[Step, ...] = field(compare=False, repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The features and outcomes that it is calculated from, in the order of the text."""
        return tuple(self.positions)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each name stands first in the text, counted from 0."""
        found: dict[str, int] = {}
        for step in self.steps:
            if step.operation == NAME:
                found.setdefault(str(step.value), step.position)
        return found

    def evaluate(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Results (n,) float64, for columns (n,) by name; NaN where there is none, infinite where it divides by 0.

        Raises:
            FormulaError: a column is missing.
        """
        columns = self._columns(values)
        return self._filled(self._run(columns)[-1], columns)

    def evaluate_with_slopes(self, values: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The results (n,) of `evaluate`, and their derivatives (n,) by each name; NaN where the result is NaN.

        Exact but at a kink or a jump, where it is the slope of one side. What a result does not depend on at a row has
        slope 0 there, also where it has a pole itself.

        Raises:
            FormulaError: a column is missing.
        """
        columns = self._columns(values)
        results = self._run(columns)
        is_constant = self.is_constant
        slopes: list[np.ndarray | float] = [0.0] * len(self.steps)
        slopes[-1] = np.ones_like(results[-1])
        by_name: dict[str, np.ndarray] = {name: np.zeros(()) for name in self.names}
        with np.errstate(all="ignore"):
            for place in reversed(range(len(self.steps))):
                step, slope = self.steps[place], slopes[place]
                if step.operation == NAME:
                    by_name[str(step.value)] = by_name[str(step.value)] + slope
                if is_constant[place] or not step.operands:
                    continue
                partial = OPERATIONS[step.operation].slopes(results[place], *(results[i] for i in step.operands))
                for operand, by_operand in zip(step.operands, partial, strict=True):
                    if not is_constant[operand]:
                        is_none = (slope == 0) | (by_operand == 0)  # also of an infinite one
                        slopes[operand] = slopes[operand] + np.where(is_none, 0.0, slope * by_operand)
        outcome = self._filled(results[-1], columns)
        known = {name: self._filled(slope, columns) for name, slope in by_name.items()}
        return outcome, {name: np.where(np.isnan(outcome), np.nan, slope) for name, slope in known.items()}

    @cached_property
    def is_constant(self) -> tuple[bool, ...]:
        """Whether each step is a number that no column changes."""
        found: list[bool] = []
        for step in self.steps:
            found.append(step.operation != NAME and all(found[i] for i in step.operands))
        return tuple(found)

    def results(self, values: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """What each step comes to: (n,), or a single number where it is constant.

        Raises:
            FormulaError: a column is missing.
        """
        return self._run(self._columns(values))

    def with_codes(self, codes: Mapping[int, float]) -> "Formula":
        """The formula with numbers in the place of its categories.

        Args:
            codes: the number of the category at each place among the steps.
        """
        steps = [replace(s, operation=NUMBER, value=codes[i]) if i in codes else s for i, s in enumerate(self.steps)]
        return Formula(self.text, tuple(steps))

    def written(self, place: int = -1) -> str:
        """The formula of a step, by default the last, as it can be typed again: the same steps in a plain form."""
        return self._texts(quoted, lambda operation: f" {operation} " if operation != "^" else "^")[place]

    @property
    def words(self) -> str:
        """The formula for a reader: names without brackets, signs as they are printed."""
        return self._texts(str, lambda operation: f" {_PRINTED.get(operation, operation)} ".replace(" ^ ", "^"))[-1]

    def _texts(self, name: Callable[[str], str], sign: Callable[[str], str]) -> list[str]:
        texts: list[str] = []
        for step in self.steps:
            if step.operation == NUMBER:
                texts.append(number_text(float(step.value)))
            elif step.operation in (NAME, CATEGORY):
                texts.append((name if step.operation == NAME else quoted_category)(str(step.value)))
            if not step.operands:
                continue
            operands = [texts[i] for i in step.operands]
            if step.operation in FUNCTIONS:
                texts.append(f"{step.operation}({', '.join(operands)})")
                continue
            for j, (i, least) in enumerate(zip(step.operands, _LEAST_LEVELS[step.operation], strict=True)):
                if LEVELS.get(self.steps[i].operation, _ATOM) < least:
                    operands[j] = f"({operands[j]})"
            minus = sign("-").strip()
            texts.append(minus + operands[0] if step.operation == NEGATIVE else sign(step.operation).join(operands))
        return texts

    def _columns(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        for name, position in self.positions.items():
            if name not in values:
                raise FormulaError(f"The formula needs a column '{name}', which was not given.", position)
        return {name: np.asarray(values[name], dtype=float) for name in self.names}

    def _run(self, columns: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        results: list[np.ndarray] = []
        with np.errstate(all="ignore"):
            for step in self.steps:
                if step.operation == NAME:
                    results.append(columns[str(step.value)])
                elif step.operation == NUMBER:
                    results.append(np.asarray(step.value, dtype=float))
                elif step.operation == CATEGORY:
                    raise FormulaError(
                        f"Which number the category '{step.value}' has is known with its table alone: put the formula "
                        "among its outcomes.",
                        step.position,
                    )
                else:
                    results.append(np.asarray(OPERATIONS[step.operation].value(*(results[i] for i in step.operands))))
        return results

    @staticmethod
    def _filled(values: np.ndarray, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        shape = np.broadcast_shapes(*(column.shape for column in columns.values()))
        return np.array(np.broadcast_to(values, shape))


def quoted(name: str) -> str:
    """A name as formulas have it: bare where it is one plain word, else in square brackets, "]" doubled."""
    return name if name.isidentifier() and name not in FUNCTIONS else f"[{name.replace(']', ']]')}]"


def quoted_category(category: str) -> str:
    """A category as formulas have it: in double quotes, those within doubled."""
    return '"' + category.replace('"', '""') + '"'


def number_text(value: float) -> str:
    """A number in the fewest digits that mean it exactly."""
    return repr(float(value)).removesuffix(".0")
