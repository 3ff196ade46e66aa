"""A worker process: loads what its kind of job needs, then does one job after the other.

Started by the supervisor as ``python -m services.jobs.workers.worker KIND``.
"""

import contextlib
import logging
import queue
import sys
import time
from importlib import import_module
from typing import Any

from threadpoolctl import threadpool_limits

from models.keras.backend import load_backend
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs.kinds import HANDLERS, salvage_search
from services.jobs.store.job import JobKind
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Failed, Finished, Pause, Ready, Salvage, Start, Steer, Stop
from services.processes import ParentConnection, aside
from services.specs.errors import failure_of

SEARCHES_LOAD = ("scipy.cluster.hierarchy", "skops.io")  # what judges results: one to two seconds
SECONDS_FOR_A_JOB = 0.2  # in which the job arrives that a worker was started for


def main(kind: JobKind) -> None:
    """Do one job after the other, of a kind of worker, until the supervisor is gone.

    Matrix products keep to one thread: two that wait for each other take many times as long as one where others work.
    """
    threadpool_limits(limits=1, user_api="blas")
    parent = ParentConnection()
    jobs: queue.SimpleQueue[tuple[Start | Salvage, JobContext]] = queue.SimpleQueue()
    contexts: dict[str, JobContext] = {}  # of the jobs that have not ended

    def take(message: Any) -> None:
        if isinstance(message, Start | Salvage):
            catalog = Catalog.of(Settings.from_environment())
            contexts[message.job_id] = JobContext(message.job_id, catalog, parent.send)
        context = contexts.get(message.job_id)
        if context is None:  # it ended while the message was on its way
            return
        match message:
            case Start():
                jobs.put((message, context))
            case Salvage():
                context.stop()  # a salvaged job is one that was stopped
                jobs.put((message, context))
            case Stop():
                context.stop()
            case Pause(_, is_on):
                context.pause(is_on)
            case Steer(_, decision, lineage):
                context.steer(decision, lineage)

    parent.listen(take)
    time.sleep(SECONDS_FOR_A_JOB)
    if jobs.empty():  # a job that waits already loads what it needs: a training may do without TensorFlow
        if kind is JobKind.TRAINING:
            aside(load_backend)  # 10 to 20 s, before anybody waits for it
        else:
            aside(lambda: [import_module(module) for module in SEARCHES_LOAD])
    parent.send(Ready())
    while True:
        job, context = jobs.get()
        parent.send(_do(job, context))
        contexts.pop(job.job_id)


def _do(job: Start | Salvage, context: JobContext) -> Finished | Failed:
    """How a job ended; nothing that it raises ends the worker."""
    try:
        if isinstance(job, Salvage):
            result, artifact = salvage_search(job, context)
        else:
            result, artifact = HANDLERS[JobKind(job.kind)](job.spec, context)
    except Exception as error:
        return Failed(job.job_id, failure_of(error).words)
    # one that was stopped after its result was there lacks only what that is shown beside
    was_stopped = context.should_stop() and not context.has_result
    return Finished(job.job_id, result, was_stopped, artifact)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main(JobKind(sys.argv[1]))
