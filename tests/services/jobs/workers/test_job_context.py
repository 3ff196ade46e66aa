import threading

import pytest

from optimizer import Decision
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Stopping


@pytest.fixture
def context(catalog):
    return JobContext("job", catalog, lambda message: None)


def test_decisions_are_given_once_as_taken_then(context):
    context.steer("drop", 3)
    context.steer("more", 5)
    assert context.decisions(7) == (Decision(7, "drop", 3), Decision(7, "more", 5))
    context.steer("drop", 3)  # a page that is drawn anew says it again
    assert context.decisions(8) == ()


def test_a_job_is_paused_until_it_may_go_on_must_end_or_has_a_decision_to_take(context):
    for free in (lambda: context.pause(False), lambda: context.steer("drop", 1), context.stop):
        context.pause(True)
        assert context.is_paused
        waiting = threading.Thread(target=context.wait, daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
        free()
        waiting.join(120)
        assert not waiting.is_alive()
        context.decisions(0)
    assert context.should_stop()


def test_a_pause_that_is_forgotten_comes_to_an_end(context):
    context.pause(True)
    context.wait(at_most=0.02)
    assert not context.is_paused


def test_the_supervisor_hears_once_that_a_stop_was_seen(catalog):
    sent = []
    context = JobContext("job", catalog, sent.append)
    assert not context.should_stop() and sent == []
    context.stop()
    assert context.should_stop() and context.should_stop()
    assert sent == [Stopping("job")]
