"""The price of realism: the same search at several settings of one dial."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optimizer import Candidates, Generation, Hooks, Plausibility, SpaceError, StopReason
from services.catalog.loading import ModelWithData
from services.problems.building import build_floor, build_space
from services.problems.penalties import build_plausibility
from services.results.search import run_share, run_spec
from services.specs.errors import Failure
from services.specs.run import RunSpec
from services.studies.parallel import Progress, run_parallel
from services.studies.tune.spec import TuneFailure, TuneFigures, TunePoint, TuneResult, TuneSpec

MAX_DENSITIES = 200  # of lineages, that a point keeps


def run_tune(
    spec: TuneSpec,
    model_data: ModelWithData,
    *,
    n_lanes: int = 1,
    on_start: Callable[[float], None] = lambda weight: None,
    on_point: Callable[[TunePoint], None] = lambda point: None,
    on_failure: Callable[[TuneFailure], None] = lambda failure: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TuneResult:
    """Return the results of the same search at several settings of one dial.

    Every point equals, to the last bit, what a run with that setting gives, however many are searched at once. A stop
    keeps the points that are done; a search that it cuts short is left out, for its point would be another than that of
    a run. A setting that cannot be searched does not keep the others from it.

    Args:
        spec: run, dial and settings.
        model_data: what the run names, loaded.
        n_lanes: settings that are searched at once.
        on_start: called with every setting before it is searched.
        on_point: called with every point as soon as it is there.
        on_failure: called with every setting that cannot be searched.
        on_progress: called a few times a second.
        should_stop: asked before every generation.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together, at any setting.
        DatasetError: the specification and the table do not fit together.
    """

    def told(k: int, outcome: TunePoint | Failure) -> None:
        if isinstance(outcome, TunePoint):
            on_point(outcome)
        else:
            on_failure(TuneFailure(weight=spec.weights[k], error=outcome.words))

    outcomes = run_parallel(
        _Turned(spec, model_data.loaded()),
        spec.weights,
        n_lanes=1 if model_data.is_deferred else n_lanes,  # TensorFlow once, not once per process
        on_start=lambda k: on_start(spec.weights[k]),
        on_done=told,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    if failed and len(failed) == len(outcomes) and failed[0].error is not None:
        raise failed[0].error
    pieces = [
        TuneFailure(weight=weight, error=outcome.words) if isinstance(outcome, Failure) else outcome
        for weight, outcome in zip(spec.weights, outcomes, strict=True)
        if outcome is not None
    ]
    return TuneResult.of(spec, pieces)


class _Turned:
    """Searches with the dial of a tuning at one setting after the other."""

    def __init__(self, spec: TuneSpec, model_data: ModelWithData) -> None:
        self._spec = spec
        self._material = model_data
        self._plausibility: Any = ...  # built when it is asked for first

    def __call__(
        self, weight: float, report: Callable[[float], None], should_stop: Callable[[], bool]
    ) -> TunePoint | None:
        """Return the point of a setting, or None where a stop cut it short."""
        run = self._spec.run_at(weight)
        hooks = Hooks(run_share(run, report), should_stop)
        done = run_spec(run, self._material, hooks, is_beside_random=False)
        if done.result.statistics.stop_reason is StopReason.USER:
            return None
        if self._plausibility is ...:
            self._plausibility = _plausibility(self._spec.run, self._material)
        return TunePoint(
            weight=weight,
            result=done.result,
            figures=TuneFigures.of(done.result, self._plausibility),
            densities=_densities(run, self._material, done.trace),
        )


def _densities(run: RunSpec, model_data: ModelWithData, trace: Sequence[Generation]) -> tuple[float, ...]:
    """Return the densities of the lineages whose last candidate passed the floor, or of an even sample, best first."""
    parts = run.density.parts if run.density else model_data.dataset.parts
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
    """Return what judges the results of every setting, or None where no two recorded rows differ in what counts."""
    features = build_space(run, model_data.dataset).features
    try:
        return build_plausibility(run, model_data.dataset, features)
    except SpaceError:
        return None
