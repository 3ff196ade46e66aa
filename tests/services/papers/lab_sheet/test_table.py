import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from services.papers.exports import to_csv
from services.papers.lab_sheet.table import (
    Bands,
    bands_of,
    batch_unit,
    batch_words,
    frequent_points,
    lab_columns,
    lab_frame,
    measuring_points,
    settings_of,
)
from services.results.names import result_names


def test_a_result_of_a_curve_has_a_row_for_every_point_of_it(curved):
    result, columns = curved.result, lab_columns(curved.result)
    n = len(result.results)
    frame = lab_frame(result, range(n), curved.bands)
    assert list(frame) == [
        "candidate",
        "sand [kg]",
        "water [kg]",
        "temp",
        "speed",
        "resin",
        "age [d]",
        "predicted [%]",
        "low [%]",
        "high [%]",
        "measured [%]",
    ]
    assert list(frame["candidate"]) == [name for name in result_names(n) for _ in range(3)]
    assert list(frame[columns.settings["age"]]) == [1.0, 7.0, 28.0] * n
    assert frame[columns.measured].isna().all()
    assert (frame[columns.low] < frame[columns.predicted]).all()
    expected = [np.interp([1, 7, 28], result.sweep.grid, curve) for curve in result.results.curves]
    np.testing.assert_allclose(frame[columns.predicted], np.concatenate(expected), rtol=1e-4)
    assert all(len(f"{value:.12g}".strip("-").replace(".", "").strip("0")) <= 5 for value in frame[columns.low])


def test_without_a_curve_a_result_has_one_row_with_its_own_interval(plain):
    result, columns = plain.result, lab_columns(plain.result)
    frame = lab_frame(result, [1], None)
    assert len(frame) == 1 and frame["candidate"][0] == "Result 2"
    assert frame[columns.predicted][0] == pytest.approx(result.results.outcomes[1], rel=1e-4)
    assert np.isnan(frame[columns.low][0])
    with_ends = result.results.model_copy(update={"lows": (1.0, 2.0, 3.0), "highs": (4.0, 5.0, 6.0)})
    frame = lab_frame(result.model_copy(update={"results": with_ends}), [2])
    assert (frame[columns.low][0], frame[columns.high][0]) == (3.0, 6.0)


def test_it_comes_back_from_csv_as_it_was_also_without_rows(curved):
    frame = lab_frame(curved.result, [0, 1], curved.bands)
    read = pd.read_csv(io.BytesIO(to_csv(frame)))
    pd.testing.assert_frame_equal(read, frame, check_dtype=False)
    assert lab_frame(curved.result, []).columns[0] == "candidate" and len(lab_frame(curved.result, [])) == 0


def test_settings_are_what_can_be_dosed(curved, with_feature):
    result = curved.result
    for k in range(len(result.results)):
        settings = {one.feature.name: one for one in settings_of(result, k)}
        assert "age" not in settings
        assert settings["resin"].value in ("A", "B", "C")
        assert settings["speed"].value == round(settings["speed"].value)
        for j, feature in enumerate(result.features[:3]):
            assert abs(settings[feature.name].value - result.results.X[k][j]) <= 0.05 * feature.std
    stepped = result.model_copy(update={"spec": with_feature(result.spec, "sand", step=0.25)})
    assert all(len(settings_of(stepped, k)[0].words.partition(".")[2]) == 2 for k in range(len(result.results)))


@pytest.mark.parametrize("unit", ["kg/m³", "kg / m3", "kg/m^3"])
def test_a_batch_scales_the_parts_alone(curved, unit):
    assert batch_unit(curved.result) == ""  # kg each, of nothing
    features = [f.model_copy(update={"unit": unit}) if f.unit == "kg" else f for f in curved.result.features]
    result = curved.result.model_copy(update={"features": tuple(features)})
    assert batch_unit(result) == "kg"
    amounts = {one.feature.name: batch_words(result, one, 50.0) for one in settings_of(result, 0)}
    for one in settings_of(result, 0)[:2]:
        assert float(amounts[one.feature.name]) == pytest.approx(one.value / 20, abs=6e-3)
    assert amounts["temp"] == amounts["speed"] == amounts["resin"] == ""


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


def test_bands_lie_around_the_curves_where_the_model_knows_them(curved, mixed):
    bands, curves = curved.bands, np.array(curved.result.results.curves)
    assert bands.low.shape == bands.high.shape == curves.shape
    assert (bands.low < curves).all() and (curves < bands.high).all()
    assert bands.points == (1.0, 7.0, 28.0)
    bands = bands_of(curved.result, mixed)
    assert np.isnan(bands.low).all() and np.isnan(bands.high).all() and bands.points == (1.0, 7.0, 28.0)


def test_there_are_no_points_without_a_curve_and_some_without_habits(plain, curved):
    assert measuring_points(plain.result) == ()
    grid = curved.result.sweep.grid
    assert measuring_points(curved.result) == (grid[len(grid) // 2], grid[-1])


@pytest.mark.parametrize("at", [7.0, 9.5])
def test_a_searched_point_is_always_measured(curved, at):
    curve = curved.result.spec.curve.model_copy(update={"summary": "point", "at": at})
    result = curved.result.model_copy(update={"spec": curved.result.spec.revised(curve=curve)})
    nothing = np.empty((0, 0))
    assert measuring_points(result) == (at,)
    assert set(measuring_points(result, Bands(nothing, nothing, (1.0, 7.0)))) == {1.0, 7.0, at}
