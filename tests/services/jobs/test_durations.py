from itertools import pairwise

import pytest

from services.jobs import JobKind, JobState, RunStore
from services.jobs.durations import correction, expected_of, expected_seconds, seconds_before, share_by_time
from services.jobs.store.job import EXPECTED
from services.processes import slowdown


@pytest.fixture
def store(tmp_path):
    made = RunStore(f"sqlite:///{tmp_path}/runs.sqlite")
    yield made
    made.close()


def done(store, expected, *, kind=JobKind.TUNE, state=JobState.DONE):
    """A job that ended at once, of which so many seconds were expected."""
    job = store.add(kind, "a", "{}")
    store.start(job, "server")
    if expected is not None:
        store.change_attachment(job, EXPECTED, lambda _: str(expected))
    store.finish(job, state, result="{}")
    return job


def test_estimates_are_corrected_by_the_median_of_what_jobs_took():
    assert correction([]) == 1
    assert correction([(10, 20), (10, 30), (1, 100)]) == 2.5
    assert correction([(10, 20)]) == 1.5  # one alone is believed by half
    assert correction([(0, 5)]) == 1
    assert correction([(1, 1e6)]) == 12 and correction([(1e6, 1)] * 3) == pytest.approx(1 / 12)


def test_only_jobs_of_the_kind_that_were_done_count_and_only_the_last(store):
    for expected in (4.0, 5.0, 6.0):
        done(store, expected)
    done(store, 7.0, kind=JobKind.SEARCH)
    done(store, 8.0, state=JobState.CANCELLED)
    done(store, None)
    assert [expected for expected, _ in store.durations(JobKind.TUNE, 2)] == [6.0, 5.0]
    assert all(0 <= seconds < 5 for _, seconds in store.durations(JobKind.TUNE, 9))


def test_what_is_expected_grows_with_the_load_and_with_what_others_took(store):
    assert expected_seconds(store, JobKind.TUNE, 2.0) == pytest.approx(2.0 * slowdown(), rel=0.2)
    done(store, 1e-6)
    assert expected_seconds(store, JobKind.TUNE, 2.0) == pytest.approx(24.0 * slowdown(), rel=0.2)
    assert expected_seconds(store, JobKind.PROOF, 2.0) == pytest.approx(2.0 * slowdown(), rel=0.2)
    assert slowdown() >= 1


def test_a_running_job_is_expected_to_take_what_it_noted(store):
    job = store.add(JobKind.TUNE, "a", "{}")
    store.start(job, "server")
    assert expected_of(store, store.get(job)) is None
    store.change_attachment(job, EXPECTED, lambda _: "9.5")
    assert expected_of(store, store.get(job)) == 9.5
    done(store, 1e-6)
    assert expected_of(store, store.get(job)) == pytest.approx(114)


def test_a_job_waits_only_where_no_more_may_run(store):
    assert seconds_before(store, 1) == 0
    running = store.add(JobKind.TUNE, "a", "{}")
    store.start(running, "server")
    store.change_attachment(running, EXPECTED, lambda _: "30")
    assert seconds_before(store, 2) == 0
    assert seconds_before(store, 1) == pytest.approx(30, abs=5)
    store.add(JobKind.TUNE, "b", "{}")
    assert seconds_before(store, 1) == pytest.approx(40, abs=5)  # nobody knows the second one yet


@pytest.mark.parametrize("expected", [0.5, 10.0, 1e4])
def test_a_bar_by_time_moves_on_and_never_ends(expected):
    shares = [share_by_time(expected * passed / 10, expected) for passed in range(60)]
    assert all(a < b < 1 for a, b in pairwise(shares))
    assert shares[0] == 0 and shares[10] == pytest.approx(0.9)
    assert share_by_time(3, 0) == 0
