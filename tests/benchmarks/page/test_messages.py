import json

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.page.messages import (
    DRAWING,
    OTHER,
    PAGE_ENDS,
    PART_ENDS,
    Message,
    Stream,
    kind_of,
    of_parts,
)


def drawn(component="", text=""):
    message = ForwardMsg()
    element = message.delta.new_element
    if component:
        element.bidi_component.component_name = component
        element.bidi_component.json = json.dumps({"n": list(range(200))})
    else:
        element.markdown.body = text
    message.delta.fragment_id = "part"
    message.metadata.delta_path.extend([0, 3, 300])
    message.hash = "abc"
    return message.SerializeToString()


def finished(status):
    return ForwardMsg(script_finished=status).SerializeToString()


def test_messages_of_the_installed_streamlit_are_told_apart():
    assert kind_of(drawn("some.room.mixwright_live_view")) == "mixwright_live_view"
    assert kind_of(drawn("mixwright_profiler")) == "mixwright_profiler"
    assert kind_of(drawn(text="words")) == DRAWING
    assert kind_of(finished(ForwardMsg.FINISHED_SUCCESSFULLY)) == PAGE_ENDS
    assert kind_of(finished(ForwardMsg.FINISHED_EARLY_FOR_RERUN)) == PAGE_ENDS
    assert kind_of(finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)) == PART_ENDS
    new = ForwardMsg()
    new.new_session.name = "app.py"
    assert kind_of(new.SerializeToString()) == OTHER


@pytest.mark.parametrize("payload", [b"words of a text", b"\x2a\xff", drawn("mixwright_live_view")[:-40]])
def test_what_is_no_message_is_something_else(payload):
    assert kind_of(payload) == OTHER


def messages(*kinds):
    return [Message(0.5 * place, 100 * (place + 1), kind) for place, kind in enumerate(kinds)]


def test_only_messages_that_draw_a_part_count():
    sent = messages(DRAWING, PAGE_ENDS, "view", PART_ENDS, OTHER, "view", PART_ENDS, "view", PAGE_ENDS, DRAWING)
    assert [message.n_bytes for message in of_parts(sent)] == [300, 400, 500, 600, 700]


def test_a_stream_has_the_largest_message_the_mean_update_and_a_rate():
    stream = Stream.of(messages("view", PART_ENDS, OTHER, "view", PART_ENDS, PART_ENDS))
    assert stream.largest == Message(2.5, 600, PART_ENDS)
    assert stream.n_updates == 3
    assert stream.mean == pytest.approx(2100 / 3)
    assert stream.per_second == pytest.approx(2 / 2.0)
    with pytest.raises(ValueError, match="at least, got 1"):
        Stream.of(messages("view", PART_ENDS))
