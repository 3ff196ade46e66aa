"""Compare: runs that are in the store side by side, and several methods on one small problem."""

import re

import pytest
from playwright.sync_api import expect

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, JobState, RunStore
from services.jobs.workers.traces import TracePiece
from services.problems.stories import story, story_spec
from services.results.search import run_spec

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def runs(server):
    """Ids of two finished runs of the bumps, put into the server's store."""
    catalog = Catalog.of(Settings.from_environment())
    spec = story_spec(story("bumps"), catalog).revised(budget={"evaluations": 600})
    narrow = spec.features[0].model_copy(update={"high": 6.0})
    store = RunStore(f"sqlite:///{server.home / 'runs.sqlite'}")
    ids = []
    for each in (spec, spec.revised(name="Narrow bumps", features=(narrow,))):
        report = run_spec(each, catalog.model_data(each))
        job = store.add(JobKind.SEARCH, each.name, each.model_dump_json())
        assert store.start(job, "test")
        store.add_piece(job, TracePiece.of(report.trace, len(each.features)).to_bytes())
        store.finish(job, JobState.DONE, result=report.result.model_dump_json())
        ids.append(job)
    store.close()
    return ids


def test_runs_and_methods_are_compared(tab, runs):
    tab.open(f"runs?compare={runs[0]}")
    tab.see("Choose two or more runs")
    tab.page.get_by_role("combobox", name="Runs to compare").click()
    tab.page.keyboard.type("Narrow")  # the choice is searched
    tab.page.get_by_role("option", name=re.compile("Narrow bumps")).first.click()
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_url(re.compile(r"compare=[^&]*(,|%2C)"))
    tab.settle()
    tab.see("Settings that differ")
    for n, folded in enumerate(("How the searches converged", "Where the results lie"), start=1):
        tab.page.get_by_text(folded, exact=True).click()
        expect(tab.page.locator(".js-plotly-plot")).to_have_count(n)
        tab.settle()

    tab.open(f"results?run={runs[0]}").follow("Runs")
    tab.page.get_by_role("radio", name="Compare methods").click()
    tab.settle()
    for name in ("Bayesian (TPE)", "Multi-start gradients", "CMA-ES"):  # the quick ones are enough
        tab.page.get_by_role("button", name=f"Remove {name}").first.click()
        tab.settle()
    tab.press("Compare methods")
    tab.see(re.compile("found the best y"))
    expect(tab.page.get_by_role("button", name="Compare again")).to_be_enabled()
    expect(tab.page.locator(".js-plotly-plot")).to_have_count(1)
    tab.page.reload()
    tab.settle()
    tab.see(re.compile("found the best y"))
