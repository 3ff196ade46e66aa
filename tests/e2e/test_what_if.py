"""What if in a real browser: a line is dragged, everything follows, a variant is kept and opened again."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def number_of(tab):
    """The big number of the head."""
    return float(tab.page.locator(".figure b").first.inner_text().replace(",", "").replace("−", "-"))


def ready(tab):
    """Wait until the profiler has its answer."""
    tab.page.locator('.profiler[data-ready="true"]').wait_for()
    return tab


def test_somebody_asks_what_if_and_keeps_the_answer(tab, story_run):
    ready(tab.open(f"what_if?run={story_run}"))
    before = number_of(tab)
    assert before > 0

    place = tab.page.get_by_role("region", name="cement", exact=True).locator(".canvas").bounding_box()
    left, y = place["x"] + 42, place["y"] + 60
    mouse = tab.page.mouse
    mouse.move(left + 0.8 * (place["width"] - 50), y)
    mouse.down()
    for share in (0.7, 0.5, 0.3, 0.1):
        mouse.move(left + share * (place["width"] - 50), y)
    mouse.up()
    expect(tab.page.locator(".figure b").first).not_to_have_text(f"{before:,.0f}")
    after = number_of(ready(tab))
    assert after < before  # less cement, less strength
    expect(tab.page.get_by_text(re.compile("−.* against Row")).first).to_be_visible()

    tab.press("Keep this variant")
    tab.see("Download CSV")
    assert number_of(ready(tab)) == after  # what was moved stays
    slider = tab.page.get_by_role("slider", name="Move water")
    slider.press("End")
    expect(tab.page.locator(".figure b").first).not_to_have_text(f"{after:,.0f}")
    ready(tab)
    tab.choose("Begin from", "Variant 1")
    expect(tab.page.locator(".figure b").first).to_have_text(f"{after:,.0f}")
