"""A quality check as a job: a QualitySpec in, phases on the way, a QualityResult out.

Its name is the spec's key, so that whoever works with that table and that model finds it.
"""

import time

from services.jobs.workers.job_context import JobContext
from services.studies.quality import QualitySpec, run_quality

SECONDS_PER_PHASE = 0.4


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Check, and return what came out as JSON; "" after a stop, for half a check says nothing."""
    spec = QualitySpec.model_validate_json(spec_json)
    told_at, told = 0.0, ""

    def tell(phase: str) -> None:
        nonlocal told_at, told
        kind = phase.partition(":")[0]
        if kind != told or time.monotonic() - told_at >= SECONDS_PER_PHASE:
            job_context.set_phase(phase)
            told_at, told = time.monotonic(), kind

    tell("Preparing")
    result = run_quality(spec, job_context.catalog, on_phase=tell, should_stop=job_context.should_stop)
    return ("" if result is None else result.model_dump_json()), None
