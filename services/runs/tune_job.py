"""A tuning as a job: a TuneSpec in, a point for every setting that is done on the way, a TuneResult out."""

from typing import Protocol

from services.dials import setting_words
from services.material import Shelves
from services.tune import TunePoint, TuneResult, TuneSpec, run_tune


class TuneDesk(Protocol):
    """What a tuning needs of its worker."""

    shelves: Shelves

    def should_stop(self) -> bool:
        """Return whether the user asked the tuning to end."""

    def add_chunk(self, payload: bytes) -> None:
        """Send a point that is done."""

    def set_phase(self, text: str) -> None:
        """Say what the tuning is doing now."""


def handle(spec_json: str, desk: TuneDesk) -> tuple[str, None]:
    """Search at every setting, and return what they gave as JSON; a stop keeps the points that are done."""
    spec = TuneSpec.model_validate_json(spec_json)

    def begin(weight: float) -> None:
        number = spec.weights.index(weight) + 1
        desk.set_phase(f"Searching with {setting_words(spec.dial, weight)}, {number} of {len(spec.weights)}")

    def send(point: TunePoint) -> None:
        desk.add_chunk(point.model_dump_json().encode())

    material = desk.shelves.material(spec.run).loaded()
    result = run_tune(spec, material, on_start=begin, on_point=send, should_stop=desk.should_stop)
    return result.model_dump_json(), None


def so_far(spec_json: str, chunks: list[bytes]) -> TuneResult:
    """Return what a tuning has, whether it goes on, has ended, or was ended by force."""
    points = tuple(TunePoint.model_validate_json(chunk) for chunk in chunks)
    return TuneResult(spec=TuneSpec.model_validate_json(spec_json), points=points)
