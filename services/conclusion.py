"""From a search that has ended to its result: the same whether it was seen to its end or is known by its trace."""

from dataclasses import dataclass

import numpy as np

from optimizer import Candidates, Diversity, Events, Problem, SearchOutcome, StopReason, found_by, representatives
from services.lineages import ends_of, lineages_behind
from services.material import Material
from services.naming import name_results, usual_values
from services.problems import build_floor
from services.realism import gate_notes
from services.report import make_result
from services.results import RunResult, Tally
from services.runspec import RunSpec
from services.terrain import find_terrain


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
    material: Material,
    problem: Problem,
    ended: Ended,
    unpenalised: Candidates | None = None,
    random: Candidates | None = None,
) -> RunResult:
    """Return the result of a search that has ended: what is chosen of what it found, and what it did.

    Args:
        spec: the run.
        material: what it names, loaded.
        problem: of the run.
        ended: the search.
        unpenalised: representatives of the same search without realism, or None where there was none.
        random: the best of as many random candidates, or None where none were drawn.
    """
    found, floor = problem.passing(ended.found), build_floor(spec)
    chosen = pick_results(spec, problem, found)
    tally = Tally(
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
    result = make_result(spec, material, problem, chosen, unpenalised, random, diversity, tally)
    told = {
        "results": result.results.model_copy(update=_told_of(result, material, problem, chosen, ended)),
        "terrain": find_terrain(problem, chosen, result.objective_unit),
        "notes": (*gate_notes(problem, ended.found), *result.notes),
    }
    return result.model_copy(update=told)


def _told_of(
    result: RunResult, material: Material, problem: Problem, chosen: Candidates, ended: Ended
) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
    """Return what the results are called, and how many lineages are behind each where that is known."""
    dataset, density = material.dataset, result.spec.density
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
