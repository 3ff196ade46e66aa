"""A quality check as a job: a QualitySpec in, its progress on the way, a QualityResult out.

Its name is the spec's key, so that whoever works with that table and that model finds it.
"""

from services.jobs.workers.job_context import JobContext
from services.processes import Throttle
from services.studies.quality.check import run_quality
from services.studies.quality.spec import QualitySpec

SECONDS_PER_PROGRESS = 0.4


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Check, and return what came out as JSON; "" after a stop, for half a check says nothing."""
    spec = QualitySpec.model_validate_json(spec_json)
    throttle, last_step = Throttle(SECONDS_PER_PROGRESS), ""

    def report(words: str) -> None:
        nonlocal last_step
        step = words.partition(":")[0]
        if step != last_step:
            throttle.reset()
        if throttle.is_due():
            job_context.set_progress(words)
            last_step = step

    report("Preparing")
    result = run_quality(spec, job_context.catalog, on_progress=report, should_stop=job_context.should_stop)
    return ("" if result is None else result.model_dump_json()), None
