"""A run store of its own, supervisors with real workers, and a specification that never ends by itself."""

import contextlib
import os
import time
from pathlib import Path

import pytest

from models.store import SHIPPED_FOLDER
from services.catalog.settings import ROOT, Settings
from services.jobs import JobKind, JobState, RunStore, Supervisor
from services.jobs.workers.traces import TracePiece
from services.problems.stories import LESSON
from services.specs.run import BudgetSpec


@pytest.fixture
def store(settings):
    """An empty run store."""
    made = RunStore(settings.database)
    yield made
    made.close()


@pytest.fixture(scope="session")
def endless_spec(bumps_spec):
    """A search by lineages, whose trace tells all it found, that goes on until it is stopped."""
    return bumps_spec.revised(method=LESSON, budget=BudgetSpec(evaluations=10**12))


@pytest.fixture(scope="session")
def watch():
    """Return a function that waits until a job fulfils a condition, and returns the job then."""

    def wait(supervisor, job_id, condition=lambda job: job.state.is_final, seconds=240.0):
        deadline = time.monotonic() + seconds
        while not condition(job := supervisor.store.get(job_id)):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:g} s in vain: {job.state}, {job.progress}, {job.error}")
            time.sleep(0.02)
        return job

    return wait


@pytest.fixture(scope="session")
def is_at_work():
    """Return a function that tells whether a job runs and a piece of its trace has come."""
    return lambda job: job.state is JobState.RUNNING and job.n_pieces > 0


@pytest.fixture(scope="session")
def worker_pids():
    """Return a function that gives the ids of the worker processes that a process (this one) has."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc to find processes")

    def pids(parent=None):
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state, parent_id = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                is_worker = b"services.jobs.workers.worker" in (folder / "cmdline").read_bytes()
                if is_worker and int(parent_id) == (parent or os.getpid()) and state != "Z":
                    found.append(int(folder.name))
        return found

    return pids


@contextlib.contextmanager
def _supervised(settings):
    store = RunStore(settings.database)
    supervisor = Supervisor(settings, store)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.close()
        store.close()


@pytest.fixture(scope="session")
def supervised():
    """Return a context in which a supervisor with these settings is at work."""
    return _supervised


@pytest.fixture(scope="module")
def supervisor(module_settings):
    """A supervisor that does one search at a time."""
    with _supervised(module_settings) as made:
        yield made


def submit(supervisor, spec):
    return supervisor.submit(JobKind.SEARCH, spec.name, spec.model_dump_json())


def trace_of(supervisor, job_id):
    return TracePiece.joined([TracePiece.from_bytes(piece) for piece in supervisor.store.pieces(job_id)])


@pytest.fixture(scope="module")
def module_settings(tmp_path_factory):
    """An installation that the tests of one module share."""
    home = tmp_path_factory.mktemp("home")
    return Settings(home, f"sqlite:///{home / 'runs.sqlite'}", SHIPPED_FOLDER, ROOT / "data", 1, False)
