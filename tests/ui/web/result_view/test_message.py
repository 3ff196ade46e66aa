import json

import pytest

from ui.web.result_view import encode, picture_of, table_picture
from ui.web.result_view.picture import coordinates_words, curves_words, map_words, table_words


def test_the_whole_message_is_small_json(result, dataset, background):
    sent = json.dumps(encode(picture_of(result, dataset, background)), allow_nan=False)
    assert len(sent) < 60_000


def test_rows_carry_their_cells_their_places_and_their_looks(result, dataset, background):
    message = encode(picture_of(result, dataset, background))
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
    message = encode(table_picture(result.model_copy(update={"results": rows})))
    at = [column["name"] for column in message["table"]["columns"]].index("cement")
    assert message["table"]["rows"][1]["cells"][at]["value"] == 0.0


def test_the_map_has_the_archive_thinned_and_says_how_many_there_were(result, dataset, background):
    drawn = encode(picture_of(result, dataset, background))["map"]
    assert drawn["lineages"] == 900
    assert len(drawn["archive"]["x"]) == 400
    assert [len(levels) for levels in drawn["archive"]["levels"]] == [400] * 4
    assert len(drawn["recorded"]["x"]) == 200
    assert drawn["labels"] == [
        "Principal component 1, 50 % of the variation",
        "Principal component 2, 25 % of the variation",
    ]


def test_the_table_alone_is_a_message_too(result):
    message = encode(table_picture(result))
    assert message["axes"] == [] and message["map"] is None and message["curves"] is None
    assert message["table"]["rows"][0]["at"] == []


def test_predictions_that_are_no_numbers_are_no_places(result, dataset):
    rows = result.results.model_copy(update={"outcomes": (float("nan"), 50.0, 41.0)})
    message = encode(picture_of(result.model_copy(update={"results": rows}), dataset))
    json.dumps(message, allow_nan=False)
    assert message["table"]["rows"][1]["at"][0] is None


def test_everything_drawn_is_said_in_a_sentence(result, dataset, background):
    picture = picture_of(result, dataset, background)
    assert table_words(picture) == (
        "Table of 3 results, the reference Row 17, 1 best recorded row, the best of random candidates."
    )
    words = coordinates_words(picture)
    assert "cement 300–500 kg/m³" in words and "stone gravel, lime, basalt" in words
    assert "200 recorded rows" in map_words(picture.map) and "900 lineages" in map_words(picture.map)
    assert curves_words(picture).startswith("strength over age 1–28 days: results reach 30–83.33 MPa")


def test_where_nothing_was_free_there_is_no_map(result, dataset, background):
    frozen = tuple(feature.model_copy(update={"is_free": False}) for feature in result.features)
    assert picture_of(result.model_copy(update={"features": frozen}), dataset, background).map is None
