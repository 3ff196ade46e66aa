import numpy as np
import pytest
from hypothesis import given, strategies as st

from services.papers.lab_sheet.drawing import Bands, bands_of, frequent_points, measuring_points


def test_the_points_are_what_many_rows_were_measured_at():
    recorded = np.repeat([1.0, 3.0, 7.0, 28.0, 56.0, 90.0, 365.0], [2, 13, 12, 41, 9, 5, 30])
    assert frequent_points(recorded, 1.0, 100.0) == (3.0, 7.0, 28.0, 56.0)
    assert frequent_points(recorded, 1.0, 400.0) == (3.0, 7.0, 28.0, 365.0)
    assert frequent_points(np.linspace(1, 100, 500), 1.0, 100.0) == ()


@given(recorded=st.lists(st.integers(0, 20), min_size=1, max_size=80), start=st.integers(0, 9), end=st.integers(10, 20))
def test_points_are_few_ascending_recorded_and_within_the_curve(recorded, start, end):
    points = frequent_points(np.array(recorded, dtype=float), start, end)
    assert len(points) <= 4 and list(points) == sorted(set(points))
    assert all(start <= point <= end and point in recorded for point in points)


def test_bands_lie_around_the_curves(curved):
    bands, curves = curved.bands, np.array(curved.result.results.curves)
    assert bands.low.shape == bands.high.shape == curves.shape
    assert (bands.low < curves).all() and (curves < bands.high).all()
    np.testing.assert_allclose((bands.low + bands.high) / 2, curves)
    assert bands.points == (1.0, 7.0, 28.0)


def test_without_intervals_the_points_are_known_all_the_same(curved, mixed):
    bands = bands_of(curved.result, mixed)
    assert np.isnan(bands.low).all() and np.isnan(bands.high).all() and bands.points == (1.0, 7.0, 28.0)


def test_there_are_no_points_without_a_curve_and_some_without_habits(plain, curved):
    assert measuring_points(plain.result) == ()
    grid = curved.result.sweep.grid
    assert measuring_points(curved.result) == (grid[len(grid) // 2], grid[-1])


@pytest.mark.parametrize("at", [7.0, 9.5])
def test_a_searched_point_is_always_measured(curved, at):
    curve = curved.result.spec.curve.model_copy(update={"summary": "point", "at": at})
    result = curved.result.model_copy(update={"spec": curved.result.spec.model_copy(update={"curve": curve})})
    nothing = np.empty((0, 0))
    assert measuring_points(result) == (at,)
    assert set(measuring_points(result, Bands(nothing, nothing, (1.0, 7.0)))) == {1.0, 7.0, at}
