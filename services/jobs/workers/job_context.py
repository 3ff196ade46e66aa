"""What jobs need of the worker that does them, and how those of several searches say how far they are."""

import time
from typing import Protocol

from services.catalog.loading import Catalog
from services.studies.parallel import Progress

SECONDS_PER_PHASE = 0.5


class JobContext(Protocol):
    """One job at work, as what does it sees it."""

    catalog: Catalog

    def should_stop(self) -> bool:
        """Return whether the user asked the job to end."""

    def add_chunk(self, payload: bytes) -> None:
        """Send a piece of what came out so far."""

    def set_phase(self, text: str) -> None:
        """Say what the job is doing now."""


class ProgressReporter:
    """Says how far a job of several searches is: at once when one begins, else twice a second.

    Args:
        job_context: of the job.
    """

    def __init__(self, job_context: JobContext) -> None:
        self._desk = job_context
        self._searching = ""
        self._told_at = 0.0

    def begin(self, searching: str) -> None:
        """Note which search has begun, such as "searching by CMA-ES"."""
        self._searching, self._told_at = searching, 0.0

    def tell(self, progress: Progress) -> None:
        """Say how far all of them are, if it is time."""
        if time.monotonic() - self._told_at >= SECONDS_PER_PHASE:
            self._told_at = time.monotonic()
            self._desk.set_phase(f"{progress.words}; {self._searching}")
