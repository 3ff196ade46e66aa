import pytest
from hypothesis import given, strategies as st

from benchmarks.page.figures import Aim, median, n_met, percentile, pooled, slowest

times = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@given(times, st.floats(1, 100))
def test_a_percentile_was_measured_and_so_many_do_not_exceed_it(measured, percent):
    found = percentile(measured, percent)
    assert found in measured
    assert sum(time <= found for time in measured) >= percent / 100 * len(measured) - 1e-9
    assert sum(time < found for time in measured) < percent / 100 * len(measured) + 1e-9


def test_percentiles_of_known_times():
    assert percentile(range(1, 101), 95) == 95
    assert percentile([7.0], 95) == 7.0
    assert median([1.0, 5.0, 2.0, 100.0]) == 3.5
    with pytest.raises(ValueError, match="got none"):
        percentile([], 95)


def test_the_slowest_have_the_largest_medians():
    measured = {"a": [1.0, 50.0, 2.0], "b": [10.0, 11.0], "c": [5.0]}
    assert slowest(measured, 2) == [("b", 10.5), ("c", 5.0)]
    assert sorted(pooled(measured)) == [1.0, 2.0, 5.0, 10.0, 11.0, 50.0]


def test_an_aim_is_met_up_to_its_limit():
    aims = [Aim("clicks, p95", 300, "ms", 300.0), Aim("largest page", 2000, "kB", 2000.5)]
    assert [aim.is_met for aim in aims] == [True, False]
    assert aims[0].row == ("clicks, p95", "300 ms", "300 ms", "met")
    assert aims[1].row[-1] == "not met"
    assert n_met(aims) == "1 of 2 aims met"
