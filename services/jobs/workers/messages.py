"""Messages between the supervisor and a worker process, over its standard input and output.

Both ends are this project's own code of one version, so messages are pickled; nothing a user sends is ever unpickled.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import IO

from optimizer import DecisionKind

_LENGTH = struct.Struct("<Q")


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
class Chunk:
    """From the worker: a piece of the trace."""

    job_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Phase:
    """From the worker: what it is doing now, in words for the user."""

    job_id: str
    text: str


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


Message = Start | Stop | Steer | Pause | Salvage | Ready | Chunk | Phase | Finished | Failed


def send(stream: IO[bytes], message: Message) -> None:
    """Write one message.

    Raises:
        OSError: the other end is gone.
    """
    payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(payload)) + payload)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """Return the next message, or None when the other end is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    payload = stream.read(length)
    return pickle.loads(payload) if len(payload) == length else None
