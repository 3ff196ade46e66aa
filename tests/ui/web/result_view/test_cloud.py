import numpy as np
from hypothesis import given, strategies as st

from ui.web.live_view.row_block import RowBlock
from ui.web.result_view.axes import MAX_NUMBERS, MAX_POINTS, Axis, archive_of, thinned_cloud
from ui.web.result_view.component import _cloud

BORN, IMPROVED, EXTINCT, MERGED = 0, 1, 3, 4


def event(generation, lineage, state, score, outcome, *settings):
    """A row of a trace on a map that shows the first setting and its negative."""
    nothing = [np.nan] * 5 + [-1]
    return [generation, lineage, state, score, outcome, 2300.0, *settings, settings[0], -settings[0], *nothing]


def rows(*events):
    return RowBlock(np.array(events, dtype=np.float32), np.zeros((0, 5)))


def test_the_archive_holds_the_last_of_every_lineage_best_first():
    trace = rows(
        event(1, 0, BORN, 3.0, 10.0, 1.0, 5.0),
        event(1, 1, BORN, 2.0, 20.0, 2.0, 5.0),
        event(2, 0, IMPROVED, 1.0, 30.0, 3.0, 5.0),
        event(3, 1, EXTINCT, 2.0, 20.0, 2.0, 5.0),
        event(3, 2, MERGED, 0.5, 40.0, 4.0, 5.0),
    )
    np.testing.assert_allclose(archive_of(trace), [[40, 4, 5, 4, -4], [30, 3, 5, 3, -3], [20, 2, 5, 2, -2]])


def test_lineages_without_a_score_are_left_out():
    assert len(archive_of(rows(event(1, 0, BORN, np.nan, np.nan, 1.0)))) == 0
    assert len(archive_of(RowBlock.empty(3))) == 0


@given(n=st.integers(0, 3_000), width=st.integers(3, 62))
def test_a_cloud_is_thinned_to_what_can_be_sent_and_keeps_its_ends(n, width):
    values = np.arange(n * width, dtype=float).reshape(n, width)
    thin = thinned_cloud(values)
    assert len(thin) <= MAX_POINTS
    assert thin.size <= MAX_NUMBERS
    if n:
        np.testing.assert_array_equal(thin[[0, -1]], values[[0, -1]])
    if n <= min(MAX_POINTS, MAX_NUMBERS // width):
        assert len(thin) == n


def test_levels_are_thousandths_of_the_axis_and_none_for_what_is_not_known():
    cloud = np.array([[0.0, 1.0, 0.5, -0.5], [np.nan, 2.0, 0, 0], [50.0, 3.0, 0, 0]])
    axes = (Axis("y", "", 0, 0.0, 100.0, 0, None), Axis("x", "", 1, 1.0, 3.0, 0, None))
    sent = _cloud(cloud, axes)
    assert sent["levels"] == [[0, None, 500], [0, 500, 1000]]
    assert (sent["x"], sent["y"]) == ([0.5, 0, 0], [-0.5, 0, 0])
