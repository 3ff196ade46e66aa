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
from services.jobs.workers.process import WorkerProcess, reason_of

SERVER = """
import os, sys, time
from services.jobs import JobKind, RunStore, Supervisor
from services.catalog.settings import Settings
settings = Settings.from_environment()
supervisor = Supervisor(settings, RunStore(settings.database))
supervisor.start()
job_id = supervisor.submit(JobKind.SEARCH, "Endless", sys.argv[1])
while supervisor.store.get(job_id).n_chunks == 0:
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
    n_chunks = len(store.chunks(job_id))
    store.sweep(timedelta(0))
    job = store.get(job_id)
    assert job.state is JobState.INTERRUPTED
    assert job.n_chunks == n_chunks > 0
    store.close()


class _Ears:
    """Takes down what a worker says."""

    def __init__(self):
        self.messages = []
        self.reasons = []

    def hear(self, _worker, message):
        self.messages.append(message)

    def mourn(self, _worker, reason):
        self.reasons.append(reason)

    def wait(self, condition, seconds=240):
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < deadline, (self.messages, self.reasons)
            time.sleep(0.02)


@pytest.fixture(scope="module")
def ears():
    return _Ears()


@pytest.fixture(scope="module")
def worker(ears, module_settings):
    """A search worker and nobody between."""
    made = WorkerProcess(JobKind.SEARCH, ears.hear, ears.mourn, module_settings)
    ears.wait(lambda ears: ears.messages == [messages.Ready()])
    yield made
    made.kill()
    ears.wait(lambda ears: ears.reasons)
    assert not made.is_ready
    assert made.was_ready
    made.send(messages.Stop("nobody hears"))


def _ends(ears, job_id):
    ears.wait(lambda ears: any(getattr(m, "job_id", "") == job_id and hasattr(m, "was_stopped") for m in ears.messages))
    return [message for message in ears.messages if getattr(message, "job_id", "") == job_id]


def test_a_worker_does_one_job_after_the_other(worker, ears, bumps_spec):
    for job_id in ("one", "two"):
        worker.send(messages.Start(job_id, bumps_spec.model_dump_json()))
    first, second = _ends(ears, "one"), _ends(ears, "two")
    assert [type(message) for message in first if not isinstance(message, messages.Chunk)] == [
        messages.Phase,
        messages.Phase,
        messages.Finished,
    ]
    assert not first[-1].was_stopped
    assert ears.messages.index(first[-1]) < ears.messages.index(second[0])
    assert worker.is_ready


def test_a_stop_that_comes_before_its_job_has_begun_counts(worker, ears, endless_spec):
    worker.send(messages.Start("first", endless_spec.model_dump_json()))
    worker.send(messages.Start("early", endless_spec.model_dump_json()))
    worker.send(messages.Stop("early"))
    worker.send(messages.Stop("first"))
    assert _ends(ears, "first")[-1].was_stopped
    assert _ends(ears, "early")[-1].was_stopped


def test_a_stop_counts_for_its_own_job_only(worker, ears, bumps_spec):
    worker.send(messages.Stop("another"))
    worker.send(messages.Start("this", bumps_spec.model_dump_json()))
    assert not _ends(ears, "this")[-1].was_stopped


def test_an_exit_code_in_words():
    assert reason_of(3) == "it ended with exit code 3"
    assert reason_of(-9) == "it was ended by the signal SIGKILL, perhaps because memory ran out"
    assert reason_of(-11) == "it was ended by the signal SIGSEGV"
