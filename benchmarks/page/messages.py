"""What the server sends to a page: every message with its size, its kind and when it came."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from playwright.sync_api import Page, WebSocket

DRAWING, PAGE_ENDS, PART_ENDS, OTHER = "drawing", "page ends", "part ends", "other"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the server.

    Attributes:
        seconds: when it came, by a steady clock.
        kind: the name of a component that it draws, or one of `DRAWING`, `PAGE_ENDS`, `PART_ENDS` and `OTHER`.
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

    def take(self) -> list[Message]:
        """What came since this was last asked."""
        taken, self.messages = self.messages, []
        return taken


def kind_of(payload: bytes) -> str:
    """Kind of a message; see `Message`."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    try:
        message = ForwardMsg.FromString(payload)
    except DecodeError:
        return OTHER
    which = message.WhichOneof("type")
    if which == "script_finished":
        is_part = message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
        return PART_ENDS if is_part else PAGE_ENDS
    if which != "delta":
        return OTHER
    name = message.delta.new_element.bidi_component.component_name
    return name.rpartition(".")[2] or DRAWING


def of_parts(messages: Iterable[Message]) -> list[Message]:
    """The messages that draw a part of a page anew, as a live view does, without those that draw all of it."""
    kept: list[Message] = []
    waiting: list[Message] = []
    for message in messages:
        waiting.append(message)
        if message.kind == PART_ENDS:
            kept += waiting
        if message.kind in (PART_ENDS, PAGE_ENDS):
            waiting = []
    return kept


@dataclass(frozen=True, slots=True)
class Stream:
    """What a page was sent while a run went on.

    Attributes:
        mean: bytes of an update, on average: of all messages that draw the part once.
    """

    largest: Message
    mean: float
    per_second: float
    n_updates: int

    @classmethod
    def of(cls, messages: Sequence[Message]) -> "Stream":
        """Figures of messages in the order in which they came.

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
