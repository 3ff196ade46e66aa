"""What is kept of a job: the nouns of the run store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.specs.errors import UserError

EXPECTED = "expected"
"""Name of the attachment that says how many seconds a job was expected to take when it began."""


class JobKind(StrEnum):
    """What a job does; `services.jobs.kinds` has a handler for each."""

    SEARCH = "search"
    TRAINING = "training"
    PROOF = "proof"
    TUNE = "tune"
    JUDGEMENT = "judgement"
    QUALITY = "quality"
    METHODS = "methods"

    @property
    def worker(self) -> "JobKind":
        """The kind of worker that does it, named by what such a worker does most; trainings need TensorFlow."""
        needs_tensorflow = self in (JobKind.TRAINING, JobKind.JUDGEMENT, JobKind.QUALITY)
        return JobKind.TRAINING if needs_tensorflow else JobKind.SEARCH


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class StoreError(UserError, RuntimeError):
    """The run store cannot be used, or does not hold what was asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the store.

    Attributes:
        id: unguessable.
        name: as its user calls it; it may be changed, other than the name in the specification.
        spec: JSON document of what to do.
        result: JSON document of what came out, or None; a search has it before it has ended.
        error: why it failed, in words for the user, or "".
        progress: what it is doing now, in words for the user.
        n_pieces: how many pieces of its trace are stored.
        created_at: like the other times in UTC.
        note: what its user wrote down about it, or "".
        story: key of the story that it came from, or "".
        deleted_at: when it was thrown away, or None; it can be had back for a while.
    """

    id: str
    kind: JobKind
    name: str
    state: JobState
    spec: str
    result: str | None
    error: str
    progress: str
    n_pieces: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    note: str = ""
    story: str = ""
    deleted_at: datetime | None = None

    @property
    def is_ready(self) -> bool:
        """Whether what it was started for can be looked at: its result is there, or there will be none."""
        return self.state.is_final or self.result is not None
