"""Runs: to find one again among many, call it by a name, throw it away and have it back, and go on from it."""

import re

import pytest
from playwright.sync_api import expect

from services.jobs import JobKind, JobState, RunStore

pytestmark = pytest.mark.browser
WORD = "Quarry"


@pytest.fixture(scope="module")
def kept(server):
    """Thirty runs that a worker might have made, put into the store of the server."""
    from services.catalog.loading import Catalog
    from services.catalog.settings import Settings
    from services.problems.stories import story, story_spec
    from services.results.search import run_spec

    settings = Settings.from_environment({"MIXWRIGHT_HOME": str(server.home)})
    catalog = Catalog.of(settings)
    spec = story_spec(story("bumps"), catalog).revised(budget={"evaluations": 400}, is_compared=False)
    result = run_spec(spec, catalog.model_data(spec)).result.model_dump_json()
    store = RunStore(settings.database)
    for number in range(1, 31):
        name = f"{WORD} {number}"
        run_id = store.add(JobKind.SEARCH, name, spec.revised(name=name).model_dump_json())
        store.start(run_id, "here")
        store.finish(run_id, JobState.DONE, result=result)
    store.close()


def test_runs_are_found_named_deleted_restored_and_continued(tab, kept):
    rows, page = tab.page.locator(".run-list tbody tr"), tab.page
    tab.open("runs")
    tab.type("Search", WORD)
    expect(rows).to_have_count(25)
    page.get_by_role("button", name="Next page").click()
    expect(rows).to_have_count(5)
    tab.type("Search", f"{WORD.lower()} 30")
    expect(rows).to_have_count(1)

    # called by another name, by keyboard alone
    rows.get_by_role("button", name="Rename").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Granite")
    page.keyboard.press("Enter")
    tab.see("No run is like that.")
    tab.type("Search", "granite")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Add a note").click()
    page.keyboard.type("<b>ask</b> the lab")
    page.keyboard.press("Enter")
    expect(rows.get_by_role("button", name="Change the note on Granite")).to_have_text("<b>ask</b> the lab")

    # thrown away and had back
    tab.type("Search", "granite lab")
    rows.get_by_role("checkbox").check()
    tab.see("1 chosen: Granite")
    tab.press("Delete")
    tab.see("1 run was deleted.")
    expect(rows).to_have_count(0)
    tab.press("Undo")
    expect(rows).to_have_count(1)

    # gone on from, and opened
    rows.get_by_role("checkbox").check()
    tab.press("Continue")
    tab.press("Continue the run")
    tab.title_is("Optimize")
    run_id = tab.run_id
    tab.follow("Runs").title_is("Runs")
    tab.type("Search", "granite")
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_text("Done")).to_be_visible(timeout=240_000)
    page.get_by_role("button", name="Granite, continued", exact=True).click()
    tab.title_is("Results")
    assert tab.run_id == run_id


def test_the_list_fits_a_phone(new_tab, kept):
    tab = new_tab()
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.open("runs")
    first = tab.page.locator(".run-list tbody tr").first
    expect(first).to_be_visible()
    expect(first).to_have_text(re.compile(r"Done"))
    box = first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
