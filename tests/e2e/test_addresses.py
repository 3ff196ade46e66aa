"""Every page by its own address, as the very first visit of a server and of a browser; a run on a phone."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLES = {"": "Several believable ways to the best outcome", "data": "Data", "how_it_works": "How it works"}
MOVED = {"compare": "runs", "quality": "model", "tune": "optimize"}
FORMER = ("compare", "quality", "tune")  # whose pages are parts of others now


@pytest.mark.parametrize("address", ["data", "how_it_works"])
def test_the_first_visit_of_a_server_may_be_to_any_page(start_server, new_tab, address):
    own = start_server()
    tab = new_tab(own).open(address)
    tab.title_is(TITLES[address])
    expect(tab.page.get_by_role("link", name="Optimize")).to_be_visible()
    expect(tab.page.get_by_text("app", exact=True)).to_have_count(0)
    assert tab.page.url.rstrip("/").endswith(address)
    own.stop()


@pytest.mark.parametrize("former", FORMER)
def test_the_first_visit_of_a_server_may_be_to_a_page_that_moved(start_server, new_tab, former):
    own = start_server()
    tab = new_tab(own).open(former)
    tab.page.wait_for_url(f"{own.url}/{MOVED[former]}*")
    tab.title_is(MOVED[former].capitalize())
    expect(tab.page.get_by_role("link", name="Optimize")).to_be_visible()
    expect(tab.page.get_by_text("Page not found")).to_have_count(0)
    own.stop()


def test_a_former_address_keeps_what_it_names(tab, story_run):
    tab.open(f"compare?compare={story_run}").title_is("Runs")
    tab.page.wait_for_url(f"**/runs?compare={story_run}")
    expect(tab.page.get_by_role("radio", name="Compare runs")).to_be_checked()
    tab.open("compare").title_is("Runs")
    tab.see("Runs to compare")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_name_of_the_product_leads_to_the_start(tab, scheme):
    tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab.open("runs")
    name = tab.page.get_by_test_id("stHeaderLogo")
    expect(name).to_be_visible()
    expect(tab.page.get_by_test_id("stTopNavLink")).to_have_count(7)
    name.click()
    tab.title_is(TITLES[""])


@pytest.mark.parametrize("address", ["optimize?run=nothing", "results?run=nothing", "results?run=../../etc"])
def test_a_run_that_does_not_exist_is_said_in_words(tab, address):
    tab.open(address)
    tab.see("The link names a run that is not kept here.")
    assert address.partition("run=")[2] not in tab.page.url  # nothing, or the last run instead


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
