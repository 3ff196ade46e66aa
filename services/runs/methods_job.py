"""A comparison of methods as a job: a ContestSpec in, a piece per search on the way, a ContestResult out."""

import time
from typing import Protocol

from pydantic import TypeAdapter

from services.contest import Task, run_contest
from services.contest.spec import ContestResult, ContestSpec, Entry, LeftOut
from services.contest.words import METHOD_NAMES
from services.material import Shelves
from services.parallel import Progress
from services.settings import Settings

SECONDS_PER_PHASE = 0.5
_PIECE: TypeAdapter[Entry | LeftOut] = TypeAdapter(Entry | LeftOut)


class MethodsDesk(Protocol):
    """What a comparison of methods needs of its worker."""

    shelves: Shelves

    def should_stop(self) -> bool:
        """Return whether the user asked the comparison to end."""

    def add_chunk(self, payload: bytes) -> None:
        """Send what a search gave."""

    def set_phase(self, text: str) -> None:
        """Say what the comparison is doing now."""


def handle(spec_json: str, desk: MethodsDesk) -> tuple[str, None]:
    """Search by every method, and return what they gave as JSON; a stop keeps the searches that are done."""
    spec = ContestSpec.model_validate_json(spec_json)
    searching, told_at = "", 0.0

    def begin(task: Task) -> None:
        nonlocal searching, told_at
        seed = f", seed {task.seed}" if spec.n_seeds > 1 else ""
        searching, told_at = f"searching by {METHOD_NAMES[task.method]}{seed}", 0.0

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= SECONDS_PER_PHASE:
            told_at = time.monotonic()
            desk.set_phase(f"{progress.words}; {searching}")

    desk.set_phase("Preparing")
    result = run_contest(
        spec,
        desk.shelves.material(spec.run),
        n_lanes=Settings.from_environment().n_lanes,
        on_start=begin,
        on_piece=lambda piece: desk.add_chunk(piece.model_dump_json().encode()),
        on_progress=tell,
        should_stop=desk.should_stop,
    )
    return result.model_dump_json(), None


def so_far(spec_json: str, chunks: list[bytes]) -> ContestResult:
    """Return what a comparison has, whether it goes on, has ended, or was ended by force."""
    return ContestResult.of(ContestSpec.model_validate_json(spec_json), map(_PIECE.validate_json, chunks))
