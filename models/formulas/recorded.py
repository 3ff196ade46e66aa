"""Whether a formula has a finite result for every recorded row; where not, what it does there and how to mend it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from models.errors import FormulaError
from models.formulas.formula import Formula
from models.formulas.names import clipped


class Pitfall(NamedTuple):
    """Operands for which an operation has no result.

    Attributes:
        is_met: maps the operands to the rows (n,) where it has none.
        words: what the formula does there; {0} and {1} are its operands.
        hint: how to mend it.
    """

    is_met: Callable[..., np.ndarray]
    words: str
    hint: str


def _is_no_power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    return ((base < 0) & (exponent != np.round(exponent))) | ((base == 0) & (exponent < 0))


PITFALLS: dict[str, Pitfall] = {
    "/": Pitfall(
        lambda a, b: b == 0,
        "divides by zero, since {1} is 0,",
        "Choose a divisor that is never 0, such as max({1}, 0.001), or leave such rows out.",
    ),
    "log": Pitfall(
        lambda a: a <= 0, "takes the logarithm of {0}, which is not above 0,", "Make sure it is, as in log(1 + {0})."
    ),
    "sqrt": Pitfall(
        lambda a: a < 0, "takes the square root of {0}, which is below 0,", "Write sqrt(max({0}, 0)) if 0 will do."
    ),
    "^": Pitfall(_is_no_power, "takes {0} to the power {1}, which is no number,", "Keep what is raised above 0."),
}
_TOO_LARGE = Pitfall(lambda a: ~np.isfinite(a), "grows beyond all numbers", "Make its factors or exponents smaller.")


def check_rows(name: str, formula: Formula, values: Mapping[str, np.ndarray], numbers: np.ndarray) -> None:
    """Refuse a formula without a finite result for recorded rows; rows where a column has no value are left aside.

    Args:
        name: of the outcome.
        values: columns (n,) by name.
        numbers: (n,) what a person calls each row.

    Raises:
        FormulaError: the first operation in the formula that has no result; the text has how many rows, the first of
            them, and how to mend it.
    """
    is_asked = np.isfinite([values[named] for named in formula.names]).all(axis=0)
    rows = numbers[is_asked]
    if not len(rows):
        return
    results = formula.results({named: values[named][is_asked] for named in formula.names})
    places = [(pitfall, step.operands) for step in formula.steps if (pitfall := PITFALLS.get(step.operation))]
    for pitfall, operands in [*places, (_TOO_LARGE, (len(results) - 1,))]:
        is_met = np.broadcast_to(pitfall.is_met(*(results[i] for i in operands)), rows.shape)
        if n := int(is_met.sum()):
            texts = [clipped(formula.written(i)) for i in operands]
            raise FormulaError(
                f"{clipped(name)}: the formula {pitfall.words.format(*texts)} in {n:,} of {len(rows):,} recorded rows, "
                f"the first of them row {rows[int(np.argmax(is_met))]}. {pitfall.hint.format(*texts)}",
                formula.steps[operands[-1]].position,
            )
