"""What a formula can calculate: each operation with its value and its slopes, over whole columns at once.

A new function is one line in `FUNCTIONS`.
"""

from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

import numpy as np

Values = Callable[..., np.ndarray]
Slopes = Callable[..., tuple[np.ndarray, ...]]


class Operation(NamedTuple):
    """A way to calculate numbers from numbers.

    Attributes:
        value: maps operands, (n,) each or a single number, to the result.
        slopes: maps the result and the operands to the derivatives of the result by each operand.
        n_operands: the least and the greatest number of operands; no greatest one if None.
        help: what it calculates, in words.
    """

    value: Values
    slopes: Slopes
    n_operands: tuple[int, int | None] = (1, 1)
    help: str = ""


def _power_slopes(power: np.ndarray, base: np.ndarray, exponent: np.ndarray) -> tuple[np.ndarray, ...]:
    """The derivatives b a^(b - 1) and a^b log a; 0 where a power of 0 stays 0 around its exponent."""
    by_base = np.where(exponent == 0, 0.0, exponent * base ** (exponent - 1))
    by_exponent = np.where((base == 0) & (exponent > 0), 0.0, power * np.log(base))
    return by_base, by_exponent


def _chosen(result: np.ndarray, *operands: np.ndarray) -> tuple[np.ndarray, ...]:
    """1 for the operand that a minimum or maximum is, the first of equal ones, and 0 for the others."""
    slopes, is_free = [], np.ones(np.shape(result), dtype=bool)
    for operand in operands:
        is_it = is_free & (operand == result)
        is_free = is_free & ~is_it
        slopes.append(is_it.astype(float))
    return tuple(slopes)


def _comparison(compare: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Operation:
    """1 where two numbers compare so, else 0; NaN where one of them is NaN. It has no slope."""

    def value(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(a) | np.isnan(b), np.nan, compare(a, b))

    return Operation(value, lambda result, a, b: (np.zeros_like(result), np.zeros_like(result)), (2, 2))


COMPARISONS: dict[str, Operation] = {
    "<": _comparison(np.less),
    "<=": _comparison(np.less_equal),
    ">": _comparison(np.greater),
    ">=": _comparison(np.greater_equal),
    "==": _comparison(np.equal),
    "!=": _comparison(np.not_equal),
}

OPERATORS: dict[str, Operation] = {
    "+": Operation(np.add, lambda y, a, b: (np.ones_like(y), np.ones_like(y)), (2, 2)),
    "-": Operation(np.subtract, lambda y, a, b: (np.ones_like(y), -np.ones_like(y)), (2, 2)),
    "*": Operation(np.multiply, lambda y, a, b: (b, a), (2, 2)),
    "/": Operation(np.divide, lambda y, a, b: (1 / b, -a / b**2), (2, 2)),
    "^": Operation(np.power, _power_slopes, (2, 2)),
    **COMPARISONS,
}

NEGATIVE = "negative"
"""The name of the operation that a single minus is."""

FUNCTIONS: dict[str, Operation] = {
    "min": Operation(lambda *a: reduce(np.minimum, a), _chosen, (2, None), "the least of several numbers"),
    "max": Operation(lambda *a: reduce(np.maximum, a), _chosen, (2, None), "the greatest of several numbers"),
    "abs": Operation(np.abs, lambda y, a: (np.sign(a),), help="a number without its sign"),
    "sqrt": Operation(np.sqrt, lambda y, a: (0.5 / y,), help="the square root"),
    "exp": Operation(np.exp, lambda y, a: (y,), help="e to the power of a number"),
    "log": Operation(np.log, lambda y, a: (1 / a,), help="the natural logarithm; log(x) / log(10) for base 10"),
}

OPERATIONS: dict[str, Operation] = {
    **OPERATORS,
    **FUNCTIONS,
    NEGATIVE: Operation(np.negative, lambda y, a: (-np.ones_like(y),)),
}
"""Everything that a formula can do; nothing else is ever run."""
