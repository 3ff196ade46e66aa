import numpy as np

from optimizer import Summary
from ui.web.result_view.curves import MAX_POINTS, curves_of
from ui.web.result_view.picture import curves_words, picture_of
from ui.web.result_view.rows import rows_of


def test_every_row_has_its_curve_and_recorded_ones_what_was_measured(result):
    info = curves_of(result, rows_of(result))
    np.testing.assert_allclose(info.grid, [1, 14, 28])
    np.testing.assert_allclose(info.values[1], [30, 37.5, 50])
    assert info.measured == ((7, 40), None, None, None, (90, 41), None)
    assert info.lows == (None,) * 6 and info.at is None


def test_intervals_belong_to_results(result):
    low = np.arange(9.0).reshape(3, 3)
    info = curves_of(result, rows_of(result), (low, low + 10))
    np.testing.assert_allclose(info.lows[2], [3, 4, 5])
    np.testing.assert_allclose(info.highs[3], [16, 17, 18])
    assert [low is None for low in info.lows] == [True, False, False, False, True, True]


def test_a_searched_point_is_told(result):
    curve = result.spec.curve.model_copy(update={"summary": Summary.POINT, "at": 14})
    asked = result.model_copy(update={"spec": result.spec.model_copy(update={"curve": curve})})
    assert curves_of(asked, rows_of(asked)).at == 14


def test_long_curves_are_drawn_with_fewer_points_and_both_ends(result):
    grid = tuple(np.linspace(1, 100, 400).tolist())
    sets = {name: getattr(result, name) for name in ("results", "best_recorded", "baseline_random")}
    sets = {name: rows.model_copy(update={"curves": (grid,) * len(rows)}) for name, rows in sets.items()}
    long = result.model_copy(update={"sweep": result.sweep.model_copy(update={"grid": grid}), **sets})
    info = curves_of(long, rows_of(long))
    assert len(info.grid) == MAX_POINTS
    assert (info.grid[0], info.grid[-1]) == (1, 100)
    np.testing.assert_allclose(info.values[0], info.grid)


def test_without_a_sweep_feature_there_are_no_curves(result, dataset):
    plain = result.model_copy(update={"sweep": None})
    assert curves_of(plain, rows_of(plain)) is None
    assert curves_words(picture_of(plain, dataset)) == ""


def test_rows_without_a_curve_are_left_out(result):
    rows = result.best_recorded.model_copy(update={"curves": None})
    info = curves_of(result.model_copy(update={"best_recorded": rows}), rows_of(result)[:1])
    assert info.values[0] is not None
    some = result.model_copy(update={"best_recorded": rows})
    assert curves_of(some, rows_of(some)).values[0] is None
