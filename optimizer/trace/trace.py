"""What each lineage did, generation by generation, and what users decided on the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np

from optimizer.checks import check_at_least, check_choice
from optimizer.problem.candidates import Candidates

SHAPES_EVERY = 4  # generations after which the Gaussian of a lineage is recorded although the lineage stalled


class LineageState(IntEnum):
    """What happened to a lineage in a generation; after EXTINCT, MERGED and DROPPED it is gone.

    Dropped is one that the user dropped, or that was like it; one that went extinct before leaves the archive then.
    """

    BORN = 0
    IMPROVED = 1
    STALLED = 2
    EXTINCT = 3
    MERGED = 4
    DROPPED = 5


ENDS = (LineageState.EXTINCT, LineageState.MERGED, LineageState.DROPPED)


def is_end(states: np.ndarray) -> np.ndarray:
    """(m,) whether these states are the last of their lineages."""
    return np.isin(states, ENDS)


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
        """Refuse what no search can follow."""
        check_at_least("The generation of a decision", self.after, 0)
        check_at_least("The lineage of a decision", self.lineage, 0)
        object.__setattr__(self, "kind", check_choice("A decision is", self.kind, DecisionKind))


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: every lineage that lived in it, with its best candidate so far.

    Attributes:
        number: 0, 1, 2 ...
        evaluations: candidates evaluated up to and including this generation.
        ids: (m,) number of each lineage, in order of birth.
        states: (m,) ``LineageState`` codes.
        bests: the best candidate of each of the m lineages.
        n_nonfinite: predictions of this generation that were not finite.
        covariances: (m, d, d) of the Gaussian that each lineage draws from, in the features' units; NaN for a lineage
            without one, None where no lineage has one.
        means: (m, d) centres of these Gaussians, or None where they are the lineages' bests.
        merged_into: (m,) the lineage whose hill a merged one was climbing, -1 where there is none or it is not known;
            None where no lineage of this generation merged into a known one.
        decisions: of the user, that this generation records; nothing is evaluated in it then.
    """

    number: int
    evaluations: int
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates
    n_nonfinite: int = 0
    covariances: np.ndarray | None = None
    means: np.ndarray | None = None
    merged_into: np.ndarray | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def n_living(self) -> int:
        """How many lineages live on."""
        return int((~is_end(self.states)).sum())

    def without_shapes(self) -> "Generation":
        """The generation without its Gaussians: what a long trace can afford to keep."""
        return self if self.covariances is None else replace(self, covariances=None, means=None)


@dataclass(frozen=True, slots=True)
class Events:
    """A trace without what can be inferred: a lineage that stalls stays where it was.

    The Gaussian of a lineage moves on while the lineage stalls: it is recorded in every fourth generation
    (`SHAPES_EVERY`), with the state STALLED.

    Attributes:
        generations: (e,) number of the generation of each event.
        ids: (e,) lineage.
        states: (e,) born, improved, extinct, merged or dropped; stalled for a Gaussian only.
        bests: the best candidate of the lineage after the event.
        covariances: (e, d, d) of the Gaussian that the lineage draws from, NaN where it has none; None where no event
            has one.
        means: (e, d) centres of these Gaussians, given together with the covariances.
        merged_into: (e,) the lineage whose hill a merged one was climbing, else -1; None where there is none.
    """

    generations: np.ndarray
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates
    covariances: np.ndarray | None = None
    means: np.ndarray | None = None
    merged_into: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, generations: Iterable[Generation], n_features: int) -> "Events":
        """The events of these generations, in order."""
        trace = list(generations)
        if not trace:
            return cls(np.empty(0, int), np.empty(0, int), np.empty(0, int), Candidates.empty(n_features))
        states = np.concatenate([generation.states for generation in trace])
        has_shapes = any(generation.covariances is not None for generation in trace)
        has_hills = any(generation.merged_into is not None for generation in trace)
        is_event = states != LineageState.STALLED
        if has_shapes:
            is_event |= np.concatenate([_is_shape_due(generation) for generation in trace])
        rows = np.flatnonzero(is_event)

        def taken(values: Callable[[Generation], np.ndarray]) -> np.ndarray:
            return np.concatenate([values(generation) for generation in trace])[rows]

        return cls(
            generations=np.repeat([g.number for g in trace], [len(g.ids) for g in trace])[rows],
            ids=taken(lambda generation: generation.ids),
            states=states[rows],
            bests=Candidates.concatenate([generation.bests for generation in trace]).take(rows),
            covariances=taken(_covariances) if has_shapes else None,
            means=taken(_means) if has_shapes else None,
            merged_into=taken(_merged_into) if has_hills else None,
        )


def _is_shape_due(generation: Generation) -> np.ndarray:
    """(m,) whether the Gaussian of each lineage is recorded in this generation whatever the lineage did."""
    if generation.covariances is None or generation.number % SHAPES_EVERY:
        return np.zeros(len(generation.ids), dtype=bool)
    return np.isfinite(generation.covariances).any(axis=(1, 2))


def _covariances(generation: Generation) -> np.ndarray:
    m, d = generation.bests.X.shape
    return np.full((m, d, d), np.nan) if generation.covariances is None else generation.covariances


def _means(generation: Generation) -> np.ndarray:
    return generation.bests.X if generation.means is None else generation.means


def _merged_into(generation: Generation) -> np.ndarray:
    return np.full(len(generation.ids), -1) if generation.merged_into is None else generation.merged_into
