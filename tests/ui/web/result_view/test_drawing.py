"""The component in a real browser: one row lights up everywhere, one result is chosen, and no name is ever obeyed."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(new_stage, message):
    """The view of the result, without a map."""
    return new_stage().send(message)


def opacity(stage, picture, name):
    """How strongly a row is drawn in a picture."""
    group = stage.view.locator(f'svg[data-role="{picture}"] g.row.{name}').first
    return float(group.evaluate("element => getComputedStyle(element).opacity"))


def lit(stage, picture):
    """The rows that are lit in a picture."""
    rows = stage.view.locator(f'svg[data-role="{picture}"] g.row.is-highlighted')
    return [int(row.get_attribute("data-row")) for row in rows.all()]


def test_a_row_of_the_table_lights_up_everywhere_and_dims_the_others(new_stage, message):
    stage = new_stage(reduced_motion="reduce").send(message)
    stage.view.locator("tr.result").nth(1).hover()
    assert stage.tell("highlighted") == "Result 2"
    assert lit(stage, "coordinates") == lit(stage, "curves") == [2]
    assert opacity(stage, "coordinates", "recorded") < 0.3
    assert opacity(stage, "coordinates", "reference") > 0.5  # what results are compared with stays readable
    values = stage.view.locator(".layer-values text").all_text_contents()
    assert values == message["table"]["rows"][2]["texts"]
    stage.page.mouse.move(0, 0)
    assert stage.tell("highlighted") == "" and opacity(stage, "curves", "recorded") == 1


@pytest.mark.parametrize("picture", ["coordinates", "curves"])
def test_a_line_lights_its_row_up_and_a_click_chooses_it(stage, picture):
    line = stage.view.locator(f'svg[data-role="{picture}"] g[data-row="3"] .reach')
    spot = line.evaluate("""path => {
        const { x, y } = path.getPointAtLength(path.getTotalLength() * 0.93);
        const at = new DOMPoint(x, y).matrixTransform(path.getScreenCTM());
        return [at.x, at.y];
    }""")
    stage.page.mouse.move(*spot)
    assert stage.tell("highlighted") == "Result 3"
    assert stage.view.locator("tr.is-highlighted b").all_inner_texts() == ["Result 3"]
    assert "Result 3" in stage.view.locator('[data-role="tip"]').inner_text()
    stage.page.mouse.down()
    stage.page.mouse.up()
    assert stage.told == [[2]] and stage.tell("chosen") == "Result 3"


def test_the_keyboard_goes_from_row_to_row_and_chooses(stage):
    stage.view.locator("button.pick").first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        stage.page.keyboard.press(key)
    assert stage.told == [[2]] and stage.tell("highlighted") == "Result 3"
    pressed = stage.view.locator('button.pick[aria-pressed="true"]')
    assert pressed.count() == 1 and "Result 3" in pressed.inner_text()
    stage.page.keyboard.press("Home")
    assert stage.tell("highlighted") == "Row 17"
    stage.page.keyboard.press("Enter")
    assert stage.told == [[2]]  # a reference is nothing to choose


def test_python_chooses_as_well(new_stage, message):
    stage = new_stage().send(message, chosen=1)
    assert stage.tell("chosen") == "Result 2"
    stage.send(message, chosen=2)
    assert stage.tell("chosen") == "Result 3" and stage.told == []
    assert stage.view.locator('svg[data-role="curves"] .band').get_attribute("d").startswith("M")


def test_only_results_are_sorted_by_a_click_on_a_header(stage):
    found = ["Row 17", "Result 1", "Result 2", "Result 3", "Row 3", "Best of random"]
    assert stage.order == found
    header = stage.view.get_by_role("button", name="Predicted area")
    orders = []
    for _ in range(3):
        header.click()
        orders.append([name[-1] for name in stage.order[1:4]])
        assert stage.order[0] == found[0] and stage.order[4:] == found[4:]
    assert orders == [["2", "3", "1"], ["1", "3", "2"], ["1", "2", "3"]]
    stage.view.get_by_role("button", name="stone").click()
    assert [name[-1] for name in stage.order[1:4]] == ["3", "1", "2"]  # basalt, gravel, lime
    assert stage.view.get_by_role("columnheader", name="stone").get_attribute("aria-sort") == "ascending"


def test_a_filter_dims_what_lies_outside_and_can_be_cleared(stage):
    handle = stage.view.get_by_role("slider", name="Filter by cement")
    box = handle.bounding_box()
    stage.page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 12)
    stage.page.mouse.down()
    stage.page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 12, steps=4)
    stage.page.mouse.move(box["x"] + box["width"] + 40, box["y"] + 12, steps=4)
    stage.page.mouse.up()
    words = stage.view.locator('[data-role="filter-words"]')
    expect(words).to_contain_text("results 2, 3")
    assert stage.view.locator("tr.is-out b").all_inner_texts() == ["Row 17", "Result 1", "Row 3", "Best of random"]
    stage.view.get_by_role("button", name="Clear the filter").click()
    assert stage.view.locator(".is-out").count() == 0
    expect(words).to_be_empty()
    assert stage.told == []


def test_a_filter_is_set_by_keys_as_well(stage):
    stage.view.get_by_role("slider", name="Filter by Predicted area").focus()
    stage.page.keyboard.press("ArrowDown")
    for _ in range(24):
        stage.page.keyboard.press("ArrowRight")
    handle = stage.view.get_by_role("slider", name="Filter by cement")
    assert handle.get_attribute("aria-valuetext") == "48 to 100 % of the axis"
    expect(stage.view.locator('[data-role="filter-words"]')).to_contain_text("results 2, 3")
    stage.page.keyboard.press("Escape")
    assert handle.get_attribute("aria-valuetext") == "no filter"


def test_the_map_shows_what_is_under_the_pointer_and_a_click_chooses_results(stage, mapped):
    stage.send(mapped)
    mark = stage.view.locator('svg[data-role="map"] g[data-row="2"] .mark').bounding_box()
    stage.page.mouse.move(mark["x"] + 5, mark["y"] + 5)
    assert stage.tell("highlighted") == "Result 2" and lit(stage, "curves") == [2]
    stage.page.mouse.down()
    stage.page.mouse.up()
    assert stage.told == [[1]]
    assert stage.view.locator(".clouds .found").count() > 3  # shades of the archive
    expect(stage.view.locator('[data-role="legend-scale"]')).to_contain_text("best of each lineage, ")


def test_the_map_is_drawn_over_what_separates_results_most_and_over_components_on_request(stage, mapped):
    stage.send(mapped)
    across, up = (stage.view.get_by_label(f"{side} axis of the map") for side in ("Horizontal", "Vertical"))
    assert (across.input_value(), up.input_value()) == ("axis-2", "axis-1")  # stone, then cement
    assert stage.view.locator('svg[data-role="map"]').text_content().count("gravel") == 1
    before = stage.view.locator('svg[data-role="map"] g[data-row="2"] .mark').bounding_box()
    across.select_option("Component 1")
    assert stage.view.locator('svg[data-role="map"] g[data-row="2"] .mark').bounding_box() != before
    stage.send(mapped, chosen=1)
    assert across.input_value() == "component-0"


def test_names_are_shown_and_never_obeyed(stage):
    assert stage.view.locator("tr.result .pick i").last.inner_text() == "<b>basalt</b>"
    assert stage.view.locator("tr.result b").all_inner_texts() == ["Result 1", "Result 2", "Result 3"]


def test_pictures_and_table_have_words_for_those_who_do_not_see_them(stage, message):
    for name in ("coordinates", "curves"):
        assert stage.view.locator(f'svg[data-role="{name}"]').get_attribute("aria-label") == message[name]["words"]
    assert message["table"]["words"] in stage.view.locator("table").get_attribute("aria-label")
    assert stage.view.get_by_role("img", name="expect 30.0 MPa·days").count() == 1
    assert stage.view.get_by_role("rowheader").count() == 6


@pytest.mark.parametrize("width", [350, 760, 1340])
def test_nothing_is_wider_than_the_page(new_stage, message, width):
    stage = new_stage("dark", width=width).send(message)
    page = stage.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in (panel.bounding_box() for panel in stage.view.locator(".panels > section:visible").all()):
        assert box["x"] + box["width"] <= width


def test_the_table_alone_draws_no_pictures(new_stage, message):
    alone = {**message, "axes": [], "map": None, "curves": None, "coordinates": None}
    stage = new_stage().send(alone)
    assert not stage.view.locator(".panels").is_visible()
    assert len(stage.order) == 6
    stage.send(message)
    assert stage.view.locator(".panels").is_visible()


def test_where_a_value_is_searched_for_the_nearest_come_first(new_stage, message):
    stage = new_stage().send({**message, "goal": "value", "target": 42.0})
    stage.view.get_by_role("button", name="Predicted area").click()
    assert [name[-1] for name in stage.order[1:4]] == ["3", "2", "1"]  # 41, 50 and 30


@pytest.fixture
def acting(new_stage, message):
    """The view with what can be done with results."""
    return new_stage().send({**message, "acts": True, "lab": [1]})


def test_actions_are_seen_in_the_row_that_is_looked_at_and_told(acting):
    seen = [acting.view.get_by_role("button", name=f"What if: Result {n}") for n in (1, 2)]
    expect(seen[0]).to_be_visible()  # it is chosen
    expect(seen[1]).not_to_be_visible()
    acting.view.locator("tr.result").nth(1).hover()
    seen[1].click()
    acting.view.get_by_role("button", name="Exclude: Result 2").click()
    assert acting.told == [["explore", 1], ["leave_out", 1]]


def test_the_keyboard_reaches_the_actions_of_a_row(acting):
    acting.view.locator("button.pick").first.focus()
    acting.page.keyboard.press("ArrowDown")
    expect(acting.view.locator('[data-role="tip"]')).to_contain_text("expect 50.0 MPa·days")
    for _ in range(3):
        acting.page.keyboard.press("Tab")
    expect(acting.view.locator('[data-role="tip"]')).to_have_text("More like this")
    acting.page.keyboard.press("Enter")
    assert acting.told == [["more", 1]]


def test_what_goes_to_the_laboratory_is_always_seen(acting, message):
    pressed = acting.view.locator('.act[aria-pressed="true"]')
    assert [one.get_attribute("aria-label") for one in pressed.all()] == ["To the lab: Result 2"]
    expect(pressed.first).to_be_visible()
    acting.send({**message, "acts": True, "lab": [0, 2]})
    assert pressed.count() == 2


def test_lights_have_a_shape_and_say_why(stage, message):
    lights = stage.view.locator("tr.result .light svg")
    tones = [row["light"]["tone"] for row in message["table"]["rows"] if row["kind"] == "result"]
    assert [one.get_attribute("class") for one in lights.all()] == tones and len(set(tones)) > 1
    assert len({one.locator("path").first.get_attribute("d") for one in lights.all()}) == len(set(tones))
    lights.nth(1).hover()
    expect(stage.view.locator('[data-role="tip"]')).to_contain_text("Distance from records: beyond them")


def test_frozen_features_are_folded(stage):
    header = stage.view.get_by_role("columnheader", name="sand")
    assert header.count() == 0
    fold = stage.view.get_by_role("button", name="1 frozen")
    fold.click()
    expect(header).to_be_visible()
    cells = stage.view.locator("tr.result").first.locator("td")
    assert cells.filter(has_text="2,040").count() == 1
    stage.view.locator("thead .fold").click()
    assert header.count() == 0


def test_recorded_rows_beyond_three_are_folded(new_stage, message):
    table = message["table"]
    recorded = next(row for row in table["rows"] if row["kind"] == "recorded")
    more = [{**recorded, "name": f"Row {n}"} for n in range(70, 75)]
    stage = new_stage().send({**message, "table": {**table, "rows": [*table["rows"], *more]}})
    assert len(stage.order) == 1 + 3 + 3 + 1
    stage.view.get_by_role("button", name="3 more recorded rows").click()
    assert len(stage.order) == 1 + 3 + 6 + 1
    stage.view.get_by_role("button", name="Fewer recorded rows").click()
    assert len(stage.order) == 8


def test_the_line_of_the_best_measured_row_is_at_one_place_in_all_rows(stage, message):
    assert message["table"]["best"] is not None
    places = {round(line.bounding_box()["x"], 1) for line in stage.view.locator(".track .best").all()}
    assert len(places) == 1


def test_the_keyboard_goes_on_in_the_table_after_its_row_was_left_out(stage, message):
    stage.view.get_by_role("button", name=re.compile("^Result 2")).focus()
    rows = [row for row in message["table"]["rows"] if row["number"] != 2]
    stage.send(message | {"table": message["table"] | {"rows": rows}}, chosen=2)
    expect(stage.view.locator("tr.result")).to_have_count(2)
    expect(stage.view.get_by_role("button", name=re.compile("^Result 3"))).to_be_focused()
