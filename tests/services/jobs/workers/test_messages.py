import io
import os

import pytest
from hypothesis import given, strategies as st

from optimizer import DecisionKind
from services.jobs.workers import messages

MESSAGES = [
    messages.Start("job", '{"a": "ü"}'),
    messages.Stop("job"),
    messages.Steer("job", DecisionKind.DROP, 12),
    messages.Pause("job", is_on=True),
    messages.Salvage("job", "{}", (b"one", b""), 2.5),
    messages.Ready(),
    messages.Chunk("job", bytes(range(256)) * 2000),
    messages.Phase("job", "Searching"),
    messages.Finished("job", "{}", was_stopped=True),
    messages.Finished("job", "{}", was_stopped=False, artifact=b"\x00" * 10),
    messages.Failed("job", "No."),
]


def _sent(*sent):
    stream = io.BytesIO()
    for message in sent:
        messages.send(stream, message)
    return stream.getvalue()


def test_there_is_an_example_of_every_message():
    assert {type(message) for message in MESSAGES} == set(messages.Message.__args__)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(message):
    assert messages.receive(io.BytesIO(_sent(message))) == message


def test_messages_arrive_in_order_and_then_none():
    stream = io.BytesIO(_sent(*MESSAGES))
    assert [messages.receive(stream) for _ in MESSAGES] == MESSAGES
    assert messages.receive(stream) is None
    assert messages.receive(stream) is None


@given(st.data())
def test_a_message_that_breaks_off_is_none(data):
    whole = _sent(messages.Phase("job", "Searching"))
    length = data.draw(st.integers(0, len(whole) - 1))
    assert messages.receive(io.BytesIO(whole[:length])) is None


def test_messages_pass_a_real_pipe():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        with os.fdopen(writing, "wb") as writer:
            messages.send(writer, MESSAGES[0])
            assert messages.receive(reader) == MESSAGES[0]  # without waiting for more
        assert messages.receive(reader) is None


def test_a_pipe_whose_other_end_is_gone_says_so():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as writer, pytest.raises(OSError, match="Broken pipe"):
        messages.send(writer, MESSAGES[0])
