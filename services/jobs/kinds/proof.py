"""A proof as a job: a ProofSpec in, limit and best on the way, a ProofResult out. Its name is the id of the run."""

import time

from services.jobs.workers.job_context import JobContext
from services.studies.proof import ProofSpec, ProofStep, run_proof

SECONDS_PER_CHUNK = 0.3


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Prove, and return what was proven as JSON; a stop keeps the limit that was reached."""
    spec = ProofSpec.model_validate_json(spec_json)
    job_context.set_phase("Proving")
    sent_at = 0.0

    def note(step: ProofStep) -> None:
        nonlocal sent_at
        if time.monotonic() - sent_at >= SECONDS_PER_CHUNK:
            job_context.add_chunk(step.model_dump_json().encode())
            sent_at = time.monotonic()

    result = run_proof(
        spec, job_context.catalog.model_data(spec.run), on_step=note, should_stop=job_context.should_stop
    )
    return result.model_dump_json(), None


def steps_of(chunks: list[bytes]) -> list[ProofStep]:
    """Return how far a proof was, from time to time, in order."""
    return [ProofStep.model_validate_json(chunk) for chunk in chunks]
