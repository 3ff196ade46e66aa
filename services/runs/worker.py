"""A worker process: loads what its kind of job needs, then does one job after the other.

Started by the supervisor as ``python -m services.runs.worker KIND``; it ends when its standard input closes, so it
never outlives the server.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import IO

from optimizer import Decision
from services.errors import failure_of
from services.material import Shelves
from services.runs import channel, methods_job, proof_job, search_job, tune_job
from services.runs.inbox import Inbox
from services.runs.store import JobKind
from services.settings import Settings

log = logging.getLogger("mixwright.worker")


class Desk:
    """One job at work: says what happens to it, hears whether to stop.

    Args:
        job_id: the job.
        shelves: where datasets and models are found.
        say: sends a message to the supervisor.
        inbox: what users want of it.
    """

    def __init__(self, job_id: str, shelves: Shelves, say: Callable[[channel.Message], None], inbox: Inbox) -> None:
        self.job_id = job_id
        self.shelves = shelves
        self._say = say
        self._inbox = inbox

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
        self._say(channel.Chunk(self.job_id, payload))

    def set_phase(self, text: str) -> None:
        """Say what the job is doing now."""
        self._say(channel.Phase(self.job_id, text))


Handler = Callable[[str, Desk], tuple[str, bytes | None]]
"""Does a job of one kind: specification in, result document and artifact out."""


def handlers_of(kind: JobKind) -> dict[JobKind, Handler]:
    """Return what does the jobs of a kind of worker, with everything loaded that they need."""
    if kind is JobKind.TRAINING:
        from services.runs import judgement_job, quality_job, training_job

        training_job.warm_up()
        return {
            JobKind.TRAINING: training_job.handle,
            JobKind.QUALITY: quality_job.handle,
            JobKind.JUDGEMENT: judgement_job.handle,
        }
    threading.Thread(target=search_job.warm_up, daemon=True).start()
    return {
        JobKind.SEARCH: search_job.handle,
        JobKind.PROOF: proof_job.handle,
        JobKind.TUNE: tune_job.handle,
        JobKind.METHODS: methods_job.handle,
    }


def main(kind: JobKind) -> None:
    """Serve jobs of one kind until the supervisor is gone."""
    out = _own_output()
    if kind is JobKind.TRAINING and hasattr(os, "nice"):
        os.nice(10)  # loading TensorFlow must not slow the pages down
    sending = threading.Lock()

    def say(message: channel.Message) -> None:
        with sending:
            channel.send(out, message)

    jobs: queue.SimpleQueue[channel.Start | channel.Salvage] = queue.SimpleQueue()
    inbox = Inbox()
    threading.Thread(target=_listen, args=(jobs, inbox), daemon=True).start()
    handlers = handlers_of(kind)
    say(channel.Ready())
    while True:
        job = jobs.get()
        desk = Desk(job.job_id, Shelves.of(Settings.from_environment()), say, inbox)
        say(_do(job, handlers, desk))
        inbox.forget(job.job_id)


def _do(
    job: channel.Start | channel.Salvage, handlers: dict[JobKind, Handler], desk: Desk
) -> channel.Finished | channel.Failed:
    """Return how a job ended; nothing that it raises ends the worker."""
    try:
        if isinstance(job, channel.Salvage):
            result, artifact = search_job.handle_salvage(job, desk)
        else:
            result, artifact = handlers[JobKind(job.kind)](job.spec, desk)
    except Exception as error:
        return channel.Failed(job.job_id, failure_of(error).words)
    return channel.Finished(job.job_id, result, desk.should_stop(), artifact)


def _listen(jobs: "queue.SimpleQueue[channel.Start | channel.Salvage]", inbox: Inbox) -> None:
    """Take in what the supervisor says; end the process when it is gone."""
    while (message := channel.receive(sys.stdin.buffer)) is not None:
        match message:
            case channel.Start():
                jobs.put(message)
            case channel.Salvage(job_id):
                inbox.stop(job_id)  # a salvaged job is one that was stopped
                jobs.put(message)
            case channel.Stop(job_id):
                inbox.stop(job_id)
            case channel.Pause(job_id, is_on):
                inbox.pause(job_id, is_on)
            case channel.Steer(job_id, kind, lineage):
                inbox.steer(job_id, kind, lineage)
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
