"""A search as a job: a RunSpec in, trace pieces on the way, a RunResult out."""

from collections.abc import Callable
from functools import cache

from optimizer import Decision, Generation, Hooks
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Salvage
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_space
from services.problems.projection import MapProjection
from services.processes import Throttle
from services.results.search import run_spec, salvage
from services.specs.run import RunSpec

SECONDS_PER_PIECE = 0.2
SEARCHING, PAUSED = "Searching", "Paused"


def warm_up() -> None:
    """Import what only the end of a search needs."""
    import sklearn.cluster  # noqa: F401


def handle(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Run a specification and return its result as JSON."""
    spec = RunSpec.model_validate_json(spec_json)
    model_data = job_context.catalog.model_data(spec)
    if model_data.is_deferred:
        job_context.set_progress("Loading TensorFlow for the operator's model")
        model_data = model_data.loaded()
    job_context.set_progress(SEARCHING)

    @cache
    def projection() -> MapProjection:
        return MapProjection.of(model_data.dataset.X, build_space(spec, model_data.dataset))

    recorder = Recorder(job_context.add_piece, projection)

    def end_search() -> None:
        recorder.send()
        job_context.set_progress("Choosing results and comparing")

    def decide(generation: int) -> tuple[Decision, ...]:
        if job_context.is_paused:
            recorder.send()  # the page shows all that was found while the search waits
            job_context.set_progress(PAUSED)
            job_context.wait()
            job_context.set_progress(SEARCHING)
        return job_context.decisions(generation)

    report = run_spec(
        spec,
        model_data,
        Hooks(recorder.note, job_context.should_stop, decide),
        on_searched=end_search,
    )
    return report.result.model_dump_json(), None


def handle_salvage(message: Salvage, job_context: JobContext) -> tuple[str, None]:
    """The result, as JSON, of a search whose own worker was ended by force."""
    spec = RunSpec.model_validate_json(message.spec)
    piece = TracePiece.joined([TracePiece.from_bytes(payload) for payload in message.pieces])
    model_data = job_context.catalog.model_data(spec)
    result = salvage(spec, model_data, piece.events, piece.generations, message.seconds, piece.decisions)
    return result.model_dump_json(), None


class Recorder:
    """Sends generations on in pieces: the first at once, then a few times a second.

    Args:
        add_piece: takes the pieces.
        projection: gives the map on which the Gaussians of lineages are kept.
    """

    def __init__(self, add_piece: Callable[[bytes], None], projection: Callable[[], MapProjection]) -> None:
        self._add_piece = add_piece
        self._projection = projection
        self._waiting: list[Generation] = []
        self._throttle = Throttle(SECONDS_PER_PIECE)

    def note(self, generation: Generation) -> None:
        """Keep a generation, and send what waits when it is time."""
        self._waiting.append(generation)
        if self._throttle.is_due():
            self.send()

    def send(self) -> None:
        """Send what waits."""
        if self._waiting:
            n_features = self._waiting[0].bests.X.shape[1]
            self._add_piece(TracePiece.of(self._waiting, n_features, self._projection).to_bytes())
            self._waiting = []
