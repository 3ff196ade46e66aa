import threading

from optimizer import Decision
from services.jobs.workers.worker import Inbox


def test_decisions_are_given_once_to_their_own_job_as_taken_then():
    inbox = Inbox()
    inbox.steer("one", "drop", 3)
    inbox.steer("two", "more", 4)
    inbox.steer("one", "more", 5)
    assert inbox.take("one", 7) == (Decision(7, "drop", 3), Decision(7, "more", 5))
    assert inbox.take("one", 8) == ()
    assert inbox.take("two", 8) == (Decision(8, "more", 4),)


def test_a_job_is_held_until_it_may_go_on_must_end_or_has_something_to_heed():
    inbox = Inbox()
    for free in (
        lambda: inbox.pause("job", False),
        lambda: inbox.steer("job", "drop", 1),
        lambda: inbox.stop("job"),
    ):
        inbox.pause("job", True)
        assert inbox.is_held("job")
        assert not inbox.is_held("another")
        waiting = threading.Thread(target=inbox.wait, args=("job",), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
        free()
        waiting.join(5)
        assert not waiting.is_alive()
        inbox.take("job", 0)
    assert inbox.is_stopped("job")


def test_a_pause_that_is_forgotten_comes_to_an_end():
    inbox = Inbox()
    inbox.pause("job", True)
    inbox.wait("job", at_most=0.02)
    assert not inbox.is_held("job")


def test_nothing_is_left_of_a_job_that_has_ended():
    inbox = Inbox()
    inbox.pause("job", True)
    inbox.steer("job", "drop", 1)
    inbox.stop("job")
    inbox.forget("job")
    assert not inbox.is_stopped("job")
    assert not inbox.is_held("job")
    assert inbox.take("job", 0) == ()
