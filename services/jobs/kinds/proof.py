"""A proof as a job: a ProofSpec in, limit and best on the way, a ProofResult out. Its name is the id of the run."""

from services.jobs.workers.job_context import JobContext
from services.processes import Throttle
from services.studies.proof import ProofSpec, ProofStep, run_proof

SECONDS_PER_PIECE = 0.3


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Prove, and return what was proven as JSON; a stop keeps the limit that was reached."""
    spec = ProofSpec.model_validate_json(spec_json)
    job_context.set_progress("Proving")
    throttle = Throttle(SECONDS_PER_PIECE)

    def note(step: ProofStep) -> None:
        if throttle.is_due():
            job_context.add_piece(step.model_dump_json().encode())

    model_data = job_context.catalog.model_data(spec.run)
    result = run_proof(spec, model_data, on_step=note, should_stop=job_context.should_stop)
    return result.model_dump_json(), None


def steps_of(pieces: list[bytes]) -> list[ProofStep]:
    """How far a proof was, from time to time, in order."""
    return [ProofStep.model_validate_json(piece) for piece in pieces]
