"""The result of a search whose worker had to be ended by force, from the trace that it had sent."""

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import Candidates, Decision, Events, LineageState, StopReason, is_end
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.results.choosing import EndedSearch, conclude
from services.specs.results import RunResult
from services.specs.run import DecisionSpec, RunSpec


def salvage(
    spec: RunSpec,
    model_data: ModelWithData,
    events: Events,
    generations: np.ndarray,
    seconds: float,
    decisions: Sequence[Decision] = (),
) -> RunResult:
    """What a stopped search would have returned after these generations, without a comparison.

    What a trace does not tell stays 0: predictions that were not finite, and the share of the search's own work.

    Args:
        generations: (g, 2) number and cumulative evaluations of every generation.
        decisions: of the user, as the trace has them; the specification of the result holds them.

    Raises:
        SpaceError: bounds, goal or penalty do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    if spec.decisions or decisions:
        spec = spec.revised(decisions=tuple(DecisionSpec.of(decision) for decision in decisions))
    model_data = model_data.loaded()
    with threadpool_limits(limits=1):
        problem = build_problem(spec, model_data)
        archive, living = archive_and_living(events)
        ended = EndedSearch(
            archive=archive,
            living=living,
            events=events,
            n_generations=len(generations),
            n_evaluations=int(generations[-1, 1]) if len(generations) else 0,
            seconds=seconds,
            stop_reason=StopReason.USER,
        )
        return conclude(spec, model_data, problem, ended)


def archive_and_living(events: Events) -> tuple[Candidates, Candidates]:
    """The bests of extinct lineages in order of their ends, and of the living in order of birth.

    Merged lineages leave nothing: the hill that they climbed has its best from another one. What was dropped leaves
    nothing either, those among it that had gone extinct before.
    """
    last = len(events) - 1 - np.unique(events.ids[::-1], return_index=True)[1]  # of each lineage, by its number
    is_living = ~is_end(events.states[last])
    is_dropped = np.isin(events.ids, events.ids[events.states == LineageState.DROPPED])
    is_kept = (events.states == LineageState.EXTINCT) & ~is_dropped
    return events.bests.take(is_kept), events.bests.take(last[is_living])
