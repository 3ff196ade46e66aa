"""How long jobs take: what is reckoned for an idle machine, the load of this one, and what others of the kind took.

A worker notes with its job what it expects of it. What finished jobs took against that corrects the next estimate, so
that a machine which is always slower, or a reckoning that misses something, is off by its own measure only once.
"""

import statistics
from collections.abc import Sequence

from services.jobs.store.job import EXPECTED, Job, JobKind
from services.jobs.store.store import RunStore
from services.processes import slowdown

_N_REMEMBERED = 5  # jobs of a kind: the last ones tell most of how it is now
_MOST = 12.0  # times; what is farther off was no honest run
_UNKNOWN = 10.0  # seconds of a job that nobody expects anything of
_NEAR = 0.9  # share that is shown when the expected time is over


def correction(durations: Sequence[tuple[float, float]]) -> float:
    """What estimates are off by: the median of actual over expected seconds of pairs (expected, actual).

    A ratio of 1 counts as well, so that a single job, for which the load may have changed, does not decide alone.
    """
    ratios = [actual / expected for expected, actual in durations if expected > 0]
    return min(max(statistics.median([1.0, *ratios]), 1 / _MOST), _MOST)


def expected_seconds(store: RunStore, kind: JobKind, idle_seconds: float) -> float:
    """How long a job will take from now on, in seconds, by what it takes on an idle machine."""
    return idle_seconds * slowdown() * correction(store.durations(kind, _N_REMEMBERED))


def expected_of(store: RunStore, job: Job) -> float | None:
    """How long a job that was begun takes in all, in seconds, or None where nothing was expected of it."""
    noted = store.attachment(job.id, EXPECTED)
    return None if noted is None else float(noted) * correction(store.durations(job.kind, _N_REMEMBERED))


def seconds_before(store: RunStore, n_parallel: int) -> float:
    """How long a job that is submitted now waits, in seconds, where ``n_parallel`` run at once; 0 for not at all."""
    unfinished = store.unfinished()
    if len(unfinished) < n_parallel:
        return 0.0
    left = [max(1.0, (expected or _UNKNOWN) - seconds) for seconds, expected in unfinished]
    return min(left) if len(left) == n_parallel else sum(left) / n_parallel


def share_by_time(seconds: float, expected: float) -> float:
    """The share of a job to show after so many seconds, 0 to 1: it goes on moving when the expected time is over."""
    if expected <= 0:
        return 0.0
    passed = seconds / expected
    return _NEAR * passed if passed < 1 else 1 - (1 - _NEAR) / passed
