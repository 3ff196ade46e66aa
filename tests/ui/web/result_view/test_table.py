import numpy as np
import pytest

from optimizer import Goal
from services.papers.measured.measurements import Measurement
from services.specs.results import MeasuredThere, RecordedRow
from services.texts.results import Tone, light_of
from ui.web.result_view.table import rows_of, shown_features, table_info


def column(table, name):
    """The cells of a column."""
    at = [one.name for one in table.columns].index(name)
    return [cells[at] for cells in table.cells]


def test_the_reference_is_first_then_results_then_what_they_have_to_beat(result):
    rows = rows_of(result)
    assert [(row.kind, row.name) for row in rows] == [
        ("reference", "Row 17"),
        ("result", "Result 1"),
        ("result", "Result 2"),
        ("result", "Result 3"),
        ("recorded", "Row 3"),
        ("random", "Best of random"),
    ]
    assert [row.number for row in rows] == [0, 1, 2, 3, 0, 0]
    assert [row.title for row in rows[:3]] == ["best recorded", "low cement", ""]


def test_a_result_that_was_measured_says_what_came_of_it(result):
    known = (MeasuredThere(rows=(17, 3), n=2, mean=41.25), None, MeasuredThere(rows=(8,), n=1, mean=40.0))
    spec = result.spec.revised(curve=None)
    rows = result.results.model_copy(update={"already": known})
    told = result.model_copy(update={"results": rows, "spec": spec})
    cells = column(table_info(told), "Measured")
    assert [(cell.text, cell.small) for cell in cells[1:4]] == [("41.2", "(2 rows)"), ("–", ""), ("40.0", "(row 8)")]


def test_the_best_within_the_bounds_is_called_so(result):
    other = RecordedRow(row=9, measured=50.0, predicted=50.0, why="its cement is above your bound")
    narrow = result.model_copy(update={"best_of_all": other, "n_within": 12})
    assert rows_of(narrow)[0].title == "best recorded within your bounds"


def test_a_reference_of_the_run_stands_for_itself_and_recorded_rows_stay(result):
    reference = {"row": 3, "values": (350.0, 2100.0, "gravel", 90.0)}
    asked = result.model_copy(
        update={"spec": result.spec.revised(reference=reference), "reference": result.best_recorded.only(1)}
    )
    assert [(row.kind, row.name) for row in rows_of(asked)][::4] == [("reference", "Row 3"), ("recorded", "Row 17")]
    typed = asked.model_copy(update={"spec": asked.spec.revised(reference=reference | {"row": None, "name": "Ours"})})
    named = [(row.kind, row.name, row.title) for row in rows_of(typed)]
    assert named[0] == ("reference", "Ours", "")
    assert [name for kind, name, _ in named if kind == "recorded"] == ["Row 17", "Row 3"]


def test_columns_say_what_to_expect_then_settings_then_how_far_to_trust(result):
    table = table_info(result)
    names = [one.name for one in table.columns]
    assert names == ["Predicted area", "cement", "stone", "sand", "Trust"]
    assert [one.is_quiet for one in table.columns] == [False, False, False, True, False]
    assert {one.name: one.unit for one in table.columns}["Predicted area"] == "MPa·days"
    assert all(one.help for one in table.columns)
    assert [result.features[j].name for j in shown_features(result)] == ["cement", "stone", "sand"]


def test_cells_are_read_with_the_digits_of_their_step(result):
    table = table_info(result)
    assert [cell.text for cell in column(table, "cement")][:3] == ["310.0", "300.0", "500.0"]
    assert [cell.text for cell in column(table, "sand")][:2] == ["2,000", "2,040"]
    assert [cell.text for cell in column(table, "stone")][:3] == ["basalt", "gravel", "lime"]


def test_results_are_tinted_by_their_difference_from_the_reference_and_nobody_else_is(result):
    cells = column(table_info(result), "cement")
    std = result.features[0].std
    assert cells[2].tint == pytest.approx(min(190 / (2 * std), 1), abs=1e-3)
    assert cells[2].note == "+190.0 kg/m³"
    assert cells[1].tint == 0 and cells[1].note == ""  # 10 kg/m³ are nothing to the eye
    stones = column(table_info(result), "stone")
    assert [cell.tint for cell in stones] == [0, 1, 1, 0, 0, 0]
    assert stones[1].note == "another category"
    below = column(table_info(result), "sand")[2]
    assert below.note == "−140 kg/m³"


def test_without_recorded_rows_there_is_nothing_to_differ_from(result):
    nothing = {"X": (), "outcomes": (), "scores": (), "penalties": (), "densities": (), "curves": (), "rows": ()}
    nothing |= {"plausibility": (), "robust_low": (), "robust_high": (), "measured": ()}
    alone = result.model_copy(update={"best_recorded": result.best_recorded.model_copy(update=nothing)})
    table = table_info(alone)
    assert table.rows[0].kind == "result"
    assert all(cell.tint == 0 for cell in column(table, "cement"))


def test_what_to_expect_lies_on_one_scale_with_the_best_that_was_measured(result):
    rows = result.results.model_copy(update={"lows": (20.0, 40.0, np.nan), "highs": (40.0, 60.0, np.nan)})
    table = table_info(result.model_copy(update={"results": rows}))
    assert [span.texts for span in table.spans[1:4]] == [
        ("20.0", "30.0", "40.0"),
        ("40.0", "50.0", "60.0"),
        ("", "41.0", ""),
    ]
    low, high = 20.0, 60.0  # of all rows
    assert table.spans[1].places == pytest.approx([(value - low) / (high - low) for value in (20.0, 30.0, 40.0)])
    assert table.spans[3].places[::2] == (None, None)
    assert table.best == pytest.approx((result.best_recorded.outcomes[0] - low) / (high - low))
    assert table.spans[1].words == "at least 20.0, expect 30.0, up to 40.0 MPa·days (95 %)"
    assert "95 %" in table.columns[0].help


def test_the_three_numbers_are_named_as_they_stand_whatever_is_searched_for(result):
    def named(goal):
        spec = result.spec.revised(goal=goal, value=40.0 if goal is Goal.VALUE else None)
        rows = result.results.model_copy(update={"lows": (20.0, 40.0, 30.0), "highs": (40.0, 60.0, 50.0)})
        told = result.model_copy(update={"goal": goal, "spec": spec, "results": rows})
        return table_info(told).columns[0].numbers

    assert named(Goal.MAXIMUM) == "at least – expect – up to"
    assert (named(Goal.MINIMUM), named(Goal.VALUE)) == ("down to – expect – at most", "from – expect – to")
    assert {one.numbers for one in table_info(result).columns} == {""}  # without ends


def test_what_nobody_knows_has_no_column(result):
    unknown = {"plausibility": None, "robust_low": None, "robust_high": None, "densities": None}
    sets = {name: getattr(result, name).model_copy(update=unknown) for name in ("results", "best_recorded")}
    sets["baseline_random"] = result.baseline_random.model_copy(update=unknown)
    names = [one.name for one in table_info(result.model_copy(update=sets | {"density": None})).columns]
    assert names == ["Predicted area", "cement", "stone", "sand"]


def test_what_was_measured_is_shown_where_no_curve_is_searched_for(result):
    plain = result.model_copy(update={"spec": result.spec.revised(curve=None)})
    cells = column(table_info(plain), "Measured")
    assert [cell.text for cell in cells] == ["40.0", "–", "–", "–", "41.0", "–"]


def test_what_the_laboratory_found_stands_beside_the_prediction(result):
    kept = (Measurement(result=1, value=47.5, at=28.0), Measurement(result=1, value=48.5, at=14.0))
    cells = column(table_info(result, kept=kept), "Measured")
    assert [(cell.text, cell.small) for cell in cells[1:4]] == [("–", ""), ("48.5", "at 14 days +1"), ("–", "")]
    assert cells[2].note.startswith("predicted 62.5 ")
    plain = result.model_copy(update={"spec": result.spec.revised(curve=None)})
    cells = column(table_info(plain, kept=(Measurement(result=0, value=33.0),)), "Measured")
    assert [cell.text for cell in cells] == ["40.0", "33.0", "–", "–", "41.0", "–"]


def test_a_result_that_is_left_out_has_no_row_and_the_others_keep_their_numbers(result):
    table = table_info(result, left_out=(1,))
    assert [row.name for row in table.rows if row.kind == "result"] == ["Result 1", "Result 3"]
    assert [row.number for row in table.rows if row.kind == "result"] == [1, 3]
    assert len(table.cells) == len(table.rows) == len(table.spans) == len(table.lights)


def test_results_and_the_best_of_random_have_lights_and_measured_rows_none(result):
    table = table_info(result)
    for row, light in zip(table.rows, table.lights, strict=True):
        has_one = row.kind in ("result", "random")
        assert light == (light_of(result, row.rows, row.index) if has_one else None)
    assert [cell.value for cell in column(table, "Trust")][1:4] == [
        list(Tone).index(light.tone) for light in table.lights[1:4]
    ]
