"""The price of realism: the same search at several settings of what weighs against the objective."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optimizer import Candidates, Generation, Hooks, Plausibility, SpaceError, StopReason
from services.catalog.loading import ModelWithData
from services.problems.building import build_floor, build_space
from services.problems.plausibility import build_plausibility
from services.results.search import run_share, run_spec
from services.specs.errors import Failure
from services.specs.run import RunSpec
from services.studies.parallel import Execution, run_parallel
from services.studies.tune.spec import TuneFailure, TuneFigures, TunePoint, TuneResult, TuneSpec

MAX_DENSITIES = 200  # of lineages, that a point keeps


def run_tune(spec: TuneSpec, model_data: ModelWithData, execution: Execution | None = None) -> TuneResult:
    """The results of the same search at several settings of one swept setting.

    Every point equals, to the last bit, what a run with that setting gives, however many are searched at once. A stop
    keeps the points that are done; a search that it cuts short is left out, for its point would be another than that of
    a run. A setting that cannot be searched does not keep the others from it.

    Args:
        spec: run, swept setting and its settings.
        model_data: what the run names.
        execution: how many searches at once, and what is called meanwhile.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together, at any setting.
        DatasetError: the specification and the table do not fit together.
    """
    execution = (execution or Execution()).suited_to(model_data)
    outcomes = run_parallel(_Searches(spec, model_data.loaded()), spec.weights, execution, piece_of=_piece)
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    if failed and len(failed) == len(outcomes) and failed[0].error is not None:
        raise failed[0].error
    done = zip(spec.weights, outcomes, strict=True)
    return TuneResult.of(spec, [_piece(weight, outcome) for weight, outcome in done if outcome is not None])


def _piece(weight: float, outcome: TunePoint | Failure) -> TunePoint | TuneFailure:
    return TuneFailure(weight=weight, error=outcome.words) if isinstance(outcome, Failure) else outcome


class _Searches:
    """Searches at one setting after the other."""

    def __init__(self, spec: TuneSpec, model_data: ModelWithData) -> None:
        self._spec = spec
        self._model_data = model_data
        self._plausibility: Any = ...  # built when it is asked for first

    def __call__(
        self, weight: float, report: Callable[[float], None], should_stop: Callable[[], bool]
    ) -> TunePoint | None:
        """The point of a setting, or None where a stop cut it short."""
        run = self._spec.run_at(weight)
        hooks = Hooks(run_share(run, report), should_stop)
        done = run_spec(run, self._model_data, hooks, is_beside_random=False)
        if done.result.statistics.stop_reason is StopReason.USER:
            return None
        if self._plausibility is ...:
            self._plausibility = _plausibility(self._spec.run, self._model_data)
        return TunePoint(
            weight=weight,
            result=done.result,
            figures=TuneFigures.of(done.result, self._plausibility),
            densities=_densities(run, self._model_data, done.trace),
        )


def _densities(run: RunSpec, model_data: ModelWithData, trace: Sequence[Generation]) -> tuple[float, ...]:
    """Densities of the lineages whose last candidate passed the floor, or of an even sample, best first."""
    parts = run.parts(model_data.dataset.parts)
    if not parts or not trace:
        return ()
    ids = np.concatenate([generation.ids for generation in trace])
    bests = Candidates.concatenate([generation.bests for generation in trace])
    last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
    ended = bests.take(last)
    good = ended.take(build_floor(run).passing(ended)).by_score()
    rows = np.unique(np.linspace(0, len(good) - 1, min(len(good), MAX_DENSITIES)).astype(int))
    return tuple(good.X[rows][:, model_data.dataset.indices(parts)].sum(axis=1).tolist())


def _plausibility(run: RunSpec, model_data: ModelWithData) -> Plausibility | None:
    """What judges the results of every setting, or None where no two recorded rows differ in what counts."""
    features = build_space(run, model_data.dataset).features
    try:
        return build_plausibility(run, model_data.dataset, features)
    except SpaceError:
        return None
