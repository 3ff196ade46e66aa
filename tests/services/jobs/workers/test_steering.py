"""A run that is steered and paused while a worker of its own searches."""

import time

import pytest

from optimizer import DecisionKind, LineageState
from services.jobs import JobState
from services.results.search import run_spec
from services.specs.results import RunResult
from tests.services.jobs.conftest import submit, trace_of

DROP, MORE = DecisionKind


@pytest.fixture(scope="module")
def long_spec(bumps_spec):
    """A search of a second or so."""
    return bumps_spec.revised(budget={"evaluations": 30_000})


def _held(supervisor, watch, spec):
    """Return a run that is paused as soon as it has begun."""
    job_id = submit(supervisor, spec)
    supervisor.pause(job_id)
    watch(supervisor, job_id, lambda job: job.progress == "Paused")
    return job_id


def test_a_paused_run_waits_and_then_finds_what_it_would_have_found(supervisor, watch, long_spec, catalog, untimed):
    job_id = _held(supervisor, watch, long_spec)
    n_generations = len(trace_of(supervisor, job_id).generations)
    assert n_generations > 0  # all that it did so far is sent
    time.sleep(0.3)
    assert len(trace_of(supervisor, job_id).generations) == n_generations
    supervisor.pause(job_id, False)
    result = RunResult.model_validate_json(watch(supervisor, job_id).result)
    assert untimed(result) == untimed(run_spec(long_spec, catalog.model_data(long_spec)).result)


def test_a_paused_run_can_be_stopped(supervisor, watch, long_spec):
    job_id = _held(supervisor, watch, long_spec)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    assert job.result is not None


def test_a_run_steered_from_the_page_is_repeated_by_its_own_specification(
    supervisor, watch, long_spec, catalog, untimed
):
    job_id = _held(supervisor, watch, long_spec)
    living = trace_of(supervisor, job_id).events
    first, second = living.ids[living.states == LineageState.BORN][:2].tolist()
    supervisor.steer(job_id, DROP, first)
    supervisor.steer(job_id, MORE, second)
    watch(supervisor, job_id, lambda job: bool(trace_of(supervisor, job_id).decisions))
    supervisor.pause(job_id, False)
    result = RunResult.model_validate_json(watch(supervisor, job_id).result)
    assert supervisor.store.get(job_id).spec == long_spec.model_dump_json()  # what was submitted stays
    assert [(d.kind, d.lineage) for d in result.spec.decisions] == [(DROP, first), (MORE, second)]
    assert [d.after for d in result.spec.decisions] == [d.after for d in trace_of(supervisor, job_id).decisions]
    assert untimed(run_spec(result.spec, catalog.model_data(long_spec)).result) == untimed(result)


def test_nothing_happens_to_a_run_that_has_ended_or_waits(supervisor, watch, is_at_work, bumps_spec, endless_spec):
    ended = submit(supervisor, bumps_spec)
    before = watch(supervisor, ended)
    running, queued = submit(supervisor, endless_spec), submit(supervisor, bumps_spec)
    watch(supervisor, running, is_at_work)
    for job_id in (ended, queued):
        supervisor.steer(job_id, DROP, 0)
        supervisor.pause(job_id)
    supervisor.stop(running)
    assert watch(supervisor, queued).state is JobState.DONE
    assert supervisor.store.get(ended) == before
