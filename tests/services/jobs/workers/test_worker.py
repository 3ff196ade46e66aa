import contextlib
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from services.catalog.settings import ROOT
from services.jobs import JobKind, JobState, RunStore
from services.jobs.workers import messages
from services.jobs.workers.supervisor import WorkerProcess

SERVER = """
import os, sys, time
from services.jobs import JobKind, RunStore, Supervisor
from services.catalog.settings import Settings
settings = Settings.from_environment()
supervisor = Supervisor(settings, RunStore(settings.database))
supervisor.start()
job_id = supervisor.submit(JobKind.SEARCH, "Endless", sys.argv[1])
while supervisor.store.get(job_id).n_pieces == 0:
    time.sleep(0.02)
print(job_id, flush=True)
time.sleep(300)
"""


def _is_gone(pid):
    """Return whether a process has ended; one that nobody has reaped has."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_workers_end_with_a_server_that_is_killed(settings, endless_spec, worker_pids):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, endless_spec.model_dump_json()],
        cwd=ROOT,
        env=os.environ | settings.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        job_id = server.stdout.readline().strip()
        pids = worker_pids(server.pid)
        assert len(pids) == 1
        server.kill()
    deadline = time.monotonic() + 240
    while not all(_is_gone(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    store = RunStore(settings.database)  # what the next server finds
    assert store.get(job_id).state is JobState.RUNNING
    n_pieces = len(store.pieces(job_id))
    store.sweep(timedelta(0))
    job = store.get(job_id)
    assert job.state is JobState.INTERRUPTED
    assert job.n_pieces == n_pieces > 0
    store.close()


class _Messages:
    """Keeps the messages of a worker."""

    def __init__(self):
        self.messages = []
        self.reasons = []

    def on_message(self, _worker, message):
        self.messages.append(message)

    def on_end(self, _worker, reason):
        self.reasons.append(reason)

    def wait(self, condition, seconds=240):
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < deadline, (self.messages, self.reasons)
            time.sleep(0.02)


@pytest.fixture(scope="module")
def received():
    return _Messages()


@pytest.fixture(scope="module")
def worker(received, module_settings):
    made = WorkerProcess(JobKind.SEARCH, received.on_message, received.on_end, module_settings)
    received.wait(lambda received: received.messages == [messages.Ready()])
    made.has_loaded = True  # as the supervisor notes it
    yield made
    made.kill()
    received.wait(lambda received: received.reasons)
    assert not made.is_ready
    made.send(messages.Stop("nobody is there"))


def _ends(received, job_id):
    def about_it(received):
        return [message for message in received.messages if getattr(message, "job_id", "") == job_id]

    received.wait(lambda received: any(isinstance(message, messages.Finished) for message in about_it(received)))
    return about_it(received)


def test_a_worker_does_one_job_after_the_other(worker, received, bumps_spec):
    for job_id in ("one", "two"):
        worker.send(messages.Start(job_id, bumps_spec.model_dump_json()))
    first, second = _ends(received, "one"), _ends(received, "two")
    kinds = [type(message).__name__ for message in first if not isinstance(message, messages.Piece)]
    assert kinds[:2] == ["Progress", "Expected"] and kinds[-1] == "Finished"
    assert set(kinds[2:-1]) == {"Progress", "Result"}  # of searching, and of each step after it
    assert kinds.count("Result") == 1
    assert not first[-1].was_stopped
    assert received.messages.index(first[-1]) < received.messages.index(second[0])
    assert worker.is_ready


def test_a_stop_that_comes_before_its_job_has_begun_counts(worker, received, endless_spec):
    worker.send(messages.Start("first", endless_spec.model_dump_json()))
    worker.send(messages.Start("early", endless_spec.model_dump_json()))
    worker.send(messages.Stop("early"))
    worker.send(messages.Stop("first"))
    assert _ends(received, "first")[-1].was_stopped
    assert _ends(received, "early")[-1].was_stopped


def test_a_stop_counts_for_its_own_job_only(worker, received, bumps_spec):
    worker.send(messages.Stop("another"))
    worker.send(messages.Start("this", bumps_spec.model_dump_json()))
    assert not _ends(received, "this")[-1].was_stopped
