"""The lesson: one feature, one curve, several peaks."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_lesson_finds_several_peaks_and_can_be_played_with(moving_tab):
    tab = moving_tab
    tab.open("how_it_works").press("Watch it search")
    tab.wait_for_live("live")
    tab.see("kept as results")
    kept = re.search(r"(\d+) different ones were kept", tab.page.locator('[data-testid="stMain"]').inner_text())
    assert int(kept[1]) >= 3
    expect(tab.live.locator("canvas").first).to_be_visible()
    first = tab.live.get_attribute("data-run")
    tab.page.get_by_text("Min", exact=True).click()
    tab.press("Watch it search")
    tab.page.locator(f'.live-view[data-run]:not([data-run="{first}"])').wait_for()
    tab.see("kept as results")
    assert "run=" not in tab.page.url


def test_the_production_story_reaches_full_yield(tab):
    tab.open().press("Watch it search", number=1)
    tab.title_is("Optimize")
    tab.read_results()
    tab.see("All features at a glance")


def test_the_live_view_leads_to_how_it_works(tab):
    tab.open().press("Watch it search", number=2)
    tab.title_is("Optimize")
    tab.wait_for_live("ended")
    tab.live.get_by_role("button", name="How it works").click()
    tab.title_is("How it works")
