"""Runs belong to the server: F5, a second tab, a stop, a restart of the server lose nothing."""

import re
import time

import pytest
from playwright.sync_api import expect

from services.jobs import JobState, RunStore

pytestmark = pytest.mark.browser


@pytest.fixture
def long_run(tab, story_run):
    """A tab that watches a run of a hundred million evaluations."""
    tab.open(f"optimize?run={story_run}").wait_for_live("ended")
    tab.size("Budget", "100000000").press("Search again")
    tab.page.wait_for_url(lambda url: "run=" in url and story_run not in url)
    tab.settle().wait_for_live("live")  # settled, so that the view of the first run is gone
    yield tab
    stop = tab.page.get_by_role("button", name="Stop", exact=True)
    if stop.count():
        stop.click()
        tab.see("what it had found until then is kept")


def test_f5_and_a_second_tab_show_the_same_run_and_stop_ends_it_for_both(long_run, new_tab, server):
    tab, run = long_run, long_run.run_id
    before = tab.live_number("generations")
    tab.page.reload()
    tab.settle().wait_for_live("live")
    assert tab.run_id == run == tab.live.get_attribute("data-run")
    wait_for_more(tab, before)
    other = new_tab().open(f"optimize?run={run}").wait_for_live("live")
    assert other.live.get_attribute("data-run") == run
    wait_for_more(other, other.live_number("generations"))

    tab.page.get_by_role("button", name="Stop", exact=True).click()
    tab.see("You stopped the run; what it had found until then is kept.")
    assert job_of(server, run).state is JobState.CANCELLED
    for each in (tab, other):
        expect(each.page.get_by_role("button", name="See the results")).to_be_visible()
        expect(each.page.get_by_role("button", name="Search again")).to_be_enabled()


def wait_for_more(tab, n):
    """Wait until the live view knows more than n generations."""
    view = tab.live.element_handle()  # it is in a shadow root
    tab.page.wait_for_function("([view, n]) => Number(view.dataset.generations) > n", arg=[view, n])


def job_of(server, run):
    """Return a run as the server's store has it."""
    store = RunStore(f"sqlite:///{server.home / 'runs.sqlite'}")
    try:
        return store.get(run)
    finally:
        store.close()


def test_another_page_and_back_shows_the_run_as_it_goes_on(long_run):
    tab, run = long_run, long_run.run_id
    tab.follow("Start")
    tab.see(re.compile("running · today"))
    tab.follow("Results")
    expect(tab.page.get_by_text(re.compile("Searching|Warming up")).first).to_be_visible()
    tab.follow("Optimize")
    tab.wait_for_live("live")
    assert tab.run_id == run


def test_a_closed_tab_stops_nothing(long_run, server):
    run = long_run.run_id
    long_run.page.goto("about:blank")
    seen = job_of(server, run).n_pieces
    while job_of(server, run).n_pieces < seen + 3:
        assert not job_of(server, run).state.is_final
        time.sleep(0.1)
    long_run.open(f"optimize?run={run}").wait_for_live("live")
