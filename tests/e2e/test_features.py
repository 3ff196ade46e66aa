"""What may move is set on the recorded rows, a recorded mix is improved, and the results keep to it."""

import re
import time

import pytest
from playwright.sync_api import expect

from services.jobs import RunStore
from services.specs.results import RunResult

pytestmark = pytest.mark.browser

SECONDS = 240.0
PARTS = ("cement", "blast furnace slag", "fly ash", "water", "superplasticizer", "coarse aggregate", "fine aggregate")


def result_of(server, run_id):
    """What the store has of a run when it has ended."""
    store, end = RunStore(f"sqlite:///{server.home / 'runs.sqlite'}"), time.monotonic() + SECONDS
    while not (job := store.get(run_id)).state.is_final:
        assert time.monotonic() < end, job
        time.sleep(0.1)
    store.close()
    return RunResult.model_validate_json(job.result)


def row(tab, name):
    """The button that opens the row of a feature."""
    return tab.page.locator(".row .opener").filter(has_text=name)


def drag(tab, label, dx):
    """Drag the end of a window sideways."""
    handle = tab.page.get_by_label(label, exact=True)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    tab.page.mouse.move(box["x"] + 7, box["y"] + 15)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 7 + dx, box["y"] + 15, steps=5)
    tab.page.mouse.up()
    tab.page.wait_for_timeout(200)
    tab.settle()


def test_bounds_frozen_features_and_a_reference_are_set_by_hand_and_met_by_the_results(tab, server, story_run):
    tab.open(f"optimize?run={story_run}").wait_for_live("ended")
    again = tab.page.get_by_role("button", name="Search again", exact=True)
    expect(tab.page.get_by_role("list", name="Features to set").locator(".row")).to_have_count(len(PARTS))
    tab.page.get_by_role("button", name="Advanced").click()
    tab.page.get_by_text("A recorded row", exact=True).click()
    tab.see("Settings differ from the run shown.")
    tab.type("Row", "10")
    tab.page.keyboard.press("Escape")
    tab.see("Reference: Row 10")
    tab.press("Features 7 of 7 free").press("All frozen")
    tab.see("All features are frozen, so there is nothing to search")
    expect(again).to_be_disabled()
    for number, name in enumerate(("cement", "water", "fine aggregate"), start=1):
        row(tab, name).click()
        tab.page.get_by_label(f"{name}: free", exact=True).click()
        tab.see(f"{number} of 7 free")
    row(tab, "fly ash").click()
    tab.type("fly ash: Value [kg/m³]", "20")
    drag(tab, "cement: Min, handle", 60)
    tab.type("water: Max [kg/m³]", "nothing")
    tab.see("Max of 'water' is a number, got 'nothing': type one, such as 247.")
    tab.type("water: Max [kg/m³]", "200")
    low = float(tab.page.get_by_label("cement: Min [kg/m³]", exact=True).input_value())
    assert 150 < low < 400
    tab.size("Budget", "1500")
    tab.page.get_by_label("fine aggregate: Min [kg/m³]", exact=True).fill("700")  # and the button is pressed at once
    tab.press("Search again")
    tab.page.wait_for_url(lambda url: story_run not in url)
    result = result_of(server, tab.run_id)
    found = {feature.name: [row[j] for row in result.results.X] for j, feature in enumerate(result.features)}
    assert len(result.results) and min(found["cement"]) >= low and max(found["water"]) <= 200
    assert set(found["fly ash"]) == {20.0} and min(found["fine aggregate"]) >= 700
    assert result.reference.rows == (10,)


def test_a_change_is_taken_back_and_strengths_reach_the_search(tab, server, story_run):
    tab.open(f"optimize?run={story_run}").wait_for_live("ended")
    tab.page.get_by_label("water: mutation strength", exact=True).press("Home")
    tab.see("Settings differ from the run shown.")
    tab.page.get_by_label("Density penalty", exact=True).press("Home")
    tab.page.wait_for_timeout(600)
    tab.settle().press("Undo")
    tab.page.get_by_role("button", name=re.compile("density penalty 5 →")).click()
    board = tab.page.locator(".settings").last  # that of before may stand beside it for a moment
    expect(board.get_by_label("Density penalty", exact=True)).to_have_attribute("aria-valuetext", "5")
    tab.settle()
    expect(tab.page.locator(".settings")).to_have_count(1)
    expect(tab.page.get_by_label("water: mutation strength", exact=True)).to_have_attribute("aria-valuetext", "off")
    tab.page.keyboard.press("Escape")
    tab.size("Budget", "1500").press("Search again")
    tab.page.wait_for_url(lambda url: story_run not in url)
    spec = result_of(server, tab.run_id).spec
    assert spec.density.weight == 5 and spec.features[3].mutation_strength == 0


def test_what_realism_costs_opens_beside_the_settings_and_its_old_address_leads_there(tab, story_run):
    tab.open(f"optimize?run={story_run}").press("What does realism cost?")
    expect(tab.page.get_by_role("heading", name="What does realism cost?")).to_be_visible()
    tab.size("Budget", "500").type("Settings to try", "0 5")
    tab.see("2 searches")
    tab.press("Start tuning")
    tab.page.wait_for_url(re.compile("tune="))
    tab.see("All of the results with density penalty")
    tuning = re.findall(r"tune=([\w-]+)", tab.page.url)[0]
    tab.open(f"tune?tune={tuning}").title_is("Optimize")
    tab.see("All of the results with density penalty")
    tab.press("Close")
    expect(tab.page.get_by_role("button", name="Start search")).to_be_visible()
