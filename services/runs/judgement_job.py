"""A judgement as a job: what an operator's model takes in, the card of how it agrees with the recorded rows out."""

from services.judgement import JudgementSpec, run_judgement
from services.runs.desk import JobDesk


def handle(spec_json: str, desk: JobDesk) -> tuple[str, None]:
    """Run the model over the recorded rows and return its card as JSON."""
    spec = JudgementSpec.model_validate_json(spec_json)
    desk.set_phase("Loading the model and asking it about the recorded rows")
    return run_judgement(spec, desk.shelves).model_dump_json(), None
