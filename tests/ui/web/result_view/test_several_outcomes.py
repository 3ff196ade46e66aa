"""Several outcomes in the table, the front and the limits: what the browser is told of them."""

import json

import pytest

from ui.web.result_view.component import result_message
from ui.web.result_view.table import rows_of, table_info


def test_goals_stand_first_then_limits_each_with_its_values_on_its_own_scale(front):
    table = table_info(front)
    outcomes = [column for column in table.columns if column.kind == "objective"]
    assert [(each.name, each.numbers) for each in outcomes] == [
        ("strength", "max, at least 15"),
        ("cost", "min"),
        ("fines", "at most 0.95"),
    ]
    assert [each.goal for each in outcomes] == ["maximum", "minimum", ""]
    strength, cost, _ = table.cells[1][:3]
    assert strength.span.texts == ("40.0", "50.0", "60.0")
    assert cost.span.texts == ("", "250.0", "") and cost.span.places[1] == 1.0
    assert outcomes[0].limits == pytest.approx(((15 - 10) / (60 - 10),))
    assert "180 of 200 recorded rows keep it" in outcomes[0].help


def test_every_cell_says_whether_its_limit_is_kept_and_marks_what_breaks_it(front):
    cells = [row[0] for row in table_info(front).cells]
    assert [cell.is_broken for cell in cells] == [False, False, False, True]
    assert cells[1].span.words.endswith("keeps at least 15 MPa with 95 % confidence")
    assert cells[3].span.words.endswith("breaks at least 15 MPa")


def test_recorded_rows_have_what_was_measured(front):
    strength, cost = table_info(front).cells[0][:2]
    assert strength.text == "31.0" and strength.span.places[0] is None
    assert strength.span.words.startswith("measured 31.0 MPa, the model says")
    assert "calculated from what was recorded" in cost.span.words


def test_what_a_result_is_on_the_front_stands_with_its_name(front):
    assert [row.title for row in rows_of(front)] == [
        "best recorded in strength",
        "high cement",
        "gives up least",
        "outcomes of 1, low cement",
    ]


def test_the_browser_gets_the_front_its_archive_and_a_slider_for_each_limit(front, dataset):
    message = json.loads(json.dumps(result_message(front, dataset), allow_nan=False))
    assert [each["name"] for each in message["outcomes"]] == ["strength", "cost", "fines"]
    assert message["front"]["knee"] == 2 and message["front"]["goals"] == 2
    assert "Result 2 gives up least of every goal" in message["front"]["words"]
    pool = message["pool"]
    assert len(pool["values"]) == len(pool["front"]) == 30 and pool["values"][0] == [25.0, 62.5, 0.888889]
    assert len(pool["levels"]) == len(message["axes"])
    assert all(0 <= level <= 1000 for each in pool["levels"] for level in each)
    assert [(each["name"], each["isLow"], each["bound"]) for each in message["limits"]] == [
        ("strength", True, 15.0),
        ("fines", False, 0.95),
    ]
    slider = message["limits"][0]
    assert slider["low"] == 15.0 and slider["high"] > 44.0  # beyond all that was found, so that nothing keeps it
    assert message["table"]["rows"][1]["kept"] == [40.0, 0.8]
    assert message["table"]["rows"][0]["kept"] is None


def test_one_goal_with_limits_has_sliders_and_no_front(limited, dataset):
    message = result_message(limited, dataset)
    assert message["front"] is None and len(message["limits"]) == 2
    assert [column["name"] for column in message["table"]["columns"][:2]] == ["cost", "strength"]


def test_a_document_of_before_has_neither(result, dataset):
    message = result_message(result, dataset)
    assert message["front"] is None and message["pool"] is None and message["limits"] == []
    assert all(not column["goal"] and not column["limits"] for column in message["table"]["columns"])
