"""A tuning as a job: a TuneSpec in, a point for every setting that is done on the way, a TuneResult out."""

from pydantic import TypeAdapter

from services.jobs.workers.job_context import JobContext
from services.studies.tune import TuneFailure, TunePoint, TuneResult, TuneSpec, run_tune, setting_words

_PIECE: TypeAdapter[TunePoint | TuneFailure] = TypeAdapter(TunePoint | TuneFailure)


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search at every setting, and return what they gave as JSON; a stop keeps the points that are done."""
    spec = TuneSpec.model_validate_json(spec_json)

    def words_of(weight: float) -> str:
        return f"searching with {setting_words(spec.dial, weight)}"

    job_context.set_progress(f"0 of {len(spec.weights)} done; {words_of(spec.weights[0])}")
    model_data = job_context.catalog.model_data(spec.run)
    return run_tune(spec, model_data, job_context.execution(words_of)).model_dump_json(), None


def so_far(spec_json: str, pieces: list[bytes]) -> TuneResult:
    """What a tuning has, whether it goes on, has ended, or was ended by force."""
    return TuneResult.of(TuneSpec.model_validate_json(spec_json), map(_PIECE.validate_json, pieces))
