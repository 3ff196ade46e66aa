"""From a search that has ended to its result: the same whether it was seen to its end or is known by its trace."""

from dataclasses import dataclass

import numpy as np

from optimizer import (
    Candidates,
    Diversity,
    Events,
    Goal,
    LineageState,
    Problem,
    QualityFloor,
    SearchOutcome,
    StopReason,
    found_by,
    representatives,
)
from services.catalog.loading import ModelWithData
from services.problems.building import build_floor
from services.problems.penalties import gate_notes
from services.results.names import name_results, usual_values
from services.results.report import make_result
from services.results.valleys import find_valleys
from services.specs.results import ResultSet, RunResult, SearchStatistics
from services.specs.run import RunSpec


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of a search that has ended.

    Attributes:
        archive: best candidate of every lineage that came to an end.
        living: best candidate of every lineage that was alive at the end.
        n_generations: how many there were.
        last_improvement: number of the generation that last bettered the best score.
        n_evaluations: candidates evaluated.
        seconds: wall time.
        stop_reason: why it ended.
        n_nonfinite: predictions that were not finite; 0 where nobody counted them.
        overhead_share: of the seconds outside the evaluation of candidates; 0 where nobody measured it.
        good: further good candidates that were evaluated on the way, or None where nobody kept them.
        n_merged: lineages that ended because they climbed a known hill.
        n_dropped: lineages that the user dropped, and those that were like them.
        ends: where each lineage ended, or None where nobody knows.
    """

    archive: Candidates
    living: Candidates
    n_generations: int
    last_improvement: int
    n_evaluations: int
    seconds: float
    stop_reason: StopReason
    n_nonfinite: int = 0
    overhead_share: float = 0.0
    good: Candidates | None = None
    n_merged: int = 0
    n_dropped: int = 0
    ends: Candidates | None = None

    @classmethod
    def of(cls, outcome: SearchOutcome) -> "Ended":
        """Return what is known of a search that was seen to its end."""
        return cls(
            archive=outcome.archive,
            living=outcome.living,
            n_generations=len(outcome.trace),
            last_improvement=outcome.last_improvement,
            n_evaluations=outcome.n_evaluations,
            seconds=outcome.seconds,
            stop_reason=outcome.stop_reason,
            n_nonfinite=outcome.n_nonfinite,
            overhead_share=1 - outcome.seconds_evaluating / outcome.seconds if outcome.seconds else 0.0,
            good=outcome.good,
            n_merged=outcome.n_merged,
            n_dropped=outcome.n_dropped,
            ends=ends_of(Events.of((g.without_shapes() for g in outcome.trace), outcome.archive.X.shape[1])),
        )

    @property
    def found(self) -> Candidates:
        """Archive, living lineages and what else was good, best first."""
        return found_by(self.archive, self.living, self.good)


def conclude(
    spec: RunSpec,
    model_data: ModelWithData,
    problem: Problem,
    ended: Ended,
    unpenalised: Candidates | None = None,
    random: Candidates | None = None,
) -> RunResult:
    """Return the result of a search that has ended: what is chosen of what it found, and what it did.

    Args:
        spec: the run.
        model_data: what it names, loaded.
        problem: of the run.
        ended: the search.
        unpenalised: representatives of the same search without realism, or None where there was none.
        random: the best of as many random candidates, or None where none were drawn.
    """
    found, floor = problem.passing(ended.found), build_floor(spec)
    chosen = pick_results(spec, problem, found)
    statistics = SearchStatistics(
        n_lineages=len(ended.archive) + len(ended.living) + ended.n_merged + ended.n_dropped,
        n_extinct=len(ended.archive),
        n_merged=ended.n_merged,
        n_dropped=ended.n_dropped,
        n_kept=int(floor.passing(found).sum()),
        n_generations=ended.n_generations,
        last_improvement=ended.last_improvement,
        n_evaluations=ended.n_evaluations,
        n_nonfinite=ended.n_nonfinite,
        seconds=ended.seconds,
        overhead_share=ended.overhead_share,
        stop_reason=ended.stop_reason,
    )
    diversity = Diversity.of(chosen, found, problem.space, floor)
    result = make_result(spec, model_data, problem, chosen, unpenalised, random, diversity, statistics)
    told = {
        "results": result.results.model_copy(update=_told_of(result, model_data, problem, chosen, ended)),
        "valleys": find_valleys(problem, chosen, result.objective_unit),
        "notes": (*gate_notes(problem, ended.found), *result.notes),
    }
    return result.model_copy(update=told)


def _told_of(
    result: RunResult, model_data: ModelWithData, problem: Problem, chosen: Candidates, ended: Ended
) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
    """Return what the results are called, and how many lineages are behind each where that is known."""
    dataset, density = model_data.dataset, result.spec.density
    parts = density.parts if density else dataset.parts
    told: dict[str, tuple[str, ...] | tuple[int, ...]] = {
        "names": name_results(result.features, chosen.X, usual_values(dataset.X), parts)
    }
    if ended.ends is not None:
        told["n_lineages"] = lineages_behind(chosen, ended.ends, problem, build_floor(result.spec))
    return told


def pick_results(spec: RunSpec, problem: Problem, found: Candidates) -> Candidates:
    """Return the representatives of what a search found, best first; only what passes the gate becomes one."""
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
    """Return where every lineage of a trace ended, in order of birth.

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
    """Return (n,) for each lineage the place, in ``ids``, of the one on whose hill it ended."""
    hosts = np.arange(len(ids))
    if events.merged_into is None or not len(ids):
        return hosts
    into = np.where(events.states[last] == LineageState.MERGED, events.merged_into[last], -1)
    places = np.searchsorted(ids, into).clip(max=len(ids) - 1)
    hosts = np.where((into >= 0) & (ids[places] == into), places, hosts)
    for _ in range(int(np.ceil(np.log2(len(ids) + 1)))):  # a hill may have become part of another one
        hosts = hosts[hosts]
    return hosts


def lineages_behind(chosen: Candidates, ends: Candidates, problem: Problem, floor: QualityFloor) -> tuple[int, ...]:
    """Return (k,) how many lineages ended nearest to each result, of those that ended well enough to be one.

    A lineage counts if where it ended passes the quality floor, the results among the candidates that this is told by,
    and the gate; and then at the result that is nearest in recorded standard deviations over the free features, of
    equally near ones the better. So the numbers add up to the lineages that led to anything worth showing; one that
    went extinct on a poor hill is behind no result.

    Args:
        chosen: the results, best first.
        ends: where each lineage ended; see `ends_of`.
        problem: of the run.
        floor: that results were chosen above.
    """
    if not len(chosen):
        return ()
    passes = floor.passing(Candidates.concatenate([chosen, ends]))[len(chosen) :]
    X = problem.passing(ends.take(passes)).X
    results, counts = problem.space.scaled(chosen.X), np.zeros(len(chosen), dtype=int)
    nearest = np.full(len(X), np.inf)
    owner = np.zeros(len(X), dtype=int)
    scaled = problem.space.scaled(X)
    for k, row in enumerate(results):
        distances = np.linalg.norm(scaled - row, axis=1)
        is_nearer = distances < nearest
        nearest, owner = np.where(is_nearer, distances, nearest), np.where(is_nearer, k, owner)
    np.add.at(counts, owner, 1)
    return tuple(counts.tolist())


def worst_cases(result: RunResult, rows: ResultSet) -> np.ndarray | None:
    """Return (k,) the worse end of every robust band, or None in documents that know no bands.

    That is the low end; when minimising, the high one; of a value that is searched for, the one farther from it.
    """
    if rows.robust_low is None or rows.robust_high is None:
        return None
    low, high = np.array(rows.robust_low, dtype=float), np.array(rows.robust_high, dtype=float)
    if result.goal is Goal.VALUE:
        value = result.spec.value
        assert value is not None
        return np.where(np.abs(low - value) > np.abs(high - value), low, high)
    return low if result.goal is Goal.MAXIMUM else high
