"""The supervisor: starts workers before they are needed, hands them jobs, and is the only writer of the run store."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from optimizer import DecisionKind
from services.catalog.settings import Settings
from services.jobs.store.job import EXPECTED, JobKind, JobState
from services.jobs.store.store import RunStore
from services.jobs.workers import messages
from services.processes import ChildProcess

log = logging.getLogger("mixwright.supervisor")

BEAT_SECONDS = 2.0
STALE_AFTER = timedelta(seconds=10)
DELETED_FOR = timedelta(days=30)  # what users deleted can be restored for so long
SECONDS_TO_TIDY = 86_400.0  # so often what is kept no longer is removed
SECONDS_TO_STOP = 2.5  # a worker that has not ended a stopped job by then is killed
SECONDS_TO_SALVAGE = 60.0  # so long another worker may take to choose results from the trace of such a job


class WorkerProcess(ChildProcess):
    """A process that does the jobs of one kind of worker.

    Attributes:
        kind: of worker.
        has_loaded: whether it once had loaded what it needs.
    """

    def __init__(
        self,
        kind: JobKind,
        on_message: Callable[["WorkerProcess", Any], None],
        on_end: Callable[["WorkerProcess", str], None],
        settings: Settings,
    ) -> None:
        self.kind = kind
        self.has_loaded = False
        environment = settings.environment | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        super().__init__(["services.jobs.workers.worker", str(kind)], on_message, on_end, environment)

    @property
    def is_ready(self) -> bool:
        """Whether it has loaded what it needs and still runs."""
        return self.has_loaded and self.is_alive


class Supervisor:
    """One per server. Any page may submit and stop jobs; what becomes of them is read from the store.

    Attributes:
        store: where jobs are kept; nobody else writes it.
    """

    def __init__(self, settings: Settings, store: RunStore) -> None:
        self._settings = settings
        self.store = store
        self._server = secrets.token_hex(8)
        self._lock = threading.RLock()
        self._workers: list[WorkerProcess] = []
        self._running: dict[str, WorkerProcess] = {}
        self._stopping: set[str] = set()
        self._answered: set[str] = set()
        self._salvaging: set[str] = set()
        self._closed = threading.Event()

    def start(self) -> None:
        """Sweep what servers and users left behind, warm up one worker of each kind, and start what was queued."""
        self.store.sweep(STALE_AFTER)
        self.store.remove_deleted(DELETED_FOR)
        with self._lock:
            self._keep_warm()
        self._dispatch()
        threading.Thread(target=self._beat, name="supervisor", daemon=True).start()

    def submit(self, kind: JobKind, name: str, spec: str, story: str = "") -> str:
        """Queue a job, of a story perhaps, and return its id; it starts as soon as there is room."""
        job_id = self.store.add(kind, name, spec, story)
        self._dispatch()
        return job_id

    def stop(self, job_id: str) -> None:
        """End a job within seconds and keep what it found; a queued one never starts."""
        with self._lock:
            worker = self._running.get(job_id)
            if worker is None:
                self.store.finish(job_id, JobState.CANCELLED)
                return
            if job_id in self._stopping:
                return
            self._stopping.add(job_id)
            worker.send(messages.Stop(job_id))
            self._kill_later(job_id, worker, SECONDS_TO_STOP)

    def steer(self, job_id: str, kind: DecisionKind, lineage: int) -> None:
        """Have a running search take a decision about one of its lineages; nothing happens where it does not run."""
        self._send(job_id, messages.Steer(job_id, kind, lineage))

    def pause(self, job_id: str, is_on: bool = True) -> None:
        """Hold a running search between two generations, or let it go on; its time limit waits meanwhile."""
        self._send(job_id, messages.Pause(job_id, is_on))

    def _send(self, job_id: str, message: Any) -> None:
        with self._lock:
            worker = self._running.get(job_id)
            if worker is not None:
                worker.send(message)

    def close(self) -> None:
        """End every worker; jobs that were running are marked as interrupted."""
        self._closed.set()
        with self._lock:
            for job_id in list(self._running):
                self.store.finish(job_id, JobState.INTERRUPTED, error="The server was stopped.")
            for worker in self._workers:
                worker.kill()
            self._running.clear()
            self._workers.clear()

    def _dispatch(self) -> None:
        """Start the jobs that have waited longest, as long as there is room."""
        with self._lock:
            while not self._closed.is_set() and len(self._running) < self._settings.n_parallel:
                is_training = any(worker.kind is JobKind.TRAINING for worker in self._running.values())
                kinds = [kind for kind in JobKind if not (is_training and kind.worker is JobKind.TRAINING)]
                job = self.store.next_queued(kinds)
                if job is None:
                    return
                if not self.store.start(job.id, self._server):
                    continue
                worker = self._idle_worker(job.kind.worker)
                self._running[job.id] = worker
                if not worker.is_ready:
                    self.store.set_progress(job.id, "Warming up")
                worker.send(messages.Start(job.id, job.spec, job.kind))
                self._keep_warm()

    def _keep_warm(self) -> None:
        """Have an idle worker of each kind ready for the next job, as far as jobs may run at once."""
        if len(self._running) < self._settings.n_parallel:
            self._idle_worker(JobKind.SEARCH)
            is_training = any(worker.kind is JobKind.TRAINING for worker in self._running.values())
            if self._settings.is_training_warm and not is_training:
                self._idle_worker(JobKind.TRAINING)

    def _idle_worker(self, kind: JobKind) -> WorkerProcess:
        """An idle worker of a kind, started now where there is none."""
        busy = set(self._running.values())
        for worker in self._workers:
            if worker.kind is kind and worker.is_alive and worker not in busy:
                return worker
        worker = WorkerProcess(kind, self._on_message, self._on_end, self._settings)
        self._workers.append(worker)
        return worker

    def _on_message(self, worker: WorkerProcess, message: Any) -> None:
        match message:
            case messages.Ready():
                worker.has_loaded = True
            case messages.Piece(job_id, payload):
                self.store.add_piece(job_id, payload)
            case messages.Result(job_id, result):
                self.store.set_result(job_id, result)
            case messages.Progress(job_id, words):
                self.store.set_progress(job_id, words)
            case messages.Expected(job_id, seconds):
                self.store.change_attachment(job_id, EXPECTED, lambda _: f"{seconds:.3f}")
            case messages.Stopping(job_id):
                # what a training has so far can be had from its own worker alone; a search can be salvaged
                if worker.kind is JobKind.TRAINING:
                    self._answered.add(job_id)
                    self._kill_later(job_id, worker, SECONDS_TO_SALVAGE, is_last=True)
            case messages.Finished(job_id, result, was_stopped, artifact):
                state = JobState.CANCELLED if was_stopped else JobState.DONE
                self._end(job_id, state, result=result, artifact=artifact)
            case messages.Failed(job_id, error):
                state = JobState.CANCELLED if job_id in self._salvaging else JobState.FAILED
                self._end(job_id, state, error=error)

    def _end(
        self, job_id: str, state: JobState, *, result: str | None = None, artifact: bytes | None = None, error: str = ""
    ) -> None:
        with self._lock:
            # forgotten first: should the store fail now, the job is swept as interrupted later
            self._running.pop(job_id, None)
            self._stopping.discard(job_id)
            self._answered.discard(job_id)
            self._salvaging.discard(job_id)
            self.store.finish(job_id, state, result=result, artifact=artifact, error=error)
        self._dispatch()

    def _on_end(self, worker: WorkerProcess, reason: str) -> None:
        """Fail what a worker that died was doing, unless it was killed for not stopping, and start a new one."""
        with self._lock:
            if self._closed.is_set():
                return
            self._workers.remove(worker)
            stopped = []
            for job_id in [job for job, its_worker in self._running.items() if its_worker is worker]:
                if job_id in self._stopping:
                    stopped.append(job_id)
                else:
                    log.error("worker of job %s died: %s", job_id, reason)
                    self._end(job_id, JobState.FAILED, error=f"The worker process ended unexpectedly: {reason}.")
            if worker.has_loaded:  # one that dies while loading would die again
                self._keep_warm()
        for job_id in stopped:
            self._salvage(job_id)
        self._dispatch()

    def _salvage(self, job_id: str) -> None:
        """Have another worker choose results from the trace of a search that was ended by force, once."""
        job, pieces = self.store.get(job_id), self.store.pieces(job_id)
        with self._lock:
            if job_id not in self._running:
                return
            if job is not None and job.result:
                self._end(job_id, JobState.DONE)
                return
            if job is None or job.kind is not JobKind.SEARCH or not pieces or job_id in self._salvaging:
                self._end(job_id, JobState.CANCELLED, error="It did not answer the stop and was ended by force.")
                return
            self._salvaging.add(job_id)
            worker = self._running[job_id] = self._idle_worker(JobKind.SEARCH)
            self.store.set_progress(job_id, "Choosing results from what was found")
            self._kill_later(job_id, worker, SECONDS_TO_SALVAGE, is_last=True)
        seconds = (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0
        worker.send(messages.Salvage(job_id, job.spec, tuple(pieces), seconds))  # waits until the worker listens

    def _kill_later(self, job_id: str, worker: WorkerProcess, seconds: float, *, is_last: bool = False) -> None:
        """Kill a worker that is still at a job some seconds from now; by then it may have gone on to another one.

        Unless this is the last time, one that has answered the stop is left to bring its job to an end.
        """

        def kill() -> None:
            with self._lock:
                if self._running.get(job_id) is worker and (is_last or job_id not in self._answered):
                    worker.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()

    def _beat(self) -> None:
        """Note that running jobs are alive, notice those of servers that are gone, and tidy up once a day."""
        tidied = time.monotonic()
        while not self._closed.wait(BEAT_SECONDS):
            with self._lock:
                job_ids = list(self._running)
            try:
                self.store.beat(job_ids)
                self.store.sweep(STALE_AFTER)
                if time.monotonic() - tidied > SECONDS_TO_TIDY:
                    self.store.remove_deleted(DELETED_FOR)
                    tidied = time.monotonic()
            except SQLAlchemyError:
                log.exception("the run store cannot be written; trying again")
