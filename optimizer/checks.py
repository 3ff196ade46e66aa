"""Small guards that name what was expected, what came and how to mend it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

import numpy as np

_Choice = TypeVar("_Choice", bound=StrEnum)


class SpaceError(ValueError):
    """A search space, objective or penalty cannot be searched; the text says how to mend it."""


class AskTellError(RuntimeError):
    """Ask and tell were called out of turn, or with results that do not fit."""


def check_positive(name: str, value: float) -> None:
    """Refuse a number that is not finite and above zero."""
    check_limits(name, value, None, 0.0, None)


def check_at_least(name: str, value: float, least: float) -> None:
    """Refuse a number below the least one allowed."""
    check_limits(name, value, least, None, None)


def check_limits(name: str, value: float, least: float | None, above: float | None, most: float | None) -> None:
    """Refuse a number that is not finite, or outside the limits that are given."""
    is_inside = np.isfinite(value) and (least is None or value >= least) and (above is None or value > above)
    if is_inside and (most is None or value <= most):
        return
    if above is not None:
        words = f"a number above {above:g}" + ("" if most is None else f" and at most {most:g}")
    else:
        words = f"at least {least:g}" if most is None else f"between {least:g} and {most:g}"
    raise SpaceError(f"{name} must be {words}, got {value}.")


def check_one_of(what: str, given: str, choices: Iterable[str]) -> None:
    """Refuse a word that is none of the choices."""
    if given not in list(choices):
        names = ", ".join(f"'{choice}'" for choice in choices)
        raise SpaceError(f"{what} one of {names}, got '{given}'.")


def check_choice(what: str, given: str, choices: type[_Choice]) -> _Choice:
    """The choice that a word names, or refuse it."""
    check_one_of(what, given, choices)
    return choices(given)


def check_bounds(name: str, low: float, high: float) -> None:
    """Refuse bounds that are not finite or stand in the wrong order."""
    if not (np.isfinite(low) and np.isfinite(high)):
        raise SpaceError(f"'{name}' needs finite bounds, got {low} and {high}: give two numbers.")
    if low > high:
        raise SpaceError(f"'{name}' lies between {low:g} and {high:g}: the minimum is above the maximum, swap them.")


def check_varies(name: str, std: float) -> None:
    """Refuse a free feature whose recorded values give mutations no size."""
    if not (np.isfinite(std) and std > 0):
        raise SpaceError(
            f"'{name}' needs a standard deviation above 0 over the recorded rows to be moved, got {std}: freeze it."
        )


def check_within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside its bounds."""
    if not low <= value <= high:
        raise SpaceError(
            f"'{name}' is frozen at {value:g}, outside its range {low:g} to {high:g}: "
            "choose a value within the range, or widen the range."
        )


def check_matrix(name: str, X: np.ndarray, n_columns: int) -> None:
    """Refuse anything but an (n, n_columns) matrix."""
    if X.ndim != 2 or X.shape[1] != n_columns:
        raise SpaceError(f"{name} must have shape (n, {n_columns}), got {X.shape}.")


def check_predictions(predictions: np.ndarray, n_rows: int) -> None:
    """Refuse anything but one prediction per row."""
    if predictions.shape != (n_rows,):
        raise SpaceError(f"predict must return one number per row, shape ({n_rows},), got {predictions.shape}.")


def check_lengths(n_asked: int, n_told: int) -> None:
    """Refuse results whose number differs from the number of candidates asked for."""
    if n_asked != n_told:
        raise AskTellError(f"tell() needs one result per candidate of ask(): expected {n_asked}, got {n_told}.")


def check_unique(what: str, names: Sequence[str]) -> None:
    """Refuse names that occur twice."""
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise SpaceError(f"Every {what} needs a name of its own; {twice} occur more than once: rename them.")
