"""The supervisor: starts workers before they are needed, hands them jobs, and is the only writer of the run store."""

import logging
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from optimizer import DecisionKind
from services.catalog.settings import Settings
from services.jobs.store.store import JobKind, JobState, RunStore
from services.jobs.workers import messages
from services.jobs.workers.process import WorkerProcess

log = logging.getLogger("mixwright.supervisor")

BEAT_SECONDS = 2.0
STALE_AFTER = timedelta(seconds=10)
KEPT_WHEN_DELETED = timedelta(days=30)  # what users deleted can be restored for so long
SECONDS_TO_TIDY = 86_400.0  # so often what is kept no longer is removed
SECONDS_TO_STOP = 2.5  # a worker that has not ended a stopped job by then is killed
SECONDS_TO_SALVAGE = 60.0  # so long another worker may take to choose results from the trace of such a job


class Supervisor:
    """One per server. Any page may submit and stop jobs; what becomes of them is read from the store.

    Args:
        settings: folders and limits.
        store: where jobs are kept.
    """

    def __init__(self, settings: Settings, store: RunStore) -> None:
        self._settings = settings
        self._store = store
        self._server = secrets.token_hex(8)
        self._lock = threading.RLock()
        self._workers: list[WorkerProcess] = []
        self._running: dict[str, WorkerProcess] = {}
        self._stopping: set[str] = set()
        self._salvaging: set[str] = set()
        self._closed = threading.Event()

    @property
    def store(self) -> RunStore:
        """The run store that this supervisor writes."""
        return self._store

    def start(self) -> None:
        """Sweep what servers and users left behind, warm up one worker of each kind, and start what was queued."""
        self._store.sweep(STALE_AFTER)
        self._store.remove_deleted(KEPT_WHEN_DELETED)
        with self._lock:
            self._keep_warm()
        self._dispatch()
        threading.Thread(target=self._beat, name="supervisor", daemon=True).start()

    def submit(self, kind: JobKind, name: str, spec: str, story: str = "") -> str:
        """Queue a job, of a story perhaps, and return its id; it starts as soon as there is room."""
        job_id = self._store.add(kind, name, spec, story)
        self._dispatch()
        return job_id

    def stop(self, job_id: str) -> None:
        """End a job within seconds and keep what it found; a queued one never starts."""
        with self._lock:
            worker = self._running.get(job_id)
            if worker is None:
                self._store.finish(job_id, JobState.CANCELLED)
                return
            if job_id in self._stopping:
                return
            self._stopping.add(job_id)
            worker.send(messages.Stop(job_id))
            self._kill_later(job_id, worker, SECONDS_TO_STOP)

    def steer(self, job_id: str, kind: DecisionKind, lineage: int) -> None:
        """Have a running search heed a decision about one of its lineages; one that does not run heeds nothing."""
        self._tell(job_id, messages.Steer(job_id, kind, lineage))

    def pause(self, job_id: str, is_on: bool = True) -> None:
        """Hold a running search between two generations, or let it go on; its phase tells, its time limit waits."""
        self._tell(job_id, messages.Pause(job_id, is_on))

    def _tell(self, job_id: str, message: messages.Message) -> None:
        """Say something to the worker of a job, if it has one."""
        with self._lock:
            worker = self._running.get(job_id)
            if worker is not None:
                worker.send(message)

    def close(self) -> None:
        """End every worker; jobs that were running are marked as interrupted."""
        self._closed.set()
        with self._lock:
            for job_id in list(self._running):
                self._store.finish(job_id, JobState.INTERRUPTED, error="The server was stopped.")
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
                job = self._store.next_queued(kinds)
                if job is None:
                    return
                if not self._store.start(job.id, self._server):
                    continue
                worker = self._idle_worker(job.kind.worker)
                self._running[job.id] = worker
                if not worker.is_ready:
                    self._store.set_phase(job.id, "Warming up")
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
        """Return an idle worker of a kind, started now where there is none."""
        busy = set(self._running.values())
        for worker in self._workers:
            if worker.kind is kind and worker.is_alive and worker not in busy:
                return worker
        worker = WorkerProcess(kind, self._heard, self._died, self._settings)
        self._workers.append(worker)
        return worker

    def _heard(self, worker: WorkerProcess, message: messages.Message) -> None:
        """Write down what a worker says."""
        match message:
            case messages.Chunk(job_id, payload):
                self._store.add_chunk(job_id, payload)
            case messages.Phase(job_id, text):
                self._store.set_phase(job_id, text)
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
            self._salvaging.discard(job_id)
            self._store.finish(job_id, state, result=result, artifact=artifact, error=error)
        self._dispatch()

    def _died(self, worker: WorkerProcess, reason: str) -> None:
        """Mark what a dead worker was doing, and start a new one."""
        with self._lock:
            if self._closed.is_set():
                return
            self._workers.remove(worker)
            stopped = []
            for job_id in [job for job, doer in self._running.items() if doer is worker]:
                if job_id in self._stopping:
                    stopped.append(job_id)
                else:
                    log.error("worker of job %s died: %s", job_id, reason)
                    self._end(job_id, JobState.FAILED, error=f"The worker process ended unexpectedly: {reason}.")
            if worker.was_ready:  # one that dies while loading would die again
                self._keep_warm()
        for job_id in stopped:
            self._salvage(job_id)
        self._dispatch()

    def _salvage(self, job_id: str) -> None:
        """Have another worker choose results from the trace of a search that was ended by force, once."""
        job, pieces = self._store.get(job_id), self._store.chunks(job_id)
        with self._lock:
            if job_id not in self._running:
                return
            if job is None or job.kind is not JobKind.SEARCH or not pieces or job_id in self._salvaging:
                self._end(job_id, JobState.CANCELLED, error="It did not answer the stop and was ended by force.")
                return
            self._salvaging.add(job_id)
            worker = self._running[job_id] = self._idle_worker(JobKind.SEARCH)
            self._store.set_phase(job_id, "Choosing results from what was found")
            self._kill_later(job_id, worker, SECONDS_TO_SALVAGE)
        seconds = (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0
        worker.send(messages.Salvage(job_id, job.spec, tuple(pieces), seconds))  # waits until the worker listens

    def _kill_later(self, job_id: str, worker: WorkerProcess, seconds: float) -> None:
        """Kill a worker that is still at a job some seconds from now."""

        def kill() -> None:
            with self._lock:
                if self._running.get(job_id) is worker:
                    worker.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()

    def _beat(self) -> None:
        """Say that running jobs are alive, notice those of servers that are gone, and tidy up once a day."""
        tidied = time.monotonic()
        while not self._closed.wait(BEAT_SECONDS):
            with self._lock:
                job_ids = list(self._running)
            try:
                self._store.beat(job_ids)
                self._store.sweep(STALE_AFTER)
                if time.monotonic() - tidied > SECONDS_TO_TIDY:
                    self._store.remove_deleted(KEPT_WHEN_DELETED)
                    tidied = time.monotonic()
            except SQLAlchemyError:
                log.exception("the run store cannot be written; trying again")
