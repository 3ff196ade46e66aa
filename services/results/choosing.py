"""What is chosen of a search that has ended: the same whether it was seen to its end or is known by its trace."""

from dataclasses import dataclass

import numpy as np

from optimizer import (
    Candidates,
    Events,
    LineageState,
    Problem,
    QualityFloor,
    SearchOutcome,
    StopReason,
    found_by,
    representatives,
)
from services.problems.building import build_floor
from services.specs.run import RunSpec


@dataclass(frozen=True, slots=True)
class EndedSearch:
    """A search that has ended, whether it was seen to its end or is known by its trace.

    Attributes:
        archive: best candidate of every lineage that came to an end.
        living: best candidate of every lineage that was alive at the end.
        n_nonfinite: predictions that were not finite; 0 where nobody counted them.
        overhead_share: of the seconds outside the evaluation of candidates; 0 where nobody measured it.
        good: further good candidates that were evaluated on the way, or None where nobody kept them.
    """

    archive: Candidates
    living: Candidates
    events: Events
    n_generations: int
    n_evaluations: int
    seconds: float
    stop_reason: StopReason
    n_nonfinite: int = 0
    overhead_share: float = 0.0
    good: Candidates | None = None

    @classmethod
    def of(cls, outcome: SearchOutcome) -> "EndedSearch":
        """What is known of a search that was seen to its end."""
        return cls(
            archive=outcome.archive,
            living=outcome.living,
            events=Events.of((g.without_shapes() for g in outcome.trace), outcome.archive.X.shape[1]),
            n_generations=len(outcome.trace),
            n_evaluations=outcome.n_evaluations,
            seconds=outcome.seconds,
            stop_reason=outcome.stop_reason,
            n_nonfinite=outcome.n_nonfinite,
            overhead_share=1 - outcome.seconds_evaluating / outcome.seconds if outcome.seconds else 0.0,
            good=outcome.good,
        )

    @property
    def found(self) -> Candidates:
        """Archive, living lineages and what else was good, best first."""
        return found_by(self.archive, self.living, self.good)


def pick_results(spec: RunSpec, problem: Problem, found: Candidates) -> Candidates:
    """The representatives of what a search found, best first; only what passes the gate becomes one."""
    rng = np.random.default_rng([spec.seed, 1])
    return representatives(
        problem.passing(found),
        problem.space,
        spec.n_results,
        build_floor(spec),
        rng,
        distinct=spec.distinct,
        choice=spec.choice,
    )


def ends_of(events: Events) -> Candidates:
    """Where every lineage of a trace ended, in order of birth.

    That is the best candidate of a lineage that went extinct or lived at the end. One that merged ended on the hill of
    another lineage: it counts as ending where that one did, or, where the trace does not tell which, where it merged.
    One that was dropped ended nowhere, and so did those that merged with it.
    """
    ids, first = np.unique(events.ids[::-1], return_index=True)
    last = len(events) - 1 - first  # the last event of each lineage
    hosts = _hosts(events, ids, last)
    ends = last[hosts]
    return events.bests.take(ends[events.states[ends] != LineageState.DROPPED])


def _hosts(events: Events, ids: np.ndarray, last: np.ndarray) -> np.ndarray:
    """For each of the n lineages the place, in ``ids``, of the one on whose hill it ended."""
    hosts = np.arange(len(ids))
    if events.merged_into is None or not len(ids):
        return hosts
    into = np.where(events.states[last] == LineageState.MERGED, events.merged_into[last], -1)
    places = np.searchsorted(ids, into).clip(max=len(ids) - 1)
    hosts = np.where((into >= 0) & (ids[places] == into), places, hosts)
    # a hill may have become part of another one: pointer jumping halves every chain of mergers
    for _ in range(int(np.ceil(np.log2(len(ids) + 1)))):
        hosts = hosts[hosts]
    return hosts


def lineages_behind(chosen: Candidates, ends: Candidates, problem: Problem, floor: QualityFloor) -> tuple[int, ...]:
    """How many lineages ended nearest to each of the k results, of those that ended well enough to be one.

    A lineage counts if where it ended passes the quality floor, the results among the candidates that this is told by,
    and the gate; and then at the result that is nearest in recorded standard deviations over the free features, of
    equally near ones the better. So the numbers add up to the lineages that led to anything worth showing; one that
    went extinct on a poor hill is behind no result.
    """
    if not len(chosen):
        return ()
    passes = floor.passing(Candidates.concatenate([chosen, ends]))[len(chosen) :]
    X = problem.passing(ends.take(passes)).X
    scaled = problem.space.scaled(X)
    distances = np.stack([np.linalg.norm(scaled - row, axis=1) for row in problem.space.scaled(chosen.X)])
    return tuple(np.bincount(distances.argmin(axis=0), minlength=len(chosen)).tolist())
