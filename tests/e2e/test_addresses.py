"""Every page by its own address, as the very first visit of a server and of a browser; a run on a phone."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLES = {"": "Several believable ways to the best outcome", "data": "Data", "how_it_works": "How it works"}


@pytest.mark.parametrize("address", ["data", "how_it_works"])
def test_the_first_visit_of_a_server_may_be_to_any_page(start_server, new_tab, address):
    own = start_server()
    tab = new_tab(own).open(address)
    tab.title_is(TITLES[address])
    expect(tab.page.get_by_role("link", name="Optimize")).to_be_visible()
    expect(tab.page.get_by_text("app", exact=True)).to_have_count(0)
    assert tab.page.url.rstrip("/").endswith(address)
    own.stop()


@pytest.mark.parametrize("address", ["optimize?run=nothing", "results?run=nothing", "results?run=../../etc"])
def test_a_run_that_does_not_exist_is_said_in_words(tab, address):
    tab.open(address)
    tab.see("The link names a run that is not kept here.")
    assert "run=" not in tab.page.url


def test_an_unknown_address_leads_to_the_start(tab):
    tab.page.goto(f"{tab.server.url}/nowhere")
    tab.settle().title_is(TITLES[""])


def test_a_run_is_watched_and_read_on_a_phone(tab, story_run):
    tab.open(f"optimize?run={story_run}").turn_into_a_phone().wait_for_live("ended")
    box = tab.live.bounding_box()
    assert box["width"] > 300 and box["x"] >= 0 and box["x"] + box["width"] <= tab.page.viewport_size["width"]
    expect(tab.live.locator('canvas[data-role="map"]')).to_be_visible()
    expect(tab.page.get_by_role("button", name="See the results")).to_be_visible()
    tab.size("Seed", "1").see("Settings differ from the run shown.")
    assert tab.overflow <= 0
