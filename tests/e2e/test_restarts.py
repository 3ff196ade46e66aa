"""A server that is stopped and started again over the same folder: links to its runs are the first visits it gets."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own(start_server):
    """A server of this module's own."""
    server = start_server()
    yield server
    server.stop()


def test_results_are_found_by_their_link(own, story_run, new_tab):
    own.stop()
    tab = new_tab(own.start()).open(f"results?run={story_run}")
    tab.title_is("Results")
    tab.see("Density check")
    assert tab.run_id == story_run
    expect(tab.page.locator('[data-testid="stSidebarNav"]')).to_have_count(0)


def test_a_replay_is_found_by_its_link(own, story_run, new_tab):
    own.stop()
    tab = new_tab(own.start()).open(f"optimize?run={story_run}")
    tab.title_is("Optimize")
    tab.wait_for_live("ended")
    assert tab.live_number("generation") == tab.live_number("generations") > 100
    assert tab.live.get_attribute("data-run") == story_run


def test_a_run_that_the_server_took_with_it_says_so_and_can_be_started_again(own, story_run, new_tab):
    tab = new_tab(own).open(f"optimize?run={story_run}").wait_for_live("ended")
    tab.size("Budget", "100000000").press("Search again")
    tab.page.wait_for_url(lambda url: "run=" in url and story_run not in url)
    tab.wait_for_live("live")
    tab.page.locator('.live-view[data-state="live"]:not([data-generations="0"])').wait_for()
    run = tab.run_id
    own.stop()
    late = new_tab(own.start()).open(f"optimize?run={run}")
    late.see(re.compile("The run was interrupted"))
    expect(late.page.get_by_role("button", name="Search again")).to_be_enabled()
    late.page.locator('.live-view:not([data-generations="0"])').first.wait_for()
