"""Several outcomes, from the story on Start to a front, a tighter limit and another search."""

import re

from playwright.sync_api import expect

from tests.e2e.test_features import result_of


def test_a_front_is_watched_read_and_searched_again_within_a_tighter_limit(tab, server):
    tab.open("").press("Watch it search", 1)
    tab.wait_for_live("ended")
    expect(tab.page.locator(".live-view")).to_contain_text("On the front")
    tab.see(re.compile("beat a recorded row in every goal|Result \\d+ (has|may have)"))
    first = tab.run_id

    tab.press("See the results")
    tab.title_is("Results")
    result = result_of(server, first)
    assert result.front is not None and len(result.results) > 3
    expect(tab.page.locator("tr.result")).to_have_count(len(result.results))
    ratio = tab.page.locator('input[data-limit="0"]')
    ratio.fill("0.45")  # or the nearest step
    tab.page.get_by_role("button", name="Search with this limit").click()
    tab.title_is("Optimize")
    tab.settle()
    tab.size("Budget", "1500").page.locator(".st-key-search button").click()
    tab.page.wait_for_url(lambda url: first not in url)
    tab.wait_for_live("ended")
    again = result_of(server, tab.run_id)
    most = again.spec.outcomes[3].at_most
    assert 0.4 < most < 0.5
    water, cement = (
        [row[j] for row in again.results.X]
        for name in ("water", "cement")
        for j, feature in enumerate(again.features)
        if feature.name == name
    )
    assert water and max(w / c for w, c in zip(water, cement, strict=True)) <= most

    tab.follow("What if")
    expect(tab.page.locator('.profiler[data-ready="true"]')).to_be_visible()
    expect(tab.page.locator(".profiler")).to_contain_text("CO2")
