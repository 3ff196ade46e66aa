"""What every search method offers: a name, its settings, its first need, and a run from a problem to an outcome.

Settings are declared once, as fields of the method's frozen dataclass made by `setting`: default, limits and meaning.
They are checked here, and specifications and forms are made from them (`settings_of`).
"""

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np

from optimizer.checks import check_choice, check_limits, check_one_of
from optimizer.problem.problem import Problem
from optimizer.trace import NO_HOOKS, Budget, Hooks, SearchOutcome


@dataclass(frozen=True, slots=True)
class Setting:
    """What one setting of a method may be; None is allowed where it is the default.

    Attributes:
        subject: what an error says must be within the limits, or, of a word, "... is" or "... come from".
        meaning: what it does, for a user.
        least: smallest number allowed, or None.
        above: number that it has to be above, or None.
        most: largest number allowed, or None.
        choices: words allowed, if it is one: an enumeration, or texts.
    """

    subject: str
    meaning: str
    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: type[StrEnum] | Sequence[str] = ()


def setting(default: Any, subject: str, meaning: str = "", **limits: Any) -> Any:
    """A field of a method's dataclass: its default, and what `Setting` takes."""
    return field(default=default, metadata={"setting": Setting(subject, meaning, **limits)})


def settings_of(method: "Method | type") -> dict[str, tuple[Field[Any], Setting]]:
    """The settings of a method by name, each a dataclass field with its declaration."""
    return {each.name: (each, each.metadata["setting"]) for each in fields(cast(Any, method))}


class CheckedSettings:
    """Base of methods that are dataclasses of their settings: refuses what is out of range.

    Raises:
        SpaceError: a setting is out of range.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, (declared, limits) in settings_of(cast(Any, self)).items():
            value = getattr(self, name)
            if value is None and declared.default is None:
                continue
            if isinstance(limits.choices, type):
                object.__setattr__(self, name, check_choice(limits.subject, value, limits.choices))
            elif limits.choices:
                check_one_of(limits.subject, value, limits.choices)
            elif not isinstance(value, bool):
                check_limits(limits.subject, value, limits.least, limits.above, limits.most)


@runtime_checkable
class Method(Protocol):
    """A way to search, with its settings; implementations are frozen dataclasses of these.

    A method whose lineages are its own has a true attribute `is_steerable`: it asks `Hooks.decide` after every
    generation and does what was decided, and in its first generation lineages begin at `Problem.begin_at` for certain.
    One that draws children by the mutation strengths of features has a true attribute `uses_strengths`.
    """

    @property
    def name(self) -> str:
        """The name that users and documents know it by."""

    def n_first(self, n_free: int) -> int:
        """Evaluations that its first generation needs in a space of ``n_free`` free features."""

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What it finds within the budget; a stop keeps everything found so far.

        Args:
            rng: the only source of randomness: the same state (and the same decisions) give the same outcome.

        Raises:
            SpaceError: the budget does not reach for the first generation, or the method cannot search such a space.
        """


def uses_strengths(method: Method) -> bool:
    """Whether the mutation strengths of features say how a method draws children."""
    return bool(getattr(method, "uses_strengths", False))


def is_steerable(method: Method) -> bool:
    """Whether a method takes decisions while it runs, and settings to begin at."""
    return bool(getattr(method, "is_steerable", False))
