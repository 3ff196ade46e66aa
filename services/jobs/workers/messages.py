"""Messages between the supervisor and a worker process."""

from dataclasses import dataclass

from optimizer import DecisionKind


@dataclass(frozen=True, slots=True)
class Start:
    """To the worker: do this job."""

    job_id: str
    spec: str
    kind: str = "search"


@dataclass(frozen=True, slots=True)
class Stop:
    """To the worker: end this job and keep what was found."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Steer:
    """To the worker: take this decision about a lineage, after the generation that goes on now."""

    job_id: str
    kind: DecisionKind
    lineage: int


@dataclass(frozen=True, slots=True)
class Pause:
    """To the worker: hold this job after the generation that goes on now, or let it go on again."""

    job_id: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Salvage:
    """To the worker: choose the results of a search whose own worker was ended by force, from its trace."""

    job_id: str
    spec: str
    pieces: tuple[bytes, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Ready:
    """From the worker: everything is loaded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From the worker: a piece of the trace."""

    job_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """From the worker: what it is doing now, in words for the user."""

    job_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Expected:
    """From the worker: how many seconds the job will take, as far as it can be told when it begins."""

    job_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """From the worker: what the job was started for; what it is shown beside may follow when it has ended."""

    job_id: str
    result: str


@dataclass(frozen=True, slots=True)
class Stopping:
    """From the worker: it has seen the stop and brings what it has to an end."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Finished:
    """From the worker: the job has ended by itself or by a stop."""

    job_id: str
    result: str
    was_stopped: bool
    artifact: bytes | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """From the worker: the job could not be done; the reason is in words for the user."""

    job_id: str
    error: str
