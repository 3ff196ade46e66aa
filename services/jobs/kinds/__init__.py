"""One file per kind of job, named as its `JobKind`: a specification in, messages on the way, a result out.

Each has ``handle(spec_json, job_context)``, which gives the result as JSON and the file that the job made, or None.
"""

from collections.abc import Callable
from importlib import import_module

from services.jobs.store.job import JobKind
from services.jobs.workers.job_context import JobContext

Handler = Callable[[str, JobContext], tuple[str, bytes | None]]


def handler_of(kind: JobKind) -> Handler:
    """What does the jobs of a kind."""
    handler: Handler = import_module(f"{__name__}.{kind}").handle
    return handler
