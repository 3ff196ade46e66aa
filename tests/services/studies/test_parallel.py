"""Many tasks at once: the same outcomes, a stop, and failures that concern nobody else."""

import os
import signal
import threading
import time

import pytest

from optimizer import SpaceError
from services import processes
from services.specs.errors import Failure
from services.studies.parallel import Execution, Progress, run_parallel


class Squares:
    """Squares numbers; is picky about some."""

    def __init__(self):
        self.kept = threading.local()  # as models keep one

    def __call__(self, task, report, should_stop):
        report(0.5)
        if task == "fail":
            raise SpaceError("Not this one.")
        if task == "bug":
            raise ZeroDivisionError("oh")
        return task**2


OTHERS_ARE_DONE = threading.Event()


class WhoDidIt:
    """Says by which process a task was done."""

    def __init__(self):
        self._home = os.getpid()

    def __call__(self, task, report, should_stop):
        is_child = os.getpid() != self._home
        if task == "wait for others":  # this process does nothing else, so that the child does the rest
            return OTHERS_ARE_DONE.wait(200)
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        report(0.5)
        return "child" if is_child else "here"


class Endless:
    """Goes on until it is stopped."""

    def __call__(self, task, report, should_stop):
        if task == "quick":
            return task
        event = threading.Event()
        while not should_stop():
            report(0.1)
            event.wait(0.01)
        return None


@pytest.mark.parametrize("n_processes", [1, 3])
def test_every_task_has_its_outcome_in_its_place(n_processes):
    tasks, started, done, progress = [3, 1, 2, 5, 4], [], [], []
    execution = Execution(n_processes, started.append, done.append, progress.append)
    outcomes = run_parallel(Squares(), tasks, execution, piece_of=lambda task, outcome: (task, outcome))
    assert outcomes == [9, 1, 4, 25, 16]
    assert started == tasks
    assert dict(done) == dict(zip(tasks, outcomes, strict=True))
    assert progress[-1][:3] == (5, 5, 1.0)
    assert [p.n_done for p in progress] == sorted(p.n_done for p in progress)


def test_a_failed_task_does_not_end_the_others(caplog):
    outcomes = run_parallel(Squares(), [1, "fail", "bug", 2])
    assert (outcomes[0], outcomes[3]) == (1, 4)
    assert outcomes[1].words == "Not this one."
    assert isinstance(outcomes[1].error, SpaceError)
    assert outcomes[2] == Failure("Something unexpected went wrong (ZeroDivisionError: oh).")
    assert "ZeroDivisionError" in caplog.text


def test_nothing_to_do_is_done():
    assert run_parallel(Squares(), [], Execution(n_processes=4)) == []


def test_what_lives_only_here_is_done_here():
    seen = []
    work = lambda task, report, should_stop: seen.append(task) or task  # noqa: E731 - what cannot be pickled
    assert run_parallel(work, [1, 2], Execution(n_processes=2)) == [1, 2]
    assert seen == [1, 2]


@pytest.mark.parametrize("n_processes", [1, 2])
def test_a_stop_keeps_what_is_done(n_processes):
    done = []
    execution = Execution(n_processes, on_piece=done.append, should_stop=lambda: bool(done))
    assert run_parallel(Endless(), ["quick", "long", "long", "long"], execution) == ["quick", None, None, None]
    assert done == ["quick"]


def test_progress_says_what_is_done_and_what_is_left():
    assert Progress(3, 7, 0.5, 20.0).words == "3 of 7 done, about 20 seconds left"
    assert Progress(0, 7, 0.0, 20.0).words == "0 of 7 done"
    assert Progress(7, 7, 1.0, 20.0).words == "7 of 7 done"


def test_the_share_counts_what_tasks_cost():
    progress = []
    run_parallel(Squares(), [1, 2], Execution(on_progress=progress.append), costs=[9.0, 1.0])
    assert [round(p.share, 2) for p in progress if p.n_done] == [0.9, 1.0]


def test_child_processes_do_their_share_and_are_replaced_when_they_die():
    done = []

    def note(outcome):
        done.append(outcome)
        if len(done) == 3:
            OTHERS_ARE_DONE.set()

    execution = Execution(n_processes=2, on_piece=note)
    outcomes = run_parallel(WhoDidIt(), ["wait for others", "a", "die", "b"], execution)
    assert outcomes == [True, "child", Failure("The process that searched ended unexpectedly."), "child"]


def test_no_process_is_left_behind(monkeypatch):
    started = []

    class Noted(processes.subprocess.Popen):
        def __init__(self, *given, **how):
            started.append(self)
            super().__init__(*given, **how)

    monkeypatch.setattr(processes.subprocess, "Popen", Noted)
    run_parallel(Endless(), ["quick", "long", "long"], Execution(n_processes=2, should_stop=Timer(1.0)))
    assert len(started) == 1
    assert started[0].poll() is not None


class Timer:
    """True from some seconds after it was first asked."""

    def __init__(self, seconds):
        self._seconds, self._end = seconds, None

    def __call__(self):
        self._end = self._end or time.monotonic() + self._seconds
        return time.monotonic() > self._end
