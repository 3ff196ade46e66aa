"""The result of a search whose worker had to be ended by force, from the trace that it had sent."""

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import Candidates, Events, LineageState, StopReason
from services.material import Material
from services.problems import build_floor, build_problem
from services.report import make_result
from services.results import RunResult, Tally
from services.runspec import RunSpec
from services.search import pick_results


def salvage(spec: RunSpec, material: Material, events: Events, generations: np.ndarray, seconds: float) -> RunResult:
    """Return what a stopped search would have returned after these generations, without a comparison.

    What a trace does not tell stays 0: predictions that were not finite, and the share of the search's own work.

    Args:
        spec: the run.
        material: what it names, loaded.
        events: of its trace.
        generations: (g, 2) number and cumulative evaluations of every generation.
        seconds: that the search took.

    Raises:
        SpaceError: bounds, goal or penalty do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    with threadpool_limits(limits=1):
        problem = build_problem(spec, material)
        archive, living = archive_and_living(events)
        found = Candidates.concatenate([archive, living]).by_score()
        tally = Tally(
            n_lineages=len(found),
            n_extinct=len(archive),
            n_kept=int(build_floor(spec).passing(found.scores).sum()),
            n_generations=len(generations),
            last_improvement=int(events.generations[events.bests.scores.argmin()]) if len(events) else 0,
            n_evaluations=int(generations[-1, 1]) if len(generations) else 0,
            n_nonfinite=0,
            seconds=seconds,
            overhead_share=0.0,
            stop_reason=StopReason.USER,
        )
        return make_result(spec, material, problem, pick_results(spec, problem, found), None, tally)


def archive_and_living(events: Events) -> tuple[Candidates, Candidates]:
    """Return the bests of the extinct lineages in order of extinction, and of the living ones in order of birth."""
    is_extinct = events.states == LineageState.EXTINCT
    last = len(events) - 1 - np.unique(events.ids[::-1], return_index=True)[1]  # of each lineage, by its number
    return events.bests.take(is_extinct), events.bests.take(last[~is_extinct[last]])
