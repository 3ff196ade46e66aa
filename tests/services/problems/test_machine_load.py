import pytest

from services.problems.machine_load import MachineLoad, running_in, slowdown


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
