"""A comparison of methods as a job: a ComparisonSpec in, a piece per search on the way, a ComparisonResult out."""

from pydantic import TypeAdapter

from services.jobs.workers.job_context import JobContext
from services.studies.compare.methods import (
    METHOD_NAMES,
    ComparisonResult,
    ComparisonSpec,
    Entry,
    LeftOut,
    Task,
    run_comparison,
)

_PIECE: TypeAdapter[Entry | LeftOut] = TypeAdapter(Entry | LeftOut)


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search by every method, and return what they gave as JSON; a stop keeps the searches that are done."""
    spec = ComparisonSpec.model_validate_json(spec_json)

    def words_of(task: Task) -> str:
        return f"searching by {METHOD_NAMES[task.method]}" + (f", seed {task.seed}" if spec.n_seeds > 1 else "")

    job_context.set_progress("Preparing")
    model_data = job_context.catalog.model_data(spec.run)
    return run_comparison(spec, model_data, job_context.execution(words_of)).model_dump_json(), None


def so_far(spec_json: str, pieces: list[bytes]) -> ComparisonResult:
    """What a comparison has, whether it goes on, has ended, or was ended by force."""
    return ComparisonResult.of(ComparisonSpec.model_validate_json(spec_json), map(_PIECE.validate_json, pieces))
