"""Child processes: messages in both directions, and that none is left over; and how busy the machine is."""

import io
import os
import sys
import threading

import pytest
from hypothesis import given, strategies as st

from services.processes import (
    NICENESS,
    ChildProcess,
    MachineLoad,
    Throttle,
    aside,
    reason_of,
    received,
    running_in,
    send,
    slowdown,
)

MESSAGES = [("kind", None), {"a": "ü"}, bytes(range(256)) * 2000, "", 0.5]
ECHO = """
import queue
from services.processes import ParentConnection
parent, messages = ParentConnection(), queue.SimpleQueue()
parent.listen(messages.put)
print("what libraries print is no message", flush=True)
while True:
    parent.send(messages.get())
"""


def _sent(*messages):
    stream = io.BytesIO()
    for message in messages:
        send(stream, message)
    return stream.getvalue()


def test_messages_arrive_in_order_as_they_were_sent():
    assert list(received(io.BytesIO(_sent(*MESSAGES)))) == MESSAGES


@given(st.data())
def test_a_message_that_breaks_off_is_none(data):
    whole = _sent(("progress", "Searching"))
    length = data.draw(st.integers(0, len(whole) - 1))
    assert list(received(io.BytesIO(whole[:length]))) == []


def test_messages_pass_a_real_pipe():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader:
        messages = received(reader)
        with os.fdopen(writing, "wb") as writer:
            send(writer, MESSAGES[0])
            assert next(messages) == MESSAGES[0]  # without waiting for more
        assert next(messages, None) is None


def test_a_pipe_whose_other_end_is_gone_says_so():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as writer, pytest.raises(OSError, match="Broken pipe"):
        send(writer, MESSAGES[0])


class _Child:
    """A process that sends back what it gets."""

    def __init__(self, tmp_path):
        (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
        path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
        self.messages, self.reasons = [], []
        self.changed = threading.Condition()
        self.process = ChildProcess(["echo"], self._on_message, self._on_end, {"PYTHONPATH": path})

    def _on_message(self, _process, message):
        with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    def _on_end(self, _process, reason):
        with self.changed:
            self.reasons.append(reason)
            self.changed.notify_all()

    def wait(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), timeout=120)


@pytest.fixture
def child(tmp_path):
    made = _Child(tmp_path)
    yield made
    made.process.kill()


def test_a_child_answers_and_ends_when_its_input_closes(child):
    for message in MESSAGES:
        child.process.send(message)
    child.wait(lambda child: len(child.messages) == len(MESSAGES))
    assert child.messages == MESSAGES
    assert child.process.is_alive
    child.process.stop(120)
    child.wait(lambda child: child.reasons)
    assert child.reasons == ["it ended with exit code 0"]
    assert not child.process.is_alive
    child.process.send("nobody is there")


def test_a_child_that_is_killed_says_so_after_its_last_message(child):
    child.process.send("first")
    child.wait(lambda child: child.messages)
    child.process.kill()
    child.wait(lambda child: child.reasons)
    assert child.reasons == [reason_of(-9)]


def test_a_message_that_cannot_be_taken_in_is_logged_and_the_next_one_comes(tmp_path, caplog):
    child = _Child(tmp_path)
    child.process._on_message = lambda process, message: child._on_message(process, 1 / message)
    for message in (0, 2):
        child.process.send(message)
    child.wait(lambda child: child.messages == [0.5])
    child.process.kill()
    assert "a message is lost: int" in caplog.text


def test_an_exit_code_in_words():
    assert reason_of(3) == "it ended with exit code 3"
    assert reason_of(-9) == "it was ended by the signal SIGKILL, perhaps because memory ran out"
    assert reason_of(-11) == "it was ended by the signal SIGSEGV"


def test_a_throttle_lets_the_first_pass_and_the_next_when_it_is_time():
    throttle = Throttle(1e6)
    assert [throttle.is_due() for _ in range(3)] == [True, False, False]
    throttle.reset()
    assert [throttle.is_due() for _ in range(2)] == [True, False]
    assert all(Throttle(0.0).is_due() for _ in range(3))


def test_what_is_done_aside_is_done_by_a_thread_behind_others():
    before = os.nice(0)
    assert aside(lambda: os.nice(0)) == before + NICENESS
    assert os.nice(0) == before
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 / 0)


@pytest.mark.parametrize(("line", "others"), [("0.50 0.71 0.81 3/1234 99", 2), ("9.00 9.00 9.00 1/7 8", 0)])
def test_whoever_asks_is_not_counted(line, others):
    assert running_in(line) == others


def test_what_was_a_minute_ago_does_not_count_any_more():
    load = MachineLoad(20.0)
    for _ in range(60):
        load.note(1, 1.0)
    assert load.mean == pytest.approx(1.0, abs=0.1)


def test_a_moment_alone_counts_little():
    load = MachineLoad(1.0)
    load.note(9, 0.5)
    assert load.mean == pytest.approx(1.4)


def test_work_is_never_faster_than_on_an_idle_machine():
    assert slowdown() >= 1
