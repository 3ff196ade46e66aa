"""A quality check as a job: a QualitySpec in, phases on the way, a QualityResult out.

Its name is the spec's key, so that whoever works with that table and that model finds it.
"""

import time

from services.jobs.workers.desk import JobDesk
from services.studies.quality import QualitySpec, run_quality

SECONDS_PER_PHASE = 0.4


def handle(spec_json: str, desk: JobDesk) -> tuple[str, None]:
    """Check, and return what came out as JSON; "" after a stop, for half a check says nothing."""
    spec = QualitySpec.model_validate_json(spec_json)
    told_at, told = 0.0, ""

    def tell(phase: str) -> None:
        nonlocal told_at, told
        kind = phase.partition(":")[0]
        if kind != told or time.monotonic() - told_at >= SECONDS_PER_PHASE:
            desk.set_phase(phase)
            told_at, told = time.monotonic(), kind

    tell("Preparing")
    result = run_quality(spec, desk.shelves, on_phase=tell, should_stop=desk.should_stop)
    return ("" if result is None else result.model_dump_json()), None
