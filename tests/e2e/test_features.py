"""What may move is set on the recorded rows, a recorded mix is improved, and the results keep to it."""

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
    expect(again).to_have_count(1)
    tab.page.get_by_text("Settings", exact=True).click()
    free = tab.page.get_by_role("list", name="Free features")
    expect(free.get_by_role("listitem")).to_have_count(len(PARTS))
    tab.page.get_by_text("A recorded row", exact=True).click()
    tab.see("The settings below differ from those of the run shown here.")
    expect(again).to_have_count(1)
    tab.type("Row", "10")
    tab.see("Reference: Row 10")
    tab.press("All frozen")
    tab.see("All features are frozen, so there is nothing to search")
    expect(again).to_be_disabled()
    for number, name in enumerate(("cement", "water", "fine aggregate"), start=1):
        tab.page.get_by_label(f"{name}: free", exact=True).click()
        tab.see(f"{number} of 7 free")
    tab.type("fly ash: Value [kg/m³]", "20")
    drag(tab, "cement: Min, handle", 120)
    tab.type("water: Max [kg/m³]", "nothing")
    tab.see("Max of 'water' is a number, got 'nothing': type one, such as 247.")
    tab.type("water: Max [kg/m³]", "200")
    low = float(tab.page.get_by_label("cement: Min [kg/m³]", exact=True).input_value())
    assert 150 < low < 400
    tab.type("Budget [evaluations]", "1500")
    tab.page.get_by_label("fine aggregate: Min [kg/m³]", exact=True).fill("700")  # and the button is pressed at once
    tab.press("Search again")
    tab.page.wait_for_url(lambda url: story_run not in url)
    result = result_of(server, tab.run_id)
    found = {feature.name: [row[j] for row in result.results.X] for j, feature in enumerate(result.features)}
    assert len(result.results) and min(found["cement"]) >= low and max(found["water"]) <= 200
    assert set(found["fly ash"]) == {20.0} and min(found["fine aggregate"]) >= 700
    assert result.reference.rows == (10,)
