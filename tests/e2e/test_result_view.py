"""An expert reads results: one of them lights up everywhere, is chosen, and the card below tells the rest of it."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def view(tab, story_run):
    """The linked view on the Results page of the story, drawn."""
    tab.page.set_viewport_size({"width": 1440, "height": 1500})  # a list that opens while the page scrolls closes again
    tab.open(f"results?run={story_run}")
    view = tab.page.locator(".result-view")
    expect(view.locator('svg[data-role="curves"] g.row.result')).to_have_count(5)
    return view


def card(tab):
    """The name of the result in the card."""
    return tab.page.locator(".st-key-result-detail").get_by_text(re.compile(r"^Result \d: ")).first


def test_one_result_is_looked_at_everywhere(tab, view):
    view.locator("tr.result").nth(2).hover()
    for picture in ("coordinates", "map", "curves"):
        expect(view.locator(f'svg[data-role="{picture}"] g.is-highlighted')).to_have_attribute("data-row", "3")
    view.locator("tr.result").nth(2).click()
    expect(card(tab)).to_contain_text("Result 3: ")
    view.get_by_role("button", name=re.compile("^Result 3")).press("ArrowDown")
    expect(view).to_have_attribute("data-highlighted", "Result 4")
    tab.page.keyboard.press("Enter")
    expect(card(tab)).to_contain_text("Result 4: ")
    tab.choose(re.compile("Look closer at"), "Result 2")
    expect(view).to_have_attribute("data-chosen", "Result 2")
    expect(card(tab)).to_contain_text("Result 2: ")


def test_what_counts_stands_in_the_first_screen_of_a_projector_and_fits_a_phone(tab, story_run):
    tab.page.set_viewport_size({"width": 1280, "height": 720})
    tab.open(f"results?run={story_run}")
    view = tab.page.locator(".result-view")
    expect(view.locator("tr.result")).to_have_count(5)
    last = view.locator("tr.result").last.bounding_box()
    assert last["y"] + last["height"] < 640  # of 720
    check = tab.page.locator(".st-key-density-check").bounding_box()
    assert check["y"] + check["height"] < view.bounding_box()["y"]
    assert tab.page.get_by_text("Nothing beats row").or_(tab.page.get_by_text(" beats row ")).first.is_visible()
    sheet = view.locator(".sheet")
    assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")  # all settings without scrolling
    tab.page.set_viewport_size({"width": 390, "height": 844})
    expect(view.locator(".curves")).to_be_visible()
    box = view.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    pinned = view.locator("tr.result .name").first
    before = pinned.bounding_box()["x"]
    sheet.evaluate("sheet => { sheet.scrollLeft = 200; }")
    assert pinned.bounding_box()["x"] == before


def test_results_are_put_on_the_lab_sheet_left_out_and_searched_around(tab, view):
    view.locator("tr.result").nth(1).hover()
    view.get_by_role("button", name="To the lab: Result 2").click()
    expect(tab.page.locator(".st-key-to-lab button")).to_contain_text("Lab sheet (1)")
    view.locator("tr.result").nth(3).hover()
    view.get_by_role("button", name="Exclude: Result 4").click()
    expect(view.locator("tr.result")).to_have_count(4)
    tab.see("Left out: Result 4.")
    tab.press("Undo")
    expect(view.locator("tr.result")).to_have_count(5)
    view.locator("tr.result").nth(1).hover()
    view.get_by_role("button", name="To the lab: Result 2").click()
    expect(tab.page.locator(".st-key-to-lab button")).not_to_contain_text("(1)")
    view.locator("tr.result").nth(2).hover()
    view.get_by_role("button", name="More like this: Result 3").click()
    tab.title_is("Optimize")
    tab.see("narrow around Result 3")
