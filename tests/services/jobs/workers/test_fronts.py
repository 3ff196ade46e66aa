"""A search for several goals as a job: its trace, its end, a stop, and what users cannot decide."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer import DecisionKind
from services.jobs import JobKind, JobState, StoreError
from services.jobs.following import again_without, more_like
from services.jobs.kinds import salvage_search
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Salvage
from services.jobs.workers.traces import RunTrace, TracePiece
from services.problems.building import build_front
from services.problems.estimate import estimate_seconds, time_evaluation
from services.results.search import run_spec
from services.specs.results import RunResult
from tests.fronts import front_of
from tests.services.jobs.conftest import submit, trace_of


@pytest.fixture(scope="module")
def spec(catalog):
    return front_of(catalog)


@pytest.fixture(scope="module")
def report(spec, catalog):
    return run_spec(spec, catalog.model_data(spec))


@pytest.fixture(scope="module")
def ended(supervisor, watch, spec):
    """The run, done as a job while somebody wanted to steer and to pause it."""
    job_id = submit(supervisor, spec)
    watch(supervisor, job_id, lambda job: job.n_pieces > 0)
    supervisor.steer(job_id, DecisionKind.DROP, 0)
    supervisor.pause(job_id)
    return watch(supervisor, job_id)


def test_the_places_of_lineages_survive_the_way_through_bytes_and_joining(report):
    d = len(report.result.features)
    whole = TracePiece.of(report.trace, d, n_goals=2)
    parts = [TracePiece.of(part, d, n_goals=2) for part in (report.trace[:3], report.trace[3:3], report.trace[3:])]
    joined = TracePiece.joined([TracePiece.from_bytes(part.to_bytes()) for part in parts])
    places, given = joined.events.places, report.events.places
    assert places.outcomes.dtype == np.float32 and places.outcomes.shape == (len(whole.events), 2)
    np.testing.assert_array_equal(places.outcomes, given.outcomes[:, :2].astype(np.float32))
    for name in ("directions", "hills", "is_front"):
        np.testing.assert_array_equal(getattr(places, name), getattr(given, name))
    np.testing.assert_allclose(places.violations, given.violations, rtol=1e-6)
    assert (places.violations > 0).any() and places.is_front.any()


def test_pieces_that_do_not_all_tell_of_a_front_join_without_it(report):
    d = len(report.result.features)
    one = TracePiece.of(report.trace[:2], d)
    plain = replace(one, events=replace(one.events, places=None))
    assert TracePiece.joined([one, plain]).events.places is None


def test_the_leading_events_of_a_front_are_those_that_came_to_it(report):
    piece = TracePiece.of(report.trace, len(report.result.features), n_goals=2)
    leading = piece.leading(best=-np.inf)
    assert len(leading.events) == piece.events.places.is_front.sum() > 0
    assert leading.events.places.is_front.all()


def test_a_job_finds_what_the_function_finds_and_takes_no_decisions(supervisor, ended, report, untimed):
    assert (ended.state, ended.error) == (JobState.DONE, "")
    result = RunResult.model_validate_json(ended.result)
    assert untimed(result) == untimed(report.result)
    assert result.spec.decisions == () and len(result.results) > 2
    trace = trace_of(supervisor, ended.id)
    np.testing.assert_array_equal(trace.events.ids, report.events.ids)
    assert trace.events.places.outcomes.shape == (len(trace.events), 2)
    assert RunTrace(supervisor.store, ended.id).read().events.places.is_front.all()


def test_the_last_improvement_is_that_of_the_front_also_where_another_worker_ends_the_run(catalog, spec, report):
    piece = TracePiece.of(report.trace, len(report.result.features), n_goals=2)
    message = Salvage("id", spec.model_dump_json(), (piece.to_bytes(),), 1.0)
    document, _ = salvage_search(message, JobContext("id", catalog, lambda message: None))
    kept = RunResult.model_validate_json(document)
    assert kept.statistics.last_improvement == report.result.statistics.last_improvement
    assert len(kept.results) > 2 and kept.front is not None
    for values in kept.results.others:
        assert values.keeps is None or all(values.keeps)


def test_a_stop_keeps_what_was_found(supervisor, watch, catalog):
    job_id = submit(supervisor, front_of(catalog, 500_000))
    watch(supervisor, job_id, lambda job: job.n_pieces > 1)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    result = RunResult.model_validate_json(job.result)
    assert len(result.results) > 0 and 0 < result.statistics.n_evaluations < 500_000


def test_what_a_front_takes_is_told_by_its_own_search(spec, catalog):
    """Its own work is more than that of the method for one goal, which the specification still names."""
    seconds = time_evaluation(build_front(spec, catalog.model_data(spec)), spec.method)
    assert seconds > 3 * spec.method.overhead
    assert estimate_seconds(spec, seconds) > 1_000 * seconds


def test_what_follows_from_a_front(supervisor, store, ended, spec):
    run_id = store.add(JobKind.SEARCH, "A front", spec.model_dump_json())
    store.start(run_id, "here")
    store.finish(run_id, JobState.DONE, result=ended.result)
    with pytest.raises(StoreError, match="several goals cannot leave a result out: narrow the bounds"):
        again_without(store, run_id, [0])
    more = more_like(RunResult.model_validate_json(ended.result), 0)
    assert more.is_front and len(more.starts) == 1
