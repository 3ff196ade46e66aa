"""Small guards that name what was expected, what came and how to mend it."""

from collections.abc import Iterable
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


def check_matrix(name: str, X: np.ndarray, n_columns: int) -> None:
    """Refuse anything but an (n, n_columns) matrix."""
    if X.ndim != 2 or X.shape[1] != n_columns:
        raise SpaceError(f"{name} must have shape (n, {n_columns}), got {X.shape}.")
