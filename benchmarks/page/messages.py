"""What the server sends to a page: every message with its size, its kind and when it came."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from playwright.sync_api import Page, WebSocket

# Numbers of fields in Streamlit's messages (protocol buffers); a test holds them against the installed version.
DELTA, NEW_ELEMENT, COMPONENT, COMPONENT_NAME = 5, 3, 59, 2
SCRIPT_FINISHED, PART_FINISHED = 6, 3
DRAWING, PAGE_ENDS, PART_ENDS, OTHER = "drawing", "page ends", "part ends", "other"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the server.

    Attributes:
        seconds: when it came, on a clock that goes steadily.
        n_bytes: its size.
        kind: the name of a component that it draws, or that it draws something else, or that the page or a part of it
            has been drawn, or "other".
    """

    seconds: float
    n_bytes: int
    kind: str


class Recorder:
    """Keeps what a page is sent from now on."""

    def __init__(self, page: Page) -> None:
        self.messages: list[Message] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._note)

    def _note(self, payload: bytes | str) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        self.messages.append(Message(time.monotonic(), len(data), kind_of(data)))

    def taken(self) -> list[Message]:
        """Return what came since this was last asked."""
        taken, self.messages = self.messages, []
        return taken


def kind_of(payload: bytes) -> str:
    """Return what a message is; see `Message`."""
    try:
        fields = dict(wire_fields(payload))
        component = _inner(fields, DELTA, NEW_ELEMENT, COMPONENT, COMPONENT_NAME)
    except (IndexError, ValueError):
        return OTHER
    if component is not None:
        return component.decode("utf-8", errors="replace").rpartition(".")[2]
    if SCRIPT_FINISHED in fields:
        return PART_ENDS if fields[SCRIPT_FINISHED] == PART_FINISHED else PAGE_ENDS
    return DRAWING if DELTA in fields else OTHER


def of_parts(messages: Iterable[Message]) -> list[Message]:
    """Return the messages that draw a part of a page anew, as a live view does, without those that draw all of it."""
    kept: list[Message] = []
    waiting: list[Message] = []
    for message in messages:
        waiting.append(message)
        if message.kind == PART_ENDS:
            kept += waiting
        if message.kind in (PART_ENDS, PAGE_ENDS):
            waiting = []
    return kept


def wire_fields(payload: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield number and content of every field of a protocol buffer, of whole numbers and bytes that is.

    Raises:
        ValueError: it is none.
        IndexError: it ends early.
    """
    place = 0
    while place < len(payload):
        key, place = _varint(payload, place)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            size, place = _varint(payload, place)
            if place + size > len(payload):
                raise ValueError(f"Field {number} of {size} bytes goes beyond the end of the message.")
            yield number, payload[place : place + size]
            place += size
        elif wire == _VARINT:
            value, place = _varint(payload, place)
            yield number, value
        elif wire in (_FIXED64, _FIXED32):
            place += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"Wire type {wire} is none of a protocol buffer.")


def _inner(fields: dict[int, bytes | int], *path: int) -> bytes | None:
    """Return the bytes of a field within fields, or None where there are none."""
    content = fields.get(path[0])
    if not isinstance(content, bytes):
        return None
    return content if len(path) == 1 else _inner(dict(wire_fields(content)), *path[1:])


def _varint(payload: bytes, place: int) -> tuple[int, int]:
    """Return a number and the place after it."""
    number = shift = 0
    while True:
        byte = payload[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place


@dataclass(frozen=True, slots=True)
class Stream:
    """What a page was sent while a run went on.

    Attributes:
        largest: the largest message.
        mean: bytes of an update, on average: of all messages that draw the part once.
        per_second: updates a second.
        n_updates: how many there were.
    """

    largest: Message
    mean: float
    per_second: float
    n_updates: int

    @classmethod
    def of(cls, messages: Sequence[Message]) -> "Stream":
        """Return the figures of messages in the order in which they came.

        Raises:
            ValueError: the part was drawn less than twice.
        """
        ends = [message.seconds for message in messages if message.kind == PART_ENDS]
        if len(ends) < 2:
            raise ValueError(f"Expected two updates at least, got {len(ends)}: let the run go on for longer.")
        return cls(
            largest=max(messages, key=lambda message: message.n_bytes),
            mean=sum(message.n_bytes for message in messages) / len(ends),
            per_second=(len(ends) - 1) / max(ends[-1] - ends[0], 1e-9),
            n_updates=len(ends),
        )
