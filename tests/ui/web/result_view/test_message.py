import json

import numpy as np
import pytest

from optimizer import Summary
from ui.web.result_view.component import MAX_CURVE_POINTS, result_message, table_message


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
    asked = result.model_copy(update={"spec": result.spec.model_copy(update={"curve": curve})})
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
