"""A long search is paused, steered and let go on; its own specification repeats it."""

import pytest
from playwright.sync_api import expect

from optimizer import Hooks
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, JobState, RunStore
from services.problems.stories import LESSON, story, story_spec
from services.results.search import run_spec
from services.specs.results import RunResult

pytestmark = pytest.mark.browser

ENDLESS = {"evaluations": 10**8}  # nobody waits for its end


def test_lineages_are_dropped_and_favoured_while_the_search_waits(server, new_tab):
    settings = Settings.from_environment({"MIXWRIGHT_HOME": str(server.home)})
    catalog, store = Catalog.of(settings), RunStore(settings.database)
    spec = story_spec(story("bumps"), catalog).revised(method=LESSON, budget=ENDLESS)
    job_id = store.add(JobKind.SEARCH, spec.name, spec.model_dump_json())
    tab = new_tab().open(f"optimize?run={job_id}").wait_for_live("waiting")
    another = new_tab().open()  # whoever starts a run starts what waited before
    another.page.get_by_role("button", name="Watch it search").nth(2).click(no_wait_after=True)
    tab.page.get_by_role("button", name="Pause search").click()
    expect(tab.page.get_by_role("button", name="Resume search")).to_be_visible()
    tab.page.get_by_role("button", name="Jump to the newest generation").click()
    generation = tab.live_number("generations")

    chosen = tab.page.get_by_label("Lineage to look at")
    card = tab.page.get_by_role("group", name="Chosen lineage")
    chosen.select_option(index=1)  # the best
    dropped = int(chosen.input_value())
    expect(card).to_contain_text(f"Lineage {dropped}")
    card.get_by_role("button", name="Drop").click()
    expect(card).to_contain_text("Dropped by you after generation")
    expect(tab.live).not_to_have_attribute("data-dropped", "0")
    chosen.select_option(index=2)  # the first is the dropped one as long as it is looked at
    favoured = int(chosen.input_value())
    more = card.get_by_role("button", name="More like this")
    expect(more).to_be_enabled()  # that of the dropped lineage was not, until the card shows another one
    more.press("Enter")
    expect(card).to_contain_text("More of these since generation")
    assert tab.live_number("generations") < generation + 10  # it waited all the time, but for what was decided

    tab.page.get_by_role("button", name="Resume search").click()
    expect(tab.page.get_by_role("button", name="Pause search")).to_be_visible()
    tab.press("Stop").wait_for_live("ended")
    expect(tab.page.locator("[data-role=hold]")).to_have_css("visibility", "hidden")
    tab.see(f"You dropped lineage {dropped} after generation")
    job = store.get(job_id)
    assert (job.state, job.spec) == (JobState.CANCELLED, spec.model_dump_json())
    result = RunResult.model_validate_json(job.result)
    assert [(d.kind, d.lineage) for d in result.spec.decisions] == [("drop", dropped), ("more", favoured)]
    store.close()
    asked = iter(
        range(result.statistics.n_generations - 2)
    )  # two told of a decision, and nothing was evaluated in them
    again = run_spec(result.spec, catalog.model_data(spec), Hooks(should_stop=lambda: next(asked, None) is None)).result
    assert again.results == result.results
    assert again.spec == result.spec
