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
import traceback
from collections.abc import Callable
from typing import IO

from services.errors import USER_ERRORS
from services.material import Shelves
from services.runs import channel, proof_job, search_job, tune_job
from services.runs.store import JobKind
from services.settings import Settings

log = logging.getLogger("mixwright.worker")


class Desk:
    """One job at work: says what happens to it, hears whether to stop.

    Args:
        job_id: the job.
        shelves: where datasets and models are found.
        say: sends a message to the supervisor.
        stops: ids of the jobs that shall end.
    """

    def __init__(self, job_id: str, shelves: Shelves, say: Callable[[channel.Message], None], stops: set[str]) -> None:
        self.job_id = job_id
        self.shelves = shelves
        self._say = say
        self._stops = stops

    def should_stop(self) -> bool:
        """Return whether the user asked the job to end."""
        return self.job_id in self._stops

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
    return {JobKind.SEARCH: search_job.handle, JobKind.PROOF: proof_job.handle, JobKind.TUNE: tune_job.handle}


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
    stops: set[str] = set()
    threading.Thread(target=_listen, args=(jobs, stops), daemon=True).start()
    handlers = handlers_of(kind)
    say(channel.Ready())
    while True:
        job = jobs.get()
        desk = Desk(job.job_id, Shelves.of(Settings.from_environment()), say, stops)
        say(_do(job, handlers, desk))
        stops.discard(job.job_id)


def _do(
    job: channel.Start | channel.Salvage, handlers: dict[JobKind, Handler], desk: Desk
) -> channel.Finished | channel.Failed:
    """Return how a job ended; nothing that it raises ends the worker."""
    try:
        if isinstance(job, channel.Salvage):
            result, artifact = search_job.handle_salvage(job, desk)
        else:
            result, artifact = handlers[JobKind(job.kind)](job.spec, desk)
    except USER_ERRORS as error:
        return channel.Failed(job.job_id, str(error))
    except MemoryError:
        return channel.Failed(job.job_id, "There was not enough memory: use fewer rows, lineages or curve points.")
    except Exception as error:
        log.error("job %s failed:\n%s", job.job_id, traceback.format_exc())
        return channel.Failed(job.job_id, f"Something unexpected went wrong ({type(error).__name__}: {error}).")
    return channel.Finished(job.job_id, result, desk.should_stop(), artifact)


def _listen(jobs: "queue.SimpleQueue[channel.Start | channel.Salvage]", stops: set[str]) -> None:
    """Take in what the supervisor says; end the process when it is gone."""
    while (message := channel.receive(sys.stdin.buffer)) is not None:
        if isinstance(message, channel.Stop | channel.Salvage):  # a salvaged job is one that was stopped
            stops.add(message.job_id)
        if isinstance(message, channel.Start | channel.Salvage):
            jobs.put(message)
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
