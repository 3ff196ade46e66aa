from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from services.specs.results import MeasuredThere, RecordedRow
from services.texts.results import USUAL_PERCENT, Tone, interval_words, result_summaries
from ui.web.result_view.table import MAX_LETTERS, chips_of, percent_cell, rows_of, shown_features, table_info


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


def test_a_result_that_was_measured_has_a_chip_and_what_came_of_it(result):
    known = (MeasuredThere(rows=(17, 3), n=2, mean=41.25), None, MeasuredThere(rows=(8,), n=1, mean=40.0))
    spec = result.spec.revised(curve=None)
    rows = result.results.model_copy(update={"already": known})
    told = result.model_copy(update={"results": rows, "spec": spec})
    cells = column(table_info(told), f"Measured {result.outcome_name}")
    assert [(cell.text, cell.small) for cell in cells[1:4]] == [("41.2", "(2 rows)"), ("–", ""), ("40.0", "(row 8)")]
    first, second = (chips_of(told, row) for row in rows_of(told)[1:3])
    assert first[0].text == "Already measured" and "rows 17 and 3, measured 41.2" in first[0].help
    assert all(chip.text != "Already measured" for chip in second)


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


def test_columns_say_what_counts_first_and_frozen_features_last(result):
    table = table_info(result)
    names = [one.name for one in table.columns]
    assert names == [
        "Predicted area",
        "Plausibility",
        "At a glance",
        "Worst case",
        "Density",
        "cement",
        "stone",
        "sand",
    ]
    assert [one.is_quiet for one in table.columns][-3:] == [False, False, True]
    assert {one.name: one.unit for one in table.columns}["Predicted area"] == "MPa·days"
    assert all(one.help for one in table.columns)
    assert [result.features[j].name for j in shown_features(result)] == ["cement", "stone", "sand"]


def test_cells_are_read_with_the_digits_of_their_step(result):
    table = table_info(result)
    assert [cell.text for cell in column(table, "cement")][:3] == ["310.0", "300.0", "500.0"]
    assert [cell.text for cell in column(table, "sand")][:2] == ["2,000", "2,040"]
    assert [cell.text for cell in column(table, "stone")][:3] == ["basalt", "gravel", "lime"]
    assert [cell.value for cell in column(table, "Density")][:2] == [2310.0, 2340.0]


def test_the_worst_case_is_the_lower_end_of_what_is_to_be_high(result):
    assert [cell.value for cell in column(table_info(result), "Worst case")] == [26.0, 25.0, 45.0, 36.0, 30.0, 15.0]


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


def test_intervals_stand_in_small_letters_behind_the_prediction(result):
    rows = result.results.model_copy(update={"lows": (20.0, 40.0, np.nan), "highs": (40.0, 60.0, np.nan)})
    told = result.model_copy(update={"results": rows})
    cells = column(table_info(told), "Predicted area")[1:4]
    assert [f"{cell.text} {cell.small}".strip() for cell in cells] == [
        interval_words(told, told.results, k) for k in range(3)
    ]
    assert "90 %" in table_info(told).columns[0].help


def test_what_nobody_knows_has_no_column(result):
    unknown = {"plausibility": None, "robust_low": None, "robust_high": None, "densities": None}
    sets = {name: getattr(result, name).model_copy(update=unknown) for name in ("results", "best_recorded")}
    sets["baseline_random"] = result.baseline_random.model_copy(update=unknown)
    names = [one.name for one in table_info(result.model_copy(update=sets | {"density": None})).columns]
    assert names == ["Predicted area", "At a glance", "cement", "stone", "sand"]  # which meets its steps


def test_what_was_measured_is_shown_where_no_curve_is_searched_for(result):
    plain = result.model_copy(update={"spec": result.spec.revised(curve=None)})
    cells = column(table_info(plain), "Measured strength")
    assert [cell.text for cell in cells] == ["40.0", "–", "–", "–", "41.0", "–"]


@given(percent=st.floats(0, 100))
def test_the_less_plausible_the_more_orange_the_more_so_the_more_green(percent):
    cell = percent_cell(percent)
    assert 0 <= cell.tint <= 1
    assert cell.tone == ("doubtful" if percent < USUAL_PERCENT else "believable")
    assert cell.value == percent


def test_a_plausibility_that_nobody_knows_is_a_dash():
    assert percent_cell(None).text == percent_cell(float("nan")).text == "–"


def test_chips_name_trouble_first_and_count_what_is_well(result):
    for row in rows_of(result):
        found = result_summaries(result, row.rows, row.index)
        chips = chips_of(result, row)
        bad = [chip for chip in chips if chip.tone != Tone.GOOD]
        assert len(bad) == sum(one.tone != Tone.GOOD for one in found if one.name != "Plausibility")
        assert [chip.tone for chip in chips] == sorted(
            (chip.tone for chip in chips), key=["bad", "doubtful", "good"].index
        )
        assert all(len(chip.text) <= MAX_LETTERS and chip.help for chip in chips)


def test_a_density_that_nobody_ever_saw_is_trouble(result):
    odd = replace(rows_of(result)[1], rows=result.results.model_copy(update={"densities": (3000.0, 2340.0, 2340.0)}))
    chip = chips_of(result, odd)[0]
    assert (chip.text, chip.tone) == ("Density", "bad")
    assert "3,000 kg/m³" in chip.help
