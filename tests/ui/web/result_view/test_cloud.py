import numpy as np
import pytest
from hypothesis import given, strategies as st

from ui.web.live_view.row_block import RowBlock
from ui.web.result_view.axes import MAX_NUMBERS, MAX_POINTS, Axis, Cloud, archive_of
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
    archive = archive_of(trace)
    np.testing.assert_allclose(archive.values, [[40, 4, 5], [30, 3, 5], [20, 2, 5]])
    np.testing.assert_allclose(archive.positions, [[4, -4], [3, -3], [2, -2]])


def test_lineages_without_a_score_are_left_out():
    assert len(archive_of(rows(event(1, 0, BORN, np.nan, np.nan, 1.0)))) == 0
    assert len(archive_of(RowBlock.empty(3))) == 0


@given(n=st.integers(0, 3_000), width=st.integers(1, 60))
def test_a_cloud_is_thinned_to_what_can_be_sent_and_keeps_its_ends(n, width):
    values = np.arange(n * width, dtype=float).reshape(n, width)
    thin = Cloud(values, np.zeros((n, 2))).thinned()
    assert len(thin) <= MAX_POINTS
    assert len(thin) * (width + 2) <= MAX_NUMBERS
    if n:
        np.testing.assert_array_equal(thin.values[[0, -1]], values[[0, -1]])
    if n <= min(MAX_POINTS, MAX_NUMBERS // (width + 2)):
        assert len(thin) == n


def test_levels_are_thousandths_of_the_axis_and_none_for_what_is_not_known():
    cloud = Cloud(np.array([[0.0, 1.0], [np.nan, 2.0], [50.0, 3.0]]), np.zeros((3, 2)))
    axes = (Axis("y", "", 0, 0.0, 100.0, 0, None), Axis("x", "", 1, 1.0, 3.0, 0, None))
    assert _cloud(cloud, axes)["levels"] == [[0, None, 500], [0, 500, 1000]]


def test_a_cloud_is_made_of_rows_of_the_live_view():
    cloud = Cloud.of(np.array([[40.0, 1.0, 2.0, 0.5, -0.5]]))
    assert cloud.values.tolist() == [[40, 1, 2]]
    assert cloud.positions.tolist() == [[0.5, -0.5]]
    assert len(cloud) == pytest.approx(1)
