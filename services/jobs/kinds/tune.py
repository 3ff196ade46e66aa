"""A tuning as a job: a TuneSpec in, a point for every setting that is done on the way, a TuneResult out."""

from pydantic import TypeAdapter

from services.catalog.settings import Settings
from services.jobs.workers.job_context import JobContext, ProgressReporter
from services.studies.tune import TuneFailure, TunePoint, TuneResult, TuneSpec, run_tune
from services.studies.tune.swept_settings import setting_words

_PIECE: TypeAdapter[TunePoint | TuneFailure] = TypeAdapter(TunePoint | TuneFailure)


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search at every setting, and return what they gave as JSON; a stop keeps the points that are done."""
    spec = TuneSpec.model_validate_json(spec_json)
    teller = ProgressReporter(job_context)

    def begin(weight: float) -> None:
        teller.begin(f"searching with {setting_words(spec.dial, weight)}")

    def send(piece: TunePoint | TuneFailure) -> None:
        job_context.add_chunk(piece.model_dump_json().encode())

    job_context.set_phase(f"0 of {len(spec.weights)} done; searching with {setting_words(spec.dial, spec.weights[0])}")
    result = run_tune(
        spec,
        job_context.catalog.model_data(spec.run),
        n_lanes=Settings.from_environment().n_lanes,
        on_start=begin,
        on_point=send,
        on_failure=send,
        on_progress=teller.tell,
        should_stop=job_context.should_stop,
    )
    return result.model_dump_json(), None


def so_far(spec_json: str, chunks: list[bytes]) -> TuneResult:
    """Return what a tuning has, whether it goes on, has ended, or was ended by force."""
    return TuneResult.of(TuneSpec.model_validate_json(spec_json), map(_PIECE.validate_json, chunks))
