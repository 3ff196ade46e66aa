"""The first minute of a newcomer: one button on Start, lineages that move, results that can be mixed, files."""

import io
import itertools
import json
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from services.specs.results import USUAL_TOLERANCES

pytestmark = pytest.mark.browser

# Notes the shown generation at every frame in which it changed, until there are enough notes.
WATCH = """(view, n) => new Promise((resolve) => {
  const seen = [];
  const look = () => {
    const now = Number(view.dataset.generation);
    if (now !== seen[seen.length - 1]) seen.push(now);
    if (seen.length >= n) resolve(seen);
    else requestAnimationFrame(look);
  };
  look();
})"""
MEAN, STD = 2343.5, 65.3


@pytest.fixture
def results(tab, story_run):
    """The Results page of the story."""
    return tab.open(f"results?run={story_run}")


def test_one_button_leads_to_lineages_that_move_and_to_results(moving_tab):
    tab = moving_tab
    tab.open().press("Watch it search")
    tab.title_is("Optimize")
    tab.wait_for_live("live")
    seen = tab.live.evaluate(WATCH, 60)
    steps = [later - earlier for earlier, later in itertools.pairwise(seen)]
    assert len(seen) == 60
    assert all(0 < step < 4 for step in steps), seen
    map_of_candidates = tab.live.locator('canvas[data-role="map"]')
    assert map_of_candidates.screenshot() != (tab.page.wait_for_timeout(300), map_of_candidates.screenshot())[1]
    assert tab.live_number("living") > 0
    assert tab.run_id == tab.live.get_attribute("data-run")
    tab.read_results()
    tab.see("Density check")


def test_results_show_density_check_curves_and_all_features(results):
    for heading in ("Density check", "Compressive strength over age", "All features at a glance"):
        expect(results.page.get_by_role("heading", name=heading)).to_be_visible()
    expect(results.page.locator(".st-key-density-check .main-svg").first).to_be_visible()


def test_the_csv_holds_five_mixes_that_weigh_what_concrete_weighs(results):
    name, data = results.take_away("Results (CSV)")
    assert re.fullmatch(r"strong-concrete-that-can-be-mixed-\d{4}-\d\d-\d\d\.csv", name)
    table = pd.read_csv(io.BytesIO(data))
    assert list(table["candidate"]) == [f"Result {number}" for number in range(1, 6)]
    assert (table["density [kg/m³]"] - MEAN).abs().max() <= (USUAL_TOLERANCES + 0.05) * STD
    parts = [c for c in table.columns if c.endswith("[kg/m³]") and not c.startswith("density")]
    assert len(parts) == 7
    assert (table[parts].sum(axis=1) - table["density [kg/m³]"]).abs().max() < 0.01
    assert not table[parts].round(0).duplicated().any()
    assert table["predicted area [MPa·days]"].idxmax() == 0


def test_the_workbook_holds_provenance_and_the_specification_all_that_the_run_depends_on(results):
    sheets = pd.read_excel(io.BytesIO(results.take_away("Workbook (Excel)")[1]), sheet_name=None)
    assert {"Results", "Specification", "Provenance", "Features", "Curves", "Convergence"} <= set(sheets)
    assert sheets["Results"]["candidate"].str.startswith("Result ").sum() == 5
    spec = json.loads(results.take_away("Specification (JSON)")[1])
    assert spec["outcomes"][0]["curve"]["feature"] == "age" and len(spec["dataset"]["digest"]) == 64


def test_the_run_can_be_replayed_paused_and_searched_with_the_slider(moving_tab, story_run):
    tab = moving_tab
    tab.open(f"optimize?run={story_run}").wait_for_live("ended")
    last = tab.live_number("generations")
    assert tab.live_number("generation") == last
    tab.page.get_by_role("button", name="Replay", exact=True).click()
    expect(tab.live).to_have_attribute("data-playing", "true")
    seen = tab.live.evaluate(WATCH, 20)
    assert seen == sorted(seen) and seen[0] < last / 2
    tab.page.get_by_role("button", name="Pause", exact=True).click()
    expect(tab.live).to_have_attribute("data-playing", "false")
    paused = tab.live_number("generation")
    tab.page.wait_for_timeout(300)
    assert tab.live_number("generation") == paused
    tab.page.get_by_role("slider", name="Generation").fill("50")
    expect(tab.live).to_have_attribute("data-generation", "50.000")
    tab.page.get_by_role("button", name="Play", exact=True).click()
    assert tab.live.evaluate(WATCH, 10)[-1] > 50
    tab.page.get_by_role("button", name="Jump to the newest generation").click()
    expect(tab.live).to_have_attribute("data-generation", f"{last:.3f}")


def test_a_replay_goes_on_while_settings_are_changed(moving_tab, story_run):
    tab = moving_tab
    tab.open(f"optimize?run={story_run}").wait_for_live("ended")
    tab.page.get_by_role("button", name="Replay", exact=True).click()
    expect(tab.live).to_have_attribute("data-playing", "true")
    before = tab.live.evaluate(WATCH, 5)[-1]
    tab.size("Seed", "3")
    tab.see("Settings differ from the run shown.")
    assert tab.live_number("generation") > before
