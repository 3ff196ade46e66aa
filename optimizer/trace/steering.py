"""Steering: what the user decides about the lineages of a search between two of its generations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from optimizer.checks import check_at_least, check_choice


class DecisionKind(StrEnum):
    """What is decided about a lineage."""

    DROP = "drop"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about one lineage; one that is gone or was never born changes nothing.

    Attributes:
        after: number of the generation after which it was taken.
        kind: ``drop``: the lineage ends, and nothing like its best becomes a result; ``more``: new lineages begin
            around its best, and it lives for longer.
        lineage: its number. What is decided about a lineage that merged holds for the one that has its hill.

    Raises:
        SpaceError: a number is negative, or there is no such kind.
    """

    after: int
    kind: DecisionKind
    lineage: int

    def __post_init__(self) -> None:
        """Refuse what no search can heed."""
        check_at_least("The generation of a decision", self.after, 0)
        check_at_least("The lineage of a decision", self.lineage, 0)
        object.__setattr__(self, "kind", check_choice("A decision is", self.kind, DecisionKind))


Decide = Callable[[int], tuple[Decision, ...]]
"""Asked once after every generation, with its number: returns what was decided since. What time it takes, as a pause
does, is none of the search's."""


@dataclass(frozen=True, slots=True)
class Steering:
    """How a search is steered.

    Attributes:
        decide: gives the decisions.
        distinct: what is nearer to the best of a dropped lineage is like it, in recorded standard deviations.

    Raises:
        SpaceError: the distance is negative.
    """

    decide: Decide
    distinct: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a negative distance."""
        check_at_least("The least difference between results", self.distinct, 0.0)


def replaying(decisions: Iterable[Decision]) -> Decide:
    """Return what gives each of these decisions once, as soon as its generation is over: for one search only."""
    waiting = sorted(decisions, key=lambda decision: decision.after)

    def decide(generation: int) -> tuple[Decision, ...]:
        due = tuple(decision for decision in waiting if decision.after <= generation)
        del waiting[: len(due)]
        return due

    return decide
