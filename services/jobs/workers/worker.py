"""A worker process: loads what its kind of job needs, then does one job after the other.

Started by the supervisor as ``python -m services.jobs.workers.worker KIND``; it ends when its standard
input closes, so it never outlives the server.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import IO

from optimizer import Decision, DecisionKind
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs.kinds import methods, proof, search, tune
from services.jobs.store.store import JobKind
from services.jobs.workers import messages
from services.specs.errors import failure_of

LONGEST_PAUSE = 600.0  # seconds: a paused run keeps its place, for which others may be waiting

log = logging.getLogger("mixwright.worker")


class JobRequests:
    """Heard by the thread that listens, heeded by the one that works."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopped: set[str] = set()
        self._paused: set[str] = set()
        self._decided: defaultdict[str, list[tuple[DecisionKind, int]]] = defaultdict(list)

    def stop(self, job_id: str) -> None:
        """Want a job to end, one that is paused as well."""
        with self._changed:
            self._stopped.add(job_id)
            self._changed.notify_all()

    def pause(self, job_id: str, is_on: bool) -> None:
        """Want a job to pause, or to go on."""
        with self._changed:
            (self._paused.add if is_on else self._paused.discard)(job_id)
            self._changed.notify_all()

    def steer(self, job_id: str, kind: DecisionKind, lineage: int) -> None:
        """Want something of a lineage of a job."""
        with self._changed:
            self._decided[job_id].append((kind, lineage))
            self._changed.notify_all()

    def is_stopped(self, job_id: str) -> bool:
        """Return whether a job shall end."""
        return job_id in self._stopped

    def is_held(self, job_id: str) -> bool:
        """Return whether a job shall wait: it is paused, shall not end, and nothing was decided that is to be done."""
        return job_id in self._paused and job_id not in self._stopped and not self._decided.get(job_id)

    def wait(self, job_id: str, at_most: float = LONGEST_PAUSE) -> None:
        """Return when a job need not wait any longer; one that is forgotten goes on after so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self.is_held(job_id), timeout=at_most):
                self._paused.discard(job_id)

    def take(self, job_id: str, generation: int) -> tuple[Decision, ...]:
        """Return what was decided about a job since this was last asked, as taken after a generation."""
        with self._changed:
            return tuple(Decision(generation, kind, lineage) for kind, lineage in self._decided.pop(job_id, ()))

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended."""
        with self._changed:
            self._stopped.discard(job_id)
            self._paused.discard(job_id)
            self._decided.pop(job_id, None)


class WorkerContext:
    """One job at work: says what happens to it, hears whether to stop.

    Args:
        job_id: the job.
        catalog: where datasets and models are found.
        say: sends a message to the supervisor.
        requests: what users want of it.
    """

    def __init__(
        self, job_id: str, catalog: Catalog, say: Callable[[messages.Message], None], requests: JobRequests
    ) -> None:
        self.job_id = job_id
        self.catalog = catalog
        self._say = say
        self._inbox = requests

    def should_stop(self) -> bool:
        """Return whether the user asked the job to end."""
        return self._inbox.is_stopped(self.job_id)

    @property
    def is_held(self) -> bool:
        """Whether the user paused the job."""
        return self._inbox.is_held(self.job_id)

    def wait(self) -> None:
        """Return when the job is not held any longer."""
        self._inbox.wait(self.job_id)

    def decisions(self, generation: int) -> tuple[Decision, ...]:
        """Return what the user decided since this was last asked, as taken after a generation."""
        return self._inbox.take(self.job_id, generation)

    def add_chunk(self, payload: bytes) -> None:
        """Send a piece of the trace."""
        self._say(messages.Chunk(self.job_id, payload))

    def set_phase(self, text: str) -> None:
        """Say what the job is doing now."""
        self._say(messages.Phase(self.job_id, text))


Handler = Callable[[str, WorkerContext], tuple[str, bytes | None]]
"""Does a job of one kind: specification in, result document and artifact out."""


def handlers_of(kind: JobKind) -> dict[JobKind, Handler]:
    """Return what does the jobs of a kind of worker, with everything loaded that they need."""
    if kind is JobKind.TRAINING:
        from services.jobs.kinds import judgement, quality, training

        training.warm_up()
        return {
            JobKind.TRAINING: training.handle,
            JobKind.QUALITY: quality.handle,
            JobKind.JUDGEMENT: judgement.handle,
        }
    threading.Thread(target=search.warm_up, daemon=True).start()
    return {
        JobKind.SEARCH: search.handle,
        JobKind.PROOF: proof.handle,
        JobKind.TUNE: tune.handle,
        JobKind.METHODS: methods.handle,
    }


def main(kind: JobKind) -> None:
    """Serve jobs of one kind until the supervisor is gone."""
    out = _own_output()
    if kind is JobKind.TRAINING and hasattr(os, "nice"):
        os.nice(10)  # loading TensorFlow must not slow the pages down
    sending = threading.Lock()

    def say(message: messages.Message) -> None:
        with sending:
            messages.send(out, message)

    jobs: queue.SimpleQueue[messages.Start | messages.Salvage] = queue.SimpleQueue()
    requests = JobRequests()
    threading.Thread(target=_listen, args=(jobs, requests), daemon=True).start()
    handlers = handlers_of(kind)
    say(messages.Ready())
    while True:
        job = jobs.get()
        job_context = WorkerContext(job.job_id, Catalog.of(Settings.from_environment()), say, requests)
        say(_do(job, handlers, job_context))
        requests.forget(job.job_id)


def _do(
    job: messages.Start | messages.Salvage, handlers: dict[JobKind, Handler], job_context: WorkerContext
) -> messages.Finished | messages.Failed:
    """Return how a job ended; nothing that it raises ends the worker."""
    try:
        if isinstance(job, messages.Salvage):
            result, artifact = search.handle_salvage(job, job_context)
        else:
            result, artifact = handlers[JobKind(job.kind)](job.spec, job_context)
    except Exception as error:
        return messages.Failed(job.job_id, failure_of(error).words)
    return messages.Finished(job.job_id, result, job_context.should_stop(), artifact)


def _listen(jobs: "queue.SimpleQueue[messages.Start | messages.Salvage]", requests: JobRequests) -> None:
    """Take in what the supervisor says; end the process when it is gone."""
    while (message := messages.receive(sys.stdin.buffer)) is not None:
        match message:
            case messages.Start():
                jobs.put(message)
            case messages.Salvage(job_id):
                requests.stop(job_id)  # a salvaged job is one that was stopped
                jobs.put(message)
            case messages.Stop(job_id):
                requests.stop(job_id)
            case messages.Pause(job_id, is_on):
                requests.pause(job_id, is_on)
            case messages.Steer(job_id, kind, lineage):
                requests.steer(job_id, kind, lineage)
    os._exit(0)


def _own_output() -> IO[bytes]:
    """Return standard output for messages alone; whatever libraries print goes to standard error."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(kept, os.O_BINARY)
    return os.fdopen(kept, "wb")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main(JobKind(sys.argv[1]))
