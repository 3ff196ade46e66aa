"""The front and the limits in a real browser: what is moved there shows everywhere at once."""

import pytest
from playwright.sync_api import expect

from ui.web.result_view.component import result_message

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(new_stage, front, dataset):
    """The view of the front."""
    return new_stage().send({**result_message(front, dataset), "searches": True})


def said(stage, role):
    return stage.view.locator(f'[data-role="{role}"]')


def move(stage, name, key, times=1):
    slider = stage.view.get_by_role("slider", name=name)
    slider.focus()
    for _ in range(times):
        stage.page.keyboard.press(key)
    return slider


def test_keys_go_along_the_front_and_say_recipe_outcomes_and_the_nearest_result(stage):
    stage.view.locator('svg[data-role="front"]').focus()
    stage.page.keyboard.press("End")
    words = said(stage, "front-said")
    expect(words).to_contain_text("On the front: strength 54.0 MPa, cost 291.6 €/m³")
    expect(words).to_contain_text("Settings: cement 540.0 kg/m³, stone gravel")
    expect(words).to_contain_text("Nearest: Result 1")
    assert stage.tell("highlighted") == "Result 1"
    values = stage.view.locator(".layer-values text").all_text_contents()
    assert "540.0 kg/m³" in values  # the coordinates follow
    stage.page.keyboard.press("Home")
    assert stage.tell("highlighted") == "Result 3"
    stage.page.keyboard.press("Enter")
    assert stage.told == [[2]]


def test_a_result_on_the_front_lights_up_everywhere_and_a_click_chooses_it(stage):
    mark = stage.view.locator('svg[data-role="front"] g[data-row="2"] .mark').bounding_box()
    stage.page.mouse.move(mark["x"] + 5, mark["y"] + 5)
    assert stage.tell("highlighted") == "Result 2"
    assert stage.view.locator("tr.is-highlighted b").all_inner_texts() == ["Result 2"]
    stage.page.mouse.down()
    stage.page.mouse.up()
    assert stage.told == [[1]]
    assert stage.view.locator('svg[data-role="front"] .knee').count() == 1


def test_two_axes_are_never_the_same_outcome(stage):
    across = stage.view.get_by_label("Horizontal axis of the front")
    across.select_option("strength")
    assert stage.view.get_by_label("Vertical axis of the front").input_value() == "1"


def test_a_tighter_limit_says_what_it_costs_and_what_breaks_it_turns_grey(stage):
    assert stage.view.locator(".dots .is-beyond").count() == 0
    slider = move(stage, "strength at least", "ArrowRight", 60)
    bound = float(slider.input_value())
    expect(said(stage, "limits-words")).to_contain_text("instead of 15")
    expect(said(stage, "limits-words")).to_contain_text("lowest cost")
    expect(said(stage, "limits-words")).to_contain_text("highest strength stays 54.0 MPa")
    n_beyond = sum(10 * value / 100 - 10 < bound for value in [250 + 10 * i for i in range(30)])
    assert stage.view.locator(".dots .is-beyond").count() == n_beyond > 0
    assert stage.view.locator("tr.is-beyond b").all_inner_texts() == ["Result 3"]
    stage.view.get_by_role("button", name="Search with this limit").click()
    assert stage.told == [[bound, 0.95]]
    stage.view.get_by_role("button", name="Back to the limits of this run").click()
    assert stage.view.locator(".dots .is-beyond").count() == 0


def test_where_nothing_keeps_a_limit_that_is_said(stage):
    move(stage, "strength at least", "End")
    expect(said(stage, "limits-words")).to_contain_text("nothing that this search found keeps it")


def test_the_cost_of_a_limit_on_one_goal_is_that_of_the_best_which_keeps_it(new_stage, limited, dataset):
    stage = new_stage().send({**result_message(limited, dataset), "searches": False})
    move(stage, "strength at least", "ArrowRight", 60)
    words = said(stage, "limits-words").inner_text()
    assert "best cost" in words and "instead of 62.5 €/m³ (+" in words
    assert not stage.view.locator('svg[data-role="front"]').is_visible()
    assert not stage.view.get_by_role("button", name="Search with this limit").is_visible()


@pytest.mark.parametrize("width", [350, 760, 1340])
def test_nothing_is_wider_than_the_page(new_stage, front, dataset, width):
    stage = new_stage("dark", width=width).send(result_message(front, dataset))
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width
