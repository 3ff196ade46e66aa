import threading

from optimizer import Decision
from services.jobs.workers.worker import JobRequests


def test_decisions_are_given_once_to_their_own_job_as_taken_then():
    requests = JobRequests()
    requests.steer("one", "drop", 3)
    requests.steer("two", "more", 4)
    requests.steer("one", "more", 5)
    assert requests.take("one", 7) == (Decision(7, "drop", 3), Decision(7, "more", 5))
    assert requests.take("one", 8) == ()
    assert requests.take("two", 8) == (Decision(8, "more", 4),)


def test_a_job_is_held_until_it_may_go_on_must_end_or_has_something_to_heed():
    requests = JobRequests()
    for free in (
        lambda: requests.pause("job", False),
        lambda: requests.steer("job", "drop", 1),
        lambda: requests.stop("job"),
    ):
        requests.pause("job", True)
        assert requests.is_held("job")
        assert not requests.is_held("another")
        waiting = threading.Thread(target=requests.wait, args=("job",), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
        free()
        waiting.join(5)
        assert not waiting.is_alive()
        requests.take("job", 0)
    assert requests.is_stopped("job")


def test_a_pause_that_is_forgotten_comes_to_an_end():
    requests = JobRequests()
    requests.pause("job", True)
    requests.wait("job", at_most=0.02)
    assert not requests.is_held("job")


def test_nothing_is_left_of_a_job_that_has_ended():
    requests = JobRequests()
    requests.pause("job", True)
    requests.steer("job", "drop", 1)
    requests.stop("job")
    requests.forget("job")
    assert not requests.is_stopped("job")
    assert not requests.is_held("job")
    assert requests.take("job", 0) == ()
