"""From a search that has ended to its result: the same whether it was seen to its end or is known by its trace."""

from dataclasses import dataclass

import numpy as np

from optimizer import Candidates, Diversity, Problem, SearchOutcome, StopReason, representatives
from services.material import Material
from services.problems import build_floor
from services.realism import gate_notes
from services.report import make_result
from services.results import RunResult, Tally
from services.runspec import RunSpec


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
        )

    @property
    def found(self) -> Candidates:
        """Archive, living lineages and what else was good, best first."""
        others = [] if self.good is None else [self.good]
        return Candidates.concatenate([self.archive, self.living, *others]).by_score()


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
        n_lineages=len(ended.archive) + len(ended.living) + ended.n_merged,
        n_extinct=len(ended.archive),
        n_merged=ended.n_merged,
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
    return result.model_copy(update={"notes": (*gate_notes(problem, ended.found), *result.notes)})


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
