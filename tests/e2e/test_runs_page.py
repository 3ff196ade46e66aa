"""Runs: to find one again among many, call it by a name, throw it away and have it back, and go on from it."""

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


class RunList:
    """The list in a tab: drawn on a canvas, with a table inside of it for those who hear it."""

    def __init__(self, tab):
        self.table = tab.page.get_by_test_id("stDataFrame")

    def has(self, n_rows):
        """Wait until the list has so many rows."""
        expect(self.table.locator("tbody tr")).to_have_count(n_rows)

    def click(self, row, x):
        """Click a row, so many pixels from the left."""
        canvas = self.table.get_by_test_id("data-grid-canvas")
        height = canvas.bounding_box()["height"] / (self.table.locator("tr").count())  # the header is as high as a row
        canvas.click(position={"x": x, "y": height * (row + 1.5)}, force=True)  # what scrolls lies upon it

    def tick(self, row):
        """Choose a row, or choose it no longer."""
        self.click(row, 16)

    def open(self, row):
        """Press the button of a row."""
        self.click(row, 64)

    def shows(self, row, words):
        """Wait until a row has a cell with these words."""
        cell = self.table.locator("tbody tr").nth(row).locator("td").filter(has_text=words)
        expect(cell.first).to_be_attached()


def test_runs_are_found_named_deleted_restored_and_continued(tab, kept):
    runs, page = RunList(tab), tab.page
    tab.open("runs")
    tab.type("Search", WORD)
    runs.has(25)
    page.get_by_role("button", name="Next page").click()
    runs.has(5)
    tab.type("Search", f"{WORD.lower()} 30")
    runs.has(1)

    # called by another name, with a note
    runs.tick(0)
    tab.see(f"1 chosen: {WORD} 30")
    tab.press("Name and note")
    page.get_by_label("Name", exact=True).fill("Granite")
    page.get_by_label("Note", exact=True).fill("<b>ask</b> the lab")
    tab.press("Save")
    tab.see("No run is like that.")
    tab.type("Search", "granite lab")
    runs.has(1)
    runs.shows(0, "Granite")
    runs.shows(0, "<b>ask</b> the lab")

    # thrown away and had back; it is still chosen
    tab.see("1 chosen: Granite")
    tab.press("More")
    page.get_by_role("menuitem", name="Delete").click()
    tab.see("1 run was deleted.")
    expect(runs.table).to_have_count(0)
    tab.press("Undo")
    runs.has(1)

    # gone on from, and opened
    runs.tick(0)
    tab.see("1 chosen: Granite")
    tab.press("Continue")
    tab.press("Continue the run")
    tab.title_is("Optimize")
    run_id = tab.run_id
    tab.follow("Runs").title_is("Runs")
    tab.type("Search", "granite")
    runs.has(2)
    runs.shows(0, "Granite, continued")
    runs.shows(0, "Done")
    runs.open(0)
    tab.title_is("Results")
    assert tab.run_id == run_id


def test_the_list_fits_a_phone(new_tab, kept):
    tab = new_tab()
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.open("runs")
    runs = RunList(tab)
    runs.shows(0, "Done")
    box = runs.table.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    runs.tick(0)
    tab.see("1 chosen: ")
