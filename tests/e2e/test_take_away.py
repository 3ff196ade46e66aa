"""Taking a run away: every file from the page, then looked at from the disk, without the app and without a network."""

import io
import json
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, JobState, RunStore
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.projection import MapProjection
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.run import RunSpec

pytestmark = pytest.mark.browser

NAME = "Bumps <b>7</b>"


@pytest.fixture(scope="module")
def run(server):
    """A finished run with its trace, put into the server's store."""
    settings = Settings.from_environment({"MIXWRIGHT_HOME": str(server.home)})
    catalog = Catalog.of(settings)
    spec = story_spec(story("bumps"), catalog).revised(name=NAME)
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    projection = MapProjection.of(model_data.dataset.X, build_problem(spec, model_data).space)
    store = RunStore(settings.database)
    run_id = store.add(JobKind.SEARCH, NAME, spec.model_dump_json())
    store.start(run_id, "here")
    store.add_piece(run_id, TracePiece.of(report.trace, 1, lambda: projection).to_bytes())
    store.finish(run_id, JobState.DONE, result=report.result.model_dump_json())
    store.close()
    return run_id


@pytest.fixture
def from_disk(browser, tmp_path):
    """Open a file from the disk, offline; anything that it asks for, says or stumbles over fails the test."""
    opened = []

    def open_file(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
        page, wrong = context.new_page(), []
        page.on("request", lambda request: None if request.url == path.as_uri() else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path.as_uri())
        opened.append((context, wrong))
        return page

    yield open_file
    for context, wrong in opened:
        assert wrong == []
        context.close()


def test_everything_of_a_run_can_be_taken_away_and_used_elsewhere(tab, run, from_disk):
    tab.open(f"results?run={run}")
    view = tab.page.locator(".result-view")
    view.locator("tr.result").nth(1).hover()
    view.get_by_role("button", name="Exclude: Result 2").click()
    tab.see("Left out: Result 2.")
    labels = ["Lab sheet (HTML)", "Lab table (CSV)", "Results (CSV)", "Workbook (Excel)", "Live picture (HTML)"]
    files = {label: tab.take_away(label) for label in [*labels, "Specification (JSON)"]}
    assert all(name.startswith("bumps-b-7-b-20") for name, _ in files.values())
    assert RunSpec.model_validate(json.loads(files["Specification (JSON)"][1])).name == NAME
    assert list(pd.read_csv(io.BytesIO(files["Lab table (CSV)"][1]))["candidate"]) == [
        f"Result {n}" for n in (1, 3, 4, 5)
    ]
    assert len(pd.read_csv(io.BytesIO(files["Results (CSV)"][1]))) == 4
    assert "Convergence" in pd.read_excel(io.BytesIO(files["Workbook (Excel)"][1]), sheet_name=None)

    live = from_disk("live.html", files["Live picture (HTML)"][1])
    expect(live.get_by_role("heading", level=1)).to_have_text(NAME)
    view = live.locator(".live-view")
    expect(view).to_have_attribute("data-playing", "true")
    before = live.locator('canvas[data-role="map"]').screenshot()
    expect(view).to_have_attribute("data-generation", re.compile(r"^[1-9]\d"))
    assert live.locator('canvas[data-role="map"]').screenshot() != before
    assert live.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = live.locator(".controls").bounding_box()
    assert box["y"] + box["height"] < 720  # a projector shows picture and controls at once

    sheet = from_disk("lab.html", files["Lab sheet (HTML)"][1])
    expect(sheet.locator("section h2")).to_have_count(4)
    expect(sheet.get_by_text("Sheet 4 of 4")).to_be_visible()
    printed = sheet.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 4
