"""A tuning as a job: a TuneSpec in, a point for every setting that is done on the way, a TuneResult out."""

import time
from typing import Protocol

from pydantic import TypeAdapter

from services.material import Shelves
from services.parallel import Progress
from services.settings import Settings
from services.tune import TuneFailure, TunePoint, TuneResult, TuneSpec, run_tune
from services.tune.dials import setting_words

SECONDS_PER_PHASE = 0.5
_PIECE: TypeAdapter[TunePoint | TuneFailure] = TypeAdapter(TunePoint | TuneFailure)


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
    searching, told_at = "", 0.0

    def begin(weight: float) -> None:
        nonlocal searching, told_at
        searching, told_at = f"searching with {setting_words(spec.dial, weight)}", 0.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SECONDS_PER_PHASE:
            told_at = time.monotonic()
            desk.set_phase(f"{progress.words}; {searching}")

    def send(piece: TunePoint | TuneFailure) -> None:
        desk.add_chunk(piece.model_dump_json().encode())

    desk.set_phase(f"0 of {len(spec.weights)} done; searching with {setting_words(spec.dial, spec.weights[0])}")
    result = run_tune(
        spec,
        desk.shelves.material(spec.run),
        n_lanes=Settings.from_environment().n_lanes,
        on_start=begin,
        on_point=send,
        on_failure=send,
        on_progress=tell,
        should_stop=desk.should_stop,
    )
    return result.model_dump_json(), None


def so_far(spec_json: str, chunks: list[bytes]) -> TuneResult:
    """Return what a tuning has, whether it goes on, has ended, or was ended by force."""
    return TuneResult.of(TuneSpec.model_validate_json(spec_json), map(_PIECE.validate_json, chunks))
