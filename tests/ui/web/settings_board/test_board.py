import re

import pytest
from playwright.sync_api import expect

from services.problems.reference import typed_reference
from ui.web.settings_board.reading import read_edits

pytestmark = pytest.mark.browser

CATEGORIES = {"resin": ("<img src=x onerror=alert(1)>", "A", "B")}


def test_every_kind_of_feature_is_a_row_that_says_what_is_set(stage, spec):
    stage.show(spec)
    assert stage.rows("Free features") == ["sand", "water", "speed", "resin"]
    words = stage.page.locator(".summary").all_text_contents()
    assert words == ["Between 50 and 70", "Between 20 and 40", "Between 1 and 8", "Any of 3 categories"]
    assert stage.field("sand: Min [kg]").input_value() == "50"
    assert stage.page.locator(".count").text_content() == "4 of 4 free"
    assert stage.told == []


def test_names_are_text_and_never_markup(stage, spec):
    stage.show(spec)
    assert stage.page.locator(".board img").count() == 0
    chip = stage.page.get_by_role("button", name="<img src=x onerror=alert(1)>")
    chip.click()
    assert stage.last("resin")["allowed"] == ["A", "B"]
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(stage.page.get_by_text("A or B")).to_be_visible()


def test_bounds_are_typed(stage, spec):
    stage.show(spec).type("sand: Min [kg]", "55,5").type("sand: Max [kg]", " 6e1 ")
    assert (stage.last("sand")["low"], stage.last("sand")["high"]) == (55.5, 60)
    stage.type("sand: Min [kg]", "")
    assert stage.last("sand")["low"] == 50  # as recorded
    stage.type("sand: Step [kg]", "0")
    assert stage.last("sand")["step"] is None
    stage.type("sand: Step [kg]", "0.00005")
    assert stage.field("sand: Step [kg]").input_value() == "5e-5"
    stage.type("sand: Max [kg]", "90")
    expect(stage.page.get_by_text("Between 50 and 90, beyond the records")).to_be_visible()


def test_what_is_being_typed_stays_when_the_page_answers_late(stage, spec):
    stage.show(spec).field("sand: Min [kg]").fill("55")
    stage.show(spec)
    assert stage.field("sand: Min [kg]").input_value() == "55"
    stage.field("sand: Min [kg]").press("Enter")
    assert stage.last("sand")["low"] == 55
    stage.show(spec, revision="2")
    assert stage.field("sand: Min [kg]").input_value() == "50"


def test_bounds_are_dragged_and_told_once_they_are_let_go(stage, spec):
    stage.show(spec).drag("sand: Min, handle", 100)
    assert len(stage.told) == 1
    low = stage.last("sand")["low"]
    assert 50 < low < 70 and low == pytest.approx(round(low, 1), abs=1e-9)  # on its step
    assert stage.field("sand: Min [kg]").input_value() == f"{low:g}"
    stage.drag("sand: Max, handle", 500)
    assert stage.last("sand")["high"] == 70
    stage.drag("sand: Max, handle", -900)
    assert stage.last("sand")["high"] == low  # no further than Min


def test_the_window_is_dragged_as_a_whole(stage, spec):
    stage.show(spec).type("sand: Min [kg]", "58").type("sand: Max [kg]", "62")
    pane = stage.page.locator(".pane").first.bounding_box()
    stage.page.mouse.move(pane["x"] + pane["width"] / 2, pane["y"] + 10)
    stage.page.mouse.down()
    stage.page.mouse.move(pane["x"] + 2000, pane["y"] + 10, steps=4)
    stage.page.mouse.up()
    assert (stage.last("sand")["low"], stage.last("sand")["high"]) == (66, 70)


def test_handles_are_moved_by_keys_and_told_when_these_rest(stage, spec):
    stage.show(spec)
    handle = stage.field("water: Max, handle")
    handle.focus()
    for key in ("ArrowLeft", "ArrowLeft", "PageDown", "Home", "ArrowRight"):
        handle.press(key)
    assert handle.get_attribute("aria-valuenow") == "20.1"
    stage.page.wait_for_function("told.length === 1")
    assert stage.last("water")["high"] == 20.1


def test_a_feature_is_frozen_at_a_value_and_freed_again(stage, spec):
    stage.show(spec).field("speed: free").click()
    assert stage.rows("Frozen features") == ["speed"]
    assert stage.page.evaluate("document.activeElement.getAttribute('aria-label')") == "speed: free"
    stage.type("speed: Value", "3")
    assert (stage.last("speed")["is_free"], stage.last("speed")["value"]) == (False, 3)
    stage.page.locator("summary").click()
    expect(stage.page.locator("summary .list")).to_have_text("speed 3")
    stage.page.locator("summary").click()
    stage.field("speed: free").click()
    assert stage.rows("Free features") == ["sand", "water", "speed", "resin"]
    stage.field("resin: free").click()
    stage.field("resin: Value").select_option("B")
    assert (stage.last("resin")["is_free"], stage.last("resin")["value"]) == (False, "B")


def test_all_are_frozen_freed_and_reset_at_once(stage, spec):
    stage.show(spec).type("sand: Min [kg]", "60")
    stage.page.get_by_role("button", name="All frozen").click()
    expect(stage.page.get_by_text(re.compile("All features are frozen, so"))).to_be_visible()
    assert not any(each["is_free"] for each in stage.told[-1]["features"])
    stage.page.get_by_role("button", name="All free").click()
    assert stage.last("sand")["low"] == 60
    stage.page.get_by_role("button", name="Reset").click()
    assert read_edits(spec.features, stage.told[-1]["features"], CATEGORIES)[0] == spec.features


def test_what_is_no_number_is_told_as_it_was_typed_and_gone_when_its_field_goes(stage, spec):
    stage.show(spec).type("sand: Min [kg]", "1.2.3")
    assert stage.last("sand")["low"] == "1.2.3"
    expect(stage.field("sand: Min [kg]")).to_have_attribute("aria-invalid", "true")
    expect(stage.page.get_by_text("Min: type a number such as 50")).to_be_visible()
    assert "got '1.2.3'" in read_edits(spec.features, stage.told[-1]["features"], CATEGORIES)[1]
    stage.show(spec)  # Python kept the number, and the text is still there to be mended
    assert stage.field("sand: Min [kg]").input_value() == "1.2.3"
    stage.field("sand: free").click()
    assert stage.last("sand")["low"] == 50


def test_an_answer_of_before_takes_nothing_back_and_a_new_revision_shows_itself(stage, spec):
    stage.show(spec).type("sand: Min [kg]", "60").show(spec)
    assert stage.field("sand: Min [kg]").input_value() == "60"
    stage.show(spec, revision="2")
    assert stage.field("sand: Min [kg]").input_value() == "50"


def test_the_reference_is_marked_on_the_recorded_rows(stage, spec, dataset):
    values = {"sand": 55.0, "water": 30.0, "speed": 4.0, "resin": "B"}
    stage.show(spec.revised(reference=typed_reference(spec, dataset, values, "Monday")))
    assert stage.page.locator(".mark:visible").count() == 3
    assert stage.page.locator(".chips .reference span").all_text_contents() == ["B"]
    expect(stage.page.get_by_text("Reference: Monday")).to_be_visible()


def test_weights_and_tolerances_show_where_they_say_something(stage, spec):
    stage.show(spec)
    assert stage.field("sand: Strength").is_hidden() and stage.field("sand: Tolerance [kg]").is_hidden()
    stage.field("Dosing tolerance").click()
    stage.show(spec, has_weights=True).type("sand: Strength", "0.4").type("sand: Tolerance [kg]", "0.5")
    assert (stage.last("sand")["mutation_strength"], stage.last("sand")["tolerance"]) == (0.4, 0.5)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.000095957727, 9.3634532, "Between 0 and 9.363"),
        (1_002_652, 8_999_709.25, "Between 1,002,652 and 8,999,709"),
        (0.0000010007806, 0.0000029999935, "Between 1.001e-6 and 3e-6"),
        (153.2, 236.8, "Between 153.2 and 236.8"),
    ],
)
def test_recorded_ends_have_the_digits_that_mean_something(stage, low, high, words):
    script = """([low, high]) => {
        const now = { is_free: true, low, high, value: low };
        return inside.summaryOf({ recorded: [low, high], usual: now }, now, {})[0];
    }"""
    assert stage.page.evaluate(script, [low, high]) == words


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), ("1,5", 1.5), ("−2", -2), ("1e3", 1000), (".5", 0.5), ("1,2,3", None), ("0x1", None), ("", None)],
)
def test_numbers_are_read_as_people_type_them(stage, text, number):
    assert (
        stage.page.evaluate("text => { const x = inside.parseNumber(text); return isNaN(x) ? null : x }", text)
        == number
    )
