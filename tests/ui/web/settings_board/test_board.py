import pytest
from playwright.sync_api import expect

from optimizer import Goal
from services.problems.reference import typed_reference
from services.specs.outcomes import CurveSpec
from services.specs.run import DensitySpec
from ui.web.settings_board.reading import read_edits

pytestmark = pytest.mark.browser

NO_CURVE = {"of": "outcome", "feature": None, "start": None, "end": None, "at": None}
CATEGORIES = {"resin": ("<img src=x onerror=alert(1)>", "A", "B")}


def test_every_kind_of_feature_is_a_row_that_says_what_is_set(stage, spec):
    stage.show(spec)
    assert stage.page.locator(".name").all_text_contents() == ["sand", "water", "speed", "resin"]
    assert stage.summaries == ["50 to 70 kg", "20 to 40", "1 to 8", "Any of 3 categories"]
    assert stage.field("sand: Min [kg]").input_value() == "50"
    expect(stage.page.get_by_text("4 of 4 free")).to_be_visible()
    assert stage.told == []


def test_names_are_text_and_never_markup(stage, spec):
    stage.show(spec).open("resin")
    assert stage.page.locator(".settings img").count() == 0
    chip = stage.page.get_by_role("button", name="<img src=x onerror=alert(1)>")
    chip.click()
    assert stage.last("resin")["allowed"] == ["A", "B"]
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(stage.page.get_by_text("A or B")).to_be_visible()


def test_bounds_are_typed(stage, spec):
    stage.show(spec).open("sand").type("sand: Min [kg]", "55,5").type("sand: Max [kg]", " 6e1 ")
    assert (stage.last("sand")["low"], stage.last("sand")["high"]) == (55.5, 60)
    stage.type("sand: Min [kg]", "")
    assert stage.last("sand")["low"] == 50  # as recorded
    stage.type("sand: Step [kg]", "0")
    assert stage.last("sand")["step"] is None
    stage.type("sand: Step [kg]", "0.00005")
    assert stage.field("sand: Step [kg]").input_value() == "5e-5"
    stage.type("sand: Tolerance [kg]", "0.5")
    assert stage.last("sand")["tolerance"] == 0.5
    stage.type("sand: Max [kg]", "90")
    expect(stage.page.get_by_text("50 to 90 kg, beyond the records")).to_be_visible()


def test_what_is_being_typed_stays_when_the_page_answers_late(stage, spec):
    stage.show(spec).open("sand").field("sand: Min [kg]").fill("55")
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
    stage.show(spec).open("sand").type("sand: Min [kg]", "58").type("sand: Max [kg]", "62")
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


def test_a_whole_bar_belongs_to_the_window_that_ends_on_a_whole_number(stage, spec):
    stage.show(spec)
    plot = stage.page.locator(".plot").nth(2)
    window, bars = plot.locator(".pane").bounding_box(), plot.locator(".outside").bounding_box()
    assert window["width"] == pytest.approx(bars["width"], abs=1)
    stage.drag("speed: Max, handle", -40)
    assert stage.last("speed")["high"] == int(stage.last("speed")["high"]) < 8


def test_a_feature_is_frozen_at_a_value_and_freed_again_in_its_place(stage, spec):
    stage.show(spec).open("speed").field("speed: free").click()
    expect(stage.page.get_by_text("3 of 4 free")).to_be_visible()
    assert stage.page.evaluate("document.activeElement.getAttribute('aria-label')") == "speed: free"
    stage.type("speed: Value", "3")
    assert (stage.last("speed")["is_free"], stage.last("speed")["value"]) == (False, 3)
    assert stage.summaries[2] == "3"
    stage.field("speed: free").click()
    assert stage.summaries[2] == "1 to 8"
    stage.open("resin").field("resin: free").click()
    stage.field("resin: Value").select_option("B")
    assert (stage.last("resin")["is_free"], stage.last("resin")["value"]) == (False, "B")


def test_all_are_frozen_freed_and_reset_at_once(stage, spec):
    stage.show(spec).open("sand").type("sand: Min [kg]", "60").open("Features")
    stage.page.get_by_role("button", name="All frozen").click()
    expect(stage.page.get_by_role("slider", name="Mutation strength", exact=False)).to_have_count(0)  # nothing moves
    assert not any(each["is_free"] for each in stage.told[-1]["features"])
    stage.page.get_by_role("button", name="All free").click()
    assert stage.last("sand")["low"] == 60
    stage.page.get_by_role("button", name="As recorded").click()
    assert read_edits(spec.features, stage.told[-1]["features"], CATEGORIES)[0] == spec.features


def test_what_is_no_number_is_told_as_it_was_typed_and_gone_when_its_field_goes(stage, spec):
    stage.show(spec).open("sand").type("sand: Min [kg]", "1.2.3")
    assert stage.last("sand")["low"] == "1.2.3"
    expect(stage.field("sand: Min [kg]")).to_have_attribute("aria-invalid", "true")
    expect(stage.page.get_by_text("Min: type a number such as 50")).to_be_visible()
    assert "got '1.2.3'" in read_edits(spec.features, stage.told[-1]["features"], CATEGORIES)[1]
    stage.show(spec)  # Python kept the number, and the text is still there to be mended
    assert stage.field("sand: Min [kg]").input_value() == "1.2.3"
    stage.field("sand: free").click()
    assert stage.last("sand")["low"] == 50


def test_an_answer_of_before_takes_nothing_back_and_a_new_revision_shows_itself(stage, spec):
    stage.show(spec).open("sand").type("sand: Min [kg]", "60").show(spec)
    assert stage.field("sand: Min [kg]").input_value() == "60"
    stage.show(spec, revision="2")
    assert stage.field("sand: Min [kg]").input_value() == "50"


def test_the_reference_is_marked_on_the_recorded_rows(stage, spec, dataset):
    values = {"sand": 55.0, "water": 30.0, "speed": 4.0, "resin": "B"}
    stage.show(spec.revised(reference=typed_reference(spec, dataset, values, "Monday")))
    assert stage.page.locator(".mark:visible").count() == 3
    assert stage.page.locator(".chips .reference span").all_text_contents() == ["B"]
    expect(stage.page.get_by_text("Reference: Monday")).to_be_visible()


def test_mutation_strength_is_set_for_one_feature_and_for_all(stage, spec):
    stage.show(spec, usual_strengths={"sand": 0.19, "water": 0.27, "speed": 0.2, "resin": 0.3})
    every, sand = stage.field("Mutation strength of all features"), stage.field("sand: mutation strength")
    assert [part.get_attribute("aria-valuetext") for part in (every, sand)] == ["usual", "0.19"]
    sand.press("Home")
    stage.page.wait_for_function("told.length === 1")
    assert stage.last("sand")["mutation_strength"] == 0
    assert [part.get_attribute("aria-valuetext") for part in (every, sand)] == ["mixed", "off"]
    every.press("End")
    stage.page.wait_for_function("told.length === 2")
    strengths = [each["mutation_strength"] for each in stage.told[-1]["features"]]
    assert strengths == [3, 3, 3, 1]  # a category changes with a probability
    assert sand.get_attribute("aria-valuetext") == "3"
    for _ in range(20):
        sand.press("ArrowLeft")
        if sand.get_attribute("aria-valuetext") == "0.19":
            break
    stage.page.wait_for_function("told.length > 2")
    assert stage.last("sand")["mutation_strength"] is None  # the usual one


def test_where_a_method_has_steps_of_its_own_strengths_make_way_for_that(stage, spec):
    stage.show(spec, strength_note="Dual annealing takes steps of its own")
    expect(stage.page.get_by_text("Dual annealing takes steps of its own")).to_be_visible()
    assert stage.field("sand: mutation strength").is_hidden()


def test_the_goal_is_a_sentence_that_opens(stage, spec):
    stage.show(spec.revised(goal=Goal.MINIMUM))
    stage.open("Minimise yield")
    stage.field("Of").select_option("area of its curve")
    assert stage.told[-1]["goal"]["of"] == "area"
    stage.field("Curve over").select_option("water")
    stage.type("From", "abc")
    assert stage.told[-1]["goal"]["start"] == "abc"
    expect(stage.field("From")).to_have_attribute("aria-invalid", "true")
    curve = CurveSpec(feature="water", start=20, end=40)
    stage.show(spec.revised(curve=curve), revision="2")
    expect(stage.page.get_by_text("Maximise area of yield over water 20 to 40")).to_be_visible()
    assert "water" not in stage.page.locator(".name").all_text_contents()
    stage.field("Goal").select_option("Reach a value")
    stage.show(spec.revised(goal=Goal.VALUE, value=95.0), revision="3", goal_unit="kg")
    expect(stage.page.get_by_text("Reach 95 kg of yield")).to_be_visible()
    stage.type("Value [kg]", "90")
    assert stage.told[-1]["goal"] == {"goal": "value", "value": 90} | NO_CURVE


def test_realism_and_size_are_set(stage, spec):
    density = DensitySpec(parts=("sand", "water"), target=90, tolerance=3, weight=5)
    stage.show(spec.revised(density=density))
    stage.field("Density penalty").press("Home")
    stage.page.wait_for_function("told.length === 1")
    assert stage.told[-1]["knobs"]["density"] == 0
    assert stage.field("Density penalty").get_attribute("aria-valuetext") == "off"
    stage.field("How far to go").press("Home")
    stage.page.wait_for_function("told.length === 2")
    assert stage.told[-1]["knobs"]["level"] == "among"
    stage.open("5 results wanted").type("Budget", "20,000").type("Results wanted", "3").type("Seed", "7")
    expect(stage.page.get_by_text("3 results wanted, budget 20,000, seed 7")).to_be_visible()
    knobs = stage.told[-1]["knobs"]
    assert (knobs["evaluations"], knobs["n_results"], knobs["seed"]) == (20_000, 3, 7)


def test_without_a_density_there_is_no_slider_and_a_reason(stage, spec):
    stage.show(spec, density_note="A rule holds the sum.")
    assert stage.field("Density penalty").is_hidden()
    expect(stage.page.get_by_text("A rule holds the sum.")).to_be_visible()


def test_what_realism_costs_is_asked_for(stage, spec):
    stage.show(spec).page.get_by_role("button", name="What does realism cost?").click()
    stage.page.wait_for_function("told.length === 1")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.000095957727, 9.3634532, "0 to 9.363"),
        (1_002_652, 8_999_709.25, "1,002,652 to 8,999,709"),
        (0.0000010007806, 0.0000029999935, "1.001e-6 to 3e-6"),
        (153.2, 236.8, "153.2 to 236.8"),
    ],
)
def test_recorded_ends_have_the_digits_that_mean_something(stage, low, high, words):
    script = """([low, high]) => {
        const now = { is_free: true, low, high, value: low };
        return inside.summaryOf({ recorded: [low, high], usual: now, unit: "" }, now, {})[0];
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
