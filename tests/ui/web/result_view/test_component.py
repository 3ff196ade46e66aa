import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import DatasetError
from optimizer import Summary
from ui.web.live_view.row_block import RowBlock
from ui.web.result_view.component import (
    MAX_CURVE_POINTS,
    MAX_NUMBERS,
    MAX_POINTS,
    Axis,
    _cloud,
    archive_of,
    axes_of,
    result_message,
    table_message,
    thinned_cloud,
)
from ui.web.result_view.table import rows_of


@pytest.fixture
def axes(result, dataset):
    return axes_of(result, rows_of(result), dataset, np.array([10.0, 20.0, np.nan, 90.0]))


def test_the_objective_leads_and_every_feature_but_the_swept_one_follows(axes):
    assert [axis.name for axis in axes] == ["Predicted area", "cement", "stone", "sand"]
    assert [axis.column for axis in axes] == [0, 1, 3, 2]
    assert [axis.is_free for axis in axes] == [True, True, True, False]


def test_an_axis_spans_what_was_recorded_found_and_allowed(axes, dataset):
    objective, cement, stone, sand = axes
    assert (objective.low, objective.high) == (10, 90)
    assert (cement.low, cement.high, cement.bounds) == (90, 600, (90, 600))
    assert (stone.low, stone.high, stone.bounds) == (-0.5, 2.5, None)
    assert sand.low == dataset.X[:, 1].min() and sand.bounds is None


def test_all_rows_lie_on_all_axes(axes, result):
    for row in rows_of(result):
        values = np.array([row.outcome, *row.settings])
        for axis in axes:
            assert 0 <= axis.positions(values[axis.column]) <= 1


def test_histograms_count_every_recorded_row(axes):
    for axis in axes:
        assert axis.bins.shares.sum() == pytest.approx(1)
        assert (axis.positions(axis.bins.edges) >= -1e-9).all() and (axis.positions(axis.bins.edges) <= 1 + 1e-9).all()


def test_features_are_found_by_name_and_categories_too(result, dataset, axes):
    order = [3, 2, 1, 0]
    stone = replace(dataset.features[2], categories=("lime", "gravel", "basalt"))
    X = dataset.X.copy()
    X[:, 2] = 2 - X[:, 2]
    columns = (dataset.features[0], dataset.features[1], stone, dataset.features[3])
    shuffled = replace(dataset, features=tuple(columns[j] for j in order), X=X[:, order])
    for expected, found in zip(axes[1:], axes_of(result, rows_of(result), shuffled)[1:], strict=True):
        np.testing.assert_allclose(expected.bins.shares, found.bins.shares)


def test_values_are_read_as_the_table_reads_them(axes):
    objective, cement, stone, sand = axes
    assert (objective.text(30.0), cement.text(300.0), stone.text(2.0), sand.text(2040.4)) == (
        "30.0",
        "300.0",
        "lime",
        "2,040",
    )
    assert cement.text(float("nan")) == "–"


def test_without_a_table_there_are_axes_without_bars(result):
    axes = axes_of(result, rows_of(result))
    assert all(axis.bins is None for axis in axes)
    assert all(axis.low < axis.high for axis in axes)


def test_a_feature_that_never_varied_still_has_an_axis(result, dataset):
    X = dataset.X.copy()
    X[:, 0] = 300.0
    features = (result.features[0].model_copy(update={"low": 300.0, "high": 300.0}), *result.features[1:])
    spec = result.spec.model_copy(update={"features": ()})
    sets = {}
    for name in ("results", "best_recorded", "baseline_random"):
        rows = getattr(result, name)
        sets[name] = rows.model_copy(update={"X": tuple((300.0, *row[1:]) for row in rows.X)})
    same = result.model_copy(update={"spec": spec, "features": features, **sets})
    axis = axes_of(same, rows_of(same), replace(dataset, X=X))[1]
    assert axis.low < 300 < axis.high


def test_a_dataset_without_the_feature_is_refused(result, dataset):
    other = replace(dataset, features=(replace(dataset.features[0], name="zinc"), *dataset.features[1:]), parts=())
    with pytest.raises(DatasetError, match="cement"):
        axes_of(result, rows_of(result), other)


BORN, IMPROVED, EXTINCT, MERGED = 0, 1, 3, 4


def event(generation, lineage, state, score, outcome, *settings):
    """A row of a trace on a map that shows the first setting and its negative."""
    nothing = [np.nan] * 8 + [-1]
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


def test_the_whole_message_is_small_json(result, dataset, background):
    sent = json.dumps(result_message(result, dataset, background), allow_nan=False)
    assert len(sent) < 60_000


def test_rows_carry_their_cells_their_places_and_their_looks(result, dataset, background):
    message = result_message(result, dataset, background)
    reference, first = message["table"]["rows"][:2]
    assert (first["kind"], first["number"], first["name"], first["title"]) == ("result", 1, "Result 1", "low cement")
    assert first["colour"].startswith("#") and reference["colour"] == ""
    assert first["texts"] == ["30.0", "300.0", "gravel", "2,040"]
    assert first["at"][1] == pytest.approx((300 - 90) / 510, abs=1e-4)
    assert first["place"] == [300, 2040]
    assert first["curve"] == [30, 37.5, 50]
    assert first["cells"][0]["value"] == 30.0
    assert len(first["cells"]) == len(message["table"]["columns"])


def test_a_value_of_nothing_is_a_value(result):
    rows = result.results.model_copy(update={"X": ((0.0, 2040.0, 1.0, 28.0), *result.results.X[1:])})
    message = table_message(result.model_copy(update={"results": rows}))
    at = [column["name"] for column in message["table"]["columns"]].index("cement")
    assert message["table"]["rows"][1]["cells"][at]["value"] == 0.0


def test_the_map_has_the_archive_thinned_and_says_how_many_there_were(result, dataset, background):
    drawn = result_message(result, dataset, background)["map"]
    assert drawn["lineages"] == 900
    assert len(drawn["archive"]["x"]) == 400
    assert [len(levels) for levels in drawn["archive"]["levels"]] == [400] * 4
    assert len(drawn["recorded"]["x"]) == 200
    assert drawn["labels"] == [
        "Principal component 1, 50 % of the variation",
        "Principal component 2, 25 % of the variation",
    ]


def test_the_table_alone_is_a_message_too(result):
    message = table_message(result)
    assert message["axes"] == [] and message["map"] is None and message["curves"] is None
    assert message["table"]["rows"][0]["at"] == []


def test_predictions_that_are_no_numbers_are_no_places(result, dataset):
    rows = result.results.model_copy(update={"outcomes": (float("nan"), 50.0, 41.0)})
    message = result_message(result.model_copy(update={"results": rows}), dataset)
    json.dumps(message, allow_nan=False)
    assert message["table"]["rows"][1]["at"][0] is None


def test_everything_drawn_is_said_in_a_sentence(result, dataset, background):
    message = result_message(result, dataset, background)
    assert message["table"]["words"] == (
        "Table of 3 results, the reference Row 17, 1 best recorded row, the best of random candidates."
    )
    words = message["coordinates"]["words"]
    assert "cement 300–500 kg/m³" in words and "stone gravel, lime, basalt" in words
    assert "200 recorded rows" in message["map"]["words"] and "900 lineages" in message["map"]["words"]
    assert message["curves"]["words"].startswith("strength over age 1–28 days: results reach 30–83.33 MPa")


def test_where_nothing_was_free_there_is_no_map(result, dataset, background):
    frozen = tuple(feature.model_copy(update={"is_free": False}) for feature in result.features)
    assert result_message(result.model_copy(update={"features": frozen}), dataset, background)["map"] is None


def of_rows(message, name):
    return [row[name] for row in message["table"]["rows"]]


def test_every_row_has_its_curve_and_recorded_ones_what_was_measured(result):
    message = result_message(result)
    assert message["curves"]["grid"] == [1, 14, 28] and message["curves"]["at"] is None
    assert of_rows(message, "curve")[1] == [30, 37.5, 50]
    assert of_rows(message, "measured") == [[7, 40], None, None, None, [90, 41], None]
    assert of_rows(message, "low") == [None] * 6


def test_intervals_belong_to_results(result):
    low = np.arange(9.0).reshape(3, 3)
    message = result_message(result, bands=(low, low + 10))
    assert of_rows(message, "low")[2] == [3, 4, 5]
    assert of_rows(message, "high")[3] == [16, 17, 18]
    assert [low is None for low in of_rows(message, "low")] == [True, False, False, False, True, True]


def test_a_searched_point_is_told(result):
    curve = result.spec.curve.model_copy(update={"summary": Summary.POINT, "at": 14})
    asked = result.model_copy(update={"spec": result.spec.revised(curve=curve)})
    assert result_message(asked)["curves"]["at"] == 14


def test_long_curves_are_drawn_with_fewer_points_and_both_ends(result):
    grid = tuple(np.linspace(1, 100, 400).tolist())
    sets = {name: getattr(result, name) for name in ("results", "best_recorded", "baseline_random")}
    sets = {name: rows.model_copy(update={"curves": (grid,) * len(rows)}) for name, rows in sets.items()}
    long = result.model_copy(update={"sweep": result.sweep.model_copy(update={"grid": grid}), **sets})
    message = result_message(long)
    drawn = message["curves"]["grid"]
    assert len(drawn) == MAX_CURVE_POINTS and (drawn[0], drawn[-1]) == (1, 100)
    np.testing.assert_allclose(of_rows(message, "curve")[0], drawn, atol=1e-3)


def test_without_a_sweep_feature_there_are_no_curves(result, dataset):
    plain = result.model_copy(update={"sweep": None})
    assert result_message(plain, dataset)["curves"] is None


def test_rows_without_a_curve_are_left_out(result):
    rows = result.best_recorded.model_copy(update={"curves": None})
    some = of_rows(result_message(result.model_copy(update={"best_recorded": rows})), "curve")
    assert some[0] is None and some[1] is not None
