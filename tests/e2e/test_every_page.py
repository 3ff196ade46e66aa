"""Every page by its own address: in its frame, in order for eye, ear and keyboard by day and night, and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TITLES = {
    "": "Several believable ways to the best outcome",
    "data": "Data",
    "model": "Model",
    "optimize?run={run}": "Optimize",
    "results?run={run}": "Results",
    "what_if?run={run}": "What if",
    "runs": "Runs",
    "runs?compare={run}": "Runs",
    "how_it_works": "How it works",
}
WITH_A_TABLE = ("Data", "Model")
GRAVE = ("serious", "critical")
CONTRAST = {"runOnly": ["color-contrast"]}
# Streamlit writes white on the primary colour (buttons) and the primary colour on the ground (the chosen segment, the
# number over a slider), and lets neither be set. On a dark ground no colour has 4.5 : 1 both ways. Buttons have it;
# these two have at least 3.4 : 1, and the chosen segment a border as well.
OF_STREAMLIT_BY_NIGHT = {
    "exclude": [['[data-testid="stButtonGroup"] [data-selected="true"]'], ['[data-testid="stSliderThumbValue"]']]
}


def grave_flaws(tab, context=None, options=None):
    """Return what axe-core finds serious or critical on the page that is shown, with the elements concerned."""
    # only what fails is described: on a large page, describing what passes takes most of the time
    options = {"resultTypes": ["violations"]} | (options or {})
    found = Axe().run(tab.page, context=context, options=options).response["violations"]
    return {flaw["id"]: [node["html"][:160] for node in flaw["nodes"]] for flaw in found if flaw["impact"] in GRAVE}


def check_by_day_and_by_night(tab):
    """Fail on what is serious on the page that is shown, in both themes."""
    tab.page.wait_for_load_state("networkidle")
    assert grave_flaws(tab) == {}
    tab.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    tab.settle().page.wait_for_timeout(300)
    assert grave_flaws(tab, OF_STREAMLIT_BY_NIGHT, CONTRAST) == {}
    tab.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.settle().page.wait_for_timeout(300)


@pytest.mark.parametrize("page", TITLES)
def test_every_page_has_an_address_its_place_in_the_frame_and_no_serious_flaw(tab, story_run, page):
    tab.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.open(page.format(run=story_run)).title_is(TITLES[page])
    expect(tab.page.get_by_role("link", name="Results").first).to_be_visible()
    check_by_day_and_by_night(tab)
    assert tab.turn_into_a_phone().overflow <= 0


def test_axe_finds_nothing_serious_on_pages_that_no_address_fills(tab, story_run):
    """An address brings these pages without a table; who comes from a run finds them full."""
    tab.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.open(f"optimize?run={story_run}")
    for title in WITH_A_TABLE:
        tab.follow(title).title_is(title)
        tab.settle()
        assert not tab.page.get_by_text("There is no table yet").is_visible()
        check_by_day_and_by_night(tab)
