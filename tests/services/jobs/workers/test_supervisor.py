import os
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from optimizer import Hooks
from services.jobs import JobKind, JobState
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.projection import MapProjection
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import BudgetSpec
from tests.services.jobs.conftest import submit, trace_of


@pytest.mark.parametrize("key", ["bumps", "concrete"])
def test_a_run_of_the_page_is_the_run_of_the_command_line(supervisor, watch, catalog, untimed, key):
    spec = story_spec(story(key), catalog).revised(budget=BudgetSpec(evaluations=3_000))
    job = watch(supervisor, submit(supervisor, spec))
    assert (job.state, job.error, job.progress) == (JobState.DONE, "", "")
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    assert untimed(RunResult.model_validate_json(job.result)) == untimed(report.result)
    assert job.n_pieces > 0
    projection = MapProjection.of(model_data.dataset.X, build_problem(spec, model_data).space)
    whole = TracePiece.of(report.trace, projection.space.n_features, lambda: projection)
    kept = trace_of(supervisor, job.id)
    if whole.ellipses is not None:  # how generations fall into pieces decides whether what has no ellipse has a centre
        has_none = np.isnan(whole.ellipses[:, 2:]).any(axis=1)
        whole.ellipses[has_none] = kept.ellipses[has_none] = np.nan
    assert kept.to_bytes() == whole.to_bytes()


def test_a_stop_ends_within_seconds_and_keeps_what_was_found(supervisor, watch, is_at_work, endless_spec, worker_pids):
    job_id = submit(supervisor, endless_spec)
    watch(supervisor, job_id, is_at_work)
    before = worker_pids()
    supervisor.stop(job_id)
    supervisor.stop(job_id)  # pressed twice
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    result = RunResult.model_validate_json(job.result)
    assert len(result.results) == endless_spec.n_results
    assert result.statistics.stop_reason == "stopped"
    assert result.statistics.n_generations == len(trace_of(supervisor, job_id).generations)
    assert worker_pids() == before  # asked, not killed


def test_results_are_there_before_what_they_are_shown_beside(supervisor, watch, catalog):
    spec = story_spec(story("concrete"), catalog).revised(budget=BudgetSpec(evaluations=3_000))
    job_id = submit(supervisor, spec)
    early = watch(supervisor, job_id, lambda job: job.is_ready)
    assert early.state is JobState.RUNNING
    late = watch(supervisor, job_id)
    first, last = (RunResult.model_validate_json(job.result) for job in (early, late))
    assert first.unpenalised is None and first.baseline_random is None
    assert last.unpenalised is not None and last.baseline_random is not None
    beside = {"unpenalised": None, "baseline_random": None}
    assert last.model_copy(update=beside) == first


def test_a_run_that_is_stopped_after_its_results_is_done(supervisor, watch, catalog):
    spec = story_spec(story("concrete"), catalog).revised(budget=BudgetSpec(evaluations=3_000))
    job_id = submit(supervisor, spec)
    early = watch(supervisor, job_id, lambda job: job.is_ready)
    supervisor.stop(job_id)
    late = watch(supervisor, job_id)
    assert late.state is JobState.DONE
    assert RunResult.model_validate_json(late.result) == RunResult.model_validate_json(early.result)


def test_a_queued_run_waits_its_turn_and_can_be_cancelled(supervisor, watch, is_at_work, bumps_spec, endless_spec):
    running, second, third = (submit(supervisor, spec) for spec in (endless_spec, bumps_spec, bumps_spec))
    watch(supervisor, running, is_at_work)
    store = supervisor.store
    assert [store.get(job_id).state for job_id in (second, third)] == [JobState.QUEUED] * 2
    assert [store.n_ahead(job_id) for job_id in (running, second, third)] == [0, 1, 2]
    supervisor.stop(second)
    cancelled = store.get(second)
    assert (cancelled.state, cancelled.started_at, cancelled.n_pieces) == (JobState.CANCELLED, None, 0)
    assert store.n_ahead(third) == 1
    supervisor.stop(running)
    assert watch(supervisor, third).state is JobState.DONE
    assert store.get(running).state is JobState.CANCELLED
    assert store.get(second) == cancelled


def _seen_last_first(supervisor, ids):
    """Return the jobs in order; the last is looked at first, so that one that follows another is not seen with it."""
    return [supervisor.store.get(job_id) for job_id in reversed(ids)][::-1]


def test_of_many_runs_at_once_no_more_than_allowed_are_at_work(supervisor, watch, bumps_spec):
    ids = [submit(supervisor, bumps_spec.revised(seed=seed)) for seed in range(6)]
    most = 0
    while not all((jobs := _seen_last_first(supervisor, ids))[n].state.is_final for n in range(6)):
        most = max(most, sum(job.state is JobState.RUNNING for job in jobs))
        time.sleep(0.01)
    assert most <= 1
    assert [job.state for job in jobs] == [JobState.DONE] * 6
    assert [job.finished_at for job in jobs] == sorted(job.finished_at for job in jobs)
    assert len({job.result for job in jobs}) == 6


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_fails_its_run_and_not_the_next(
    supervisor, watch, is_at_work, bumps_spec, endless_spec, worker_pids, sign
):
    job_id, waiting = submit(supervisor, endless_spec), submit(supervisor, bumps_spec)
    watch(supervisor, job_id, is_at_work)
    (pid,) = worker_pids()
    os.kill(pid, sign)
    job = watch(supervisor, job_id)
    assert job.state is JobState.FAILED
    assert f"ended unexpectedly: it was ended by the signal {sign.name}" in job.error
    assert watch(supervisor, waiting).state is JobState.DONE
    assert pid not in worker_pids()


def test_an_idle_worker_that_dies_is_replaced(supervisor, watch, bumps_spec, worker_pids):
    watch(supervisor, submit(supervisor, bumps_spec))
    (pid,) = worker_pids()
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 240
    while pid in worker_pids() or not worker_pids():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert watch(supervisor, submit(supervisor, bumps_spec)).state is JobState.DONE


def test_a_worker_that_does_not_answer_is_killed_and_its_findings_are_kept(
    supervisor, watch, is_at_work, endless_spec, catalog, worker_pids, untimed
):
    job_id = submit(supervisor, endless_spec)
    watch(supervisor, job_id, lambda job: is_at_work(job) and job.n_pieces >= 3)
    (pid,) = worker_pids()
    os.kill(pid, signal.SIGSTOP)  # it hears nothing any more
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    assert pid not in worker_pids()
    trace = trace_of(supervisor, job_id)
    result = RunResult.model_validate_json(job.result)
    assert result.statistics.n_generations == len(trace.generations)
    assert result.statistics.seconds > 0
    asked = iter(range(len(trace.generations)))
    stopped = run_spec(
        endless_spec, catalog.model_data(endless_spec), Hooks(should_stop=lambda: next(asked, None) is None)
    )
    assert untimed(result) == untimed(stopped.result)


def test_a_worker_that_never_answered_leaves_a_cancelled_run(supervisor, watch, bumps_spec, endless_spec, worker_pids):
    watch(supervisor, submit(supervisor, bumps_spec))
    (pid,) = worker_pids()
    os.kill(pid, signal.SIGSTOP)
    job_id = submit(supervisor, endless_spec)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.result) == (JobState.CANCELLED, None)
    assert job.error == "It did not answer the stop and was ended by force."
    assert watch(supervisor, submit(supervisor, bumps_spec)).state is JobState.DONE


def test_a_specification_with_an_error_fails_with_words_for_the_user(supervisor, watch, bumps_spec, with_feature):
    wrong = watch(supervisor, submit(supervisor, with_feature(bumps_spec, "x", low=5, high=1)))
    assert wrong.state is JobState.FAILED
    assert wrong.error == "'x' lies between 5 and 1: the minimum is above the maximum, swap them."
    gone = bumps_spec.revised(dataset={"name": "gone", "digest": "0" * 64})
    assert "upload the table again" in watch(supervisor, submit(supervisor, gone)).error


def test_what_nobody_foresaw_fails_and_leaves_the_worker_alive(supervisor, watch, bumps_spec, worker_pids):
    before = worker_pids()
    job = watch(supervisor, supervisor.submit(JobKind.SEARCH, "Broken", "{"))
    assert job.state is JobState.FAILED
    assert job.error.startswith("Something unexpected went wrong (ValidationError")
    assert "Traceback" not in job.error
    assert worker_pids() == before


def test_stopping_what_is_over_or_unknown_changes_nothing(supervisor, watch, bumps_spec):
    job = watch(supervisor, submit(supervisor, bumps_spec))
    supervisor.stop(job.id)
    supervisor.stop("nobody")
    assert supervisor.store.get(job.id) == job


def test_a_running_job_gives_signs_of_life(supervisor, watch, is_at_work, endless_spec, module_settings):
    job_id = submit(supervisor, endless_spec)
    watch(supervisor, job_id, is_at_work)

    def heartbeat():
        with closing(sqlite3.connect(module_settings.home / "runs.sqlite")) as connection:
            return connection.execute("SELECT heartbeat_at FROM jobs WHERE id = ?", [job_id]).fetchone()

    first, deadline = heartbeat(), time.monotonic() + 240
    while heartbeat() == first:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    supervisor.stop(job_id)
    watch(supervisor, job_id)


def test_a_store_that_takes_no_trace_loses_the_trace_and_no_more(
    supervisor, watch, bumps_spec, module_settings, caplog
):
    with closing(sqlite3.connect(module_settings.home / "runs.sqlite")) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
        job = watch(supervisor, submit(supervisor, bumps_spec))
        connection.execute("DROP TRIGGER full")
    assert (job.state, job.n_pieces) == (JobState.DONE, 0)
    assert len(RunResult.model_validate_json(job.result).results) == 5
    assert "a message is lost: Piece" in caplog.text


def test_closing_interrupts_what_runs_and_a_restart_does_what_was_queued(
    supervised, settings, watch, is_at_work, bumps_spec, endless_spec, worker_pids
):
    with supervised(settings) as first:
        others = set(worker_pids())
        running, queued = submit(first, endless_spec), submit(first, bumps_spec)
        watch(first, running, is_at_work)
        trace = trace_of(first, running)
        first.close()
        interrupted = first.store.get(running)
        assert (interrupted.state, interrupted.error) == (JobState.INTERRUPTED, "The server was stopped.")
        assert first.store.get(queued).state is JobState.QUEUED
        assert set(worker_pids()) <= others
    with supervised(settings) as second:
        assert watch(second, queued).state is JobState.DONE
        assert second.store.get(running) == interrupted
        kept = trace_of(second, running)
        n = len(trace.generations)
        np.testing.assert_array_equal(kept.generations[:n], trace.generations)


def test_two_runs_go_on_side_by_side_where_that_is_allowed(
    supervised, settings, watch, is_at_work, bumps_spec, endless_spec, catalog, untimed
):
    with supervised(replace(settings, n_parallel=2)) as supervisor:
        endless, short = submit(supervisor, endless_spec), submit(supervisor, bumps_spec)
        job = watch(supervisor, short)
        assert job.state is JobState.DONE
        assert is_at_work(watch(supervisor, endless, is_at_work))
        alone = run_spec(bumps_spec, catalog.model_data(bumps_spec))
        assert untimed(RunResult.model_validate_json(job.result)) == untimed(alone.result)


def test_workers_use_the_folders_of_their_supervisor(supervised, settings, watch, mixed_dataset, bumps_spec, catalog):
    shelf = type(catalog.datasets)(settings.shipped_data, settings.saved_datasets)
    bumps = catalog.datasets.load("bumps")
    saved = replace(bumps, y=bumps.y + 1)
    spec = bumps_spec.revised(dataset={"name": "mine", "digest": shelf.save(saved)})
    with supervised(settings) as supervisor:
        job = watch(supervisor, submit(supervisor, spec))
    assert (job.state, job.error) == (JobState.DONE, "")
    assert min(RunResult.model_validate_json(job.result).best_recorded.measured) > bumps.y.min() + 1
