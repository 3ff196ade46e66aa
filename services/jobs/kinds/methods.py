"""A comparison of methods as a job: a ContestSpec in, a piece per search on the way, a ContestResult out."""

from pydantic import TypeAdapter

from services.catalog.settings import Settings
from services.jobs.workers.job_context import JobContext, ProgressReporter
from services.studies.compare.methods import Task, run_comparison
from services.studies.compare.methods_spec import ComparisonResult, ComparisonSpec, Entry, LeftOut
from services.studies.compare.methods_texts import METHOD_NAMES

_PIECE: TypeAdapter[Entry | LeftOut] = TypeAdapter(Entry | LeftOut)


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search by every method, and return what they gave as JSON; a stop keeps the searches that are done."""
    spec = ComparisonSpec.model_validate_json(spec_json)
    teller = ProgressReporter(job_context)

    def begin(task: Task) -> None:
        seed = f", seed {task.seed}" if spec.n_seeds > 1 else ""
        teller.begin(f"searching by {METHOD_NAMES[task.method]}{seed}")

    job_context.set_phase("Preparing")
    result = run_comparison(
        spec,
        job_context.catalog.model_data(spec.run),
        n_lanes=Settings.from_environment().n_lanes,
        on_start=begin,
        on_piece=lambda piece: job_context.add_chunk(piece.model_dump_json().encode()),
        on_progress=teller.tell,
        should_stop=job_context.should_stop,
    )
    return result.model_dump_json(), None


def so_far(spec_json: str, chunks: list[bytes]) -> ComparisonResult:
    """Return what a comparison has, whether it goes on, has ended, or was ended by force."""
    return ComparisonResult.of(ComparisonSpec.model_validate_json(spec_json), map(_PIECE.validate_json, chunks))
