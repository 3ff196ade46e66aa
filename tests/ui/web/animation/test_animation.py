import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from playwright.sync_api import expect

from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.jobs.store.job import JobState
from services.jobs.workers.traces import TracePiece
from services.papers.run_export import RunExport
from services.problems.stories import story, story_spec
from services.results.names import titles
from services.results.search import run_spec
from services.results.verdict import outlook_of
from services.texts.tables import closing_sentence
from tests.fronts import front_of
from ui.web.animation.page import Replay, animation, theme_css
from ui.web.live_view.component import RunStatus
from ui.web.live_view.row_block import RowBlock, row_width
from ui.web.scenes import LineageCounts, build_scene

WHEN = datetime(2026, 3, 9, tzinfo=UTC)
BAD = "</script><script>alert(1)</script><!-- \u2028 & <img src=http://127.0.0.1:1/x onerror=alert(2)>"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The story with one feature, run, and what is drawn of it."""
    catalog = Catalog.of(
        Settings(tmp_path_factory.mktemp("home"), "", ROOT / "models" / "saved", ROOT / "data", 1, False)
    )
    spec = story_spec(story("bumps"), catalog)
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    scene, rows = build_scene("run-1", spec, model_data)
    piece = TracePiece.of(report.trace, len(scene.features), lambda: rows.projection)
    block = rows.block(piece, LineageCounts())
    found = rows.of_results(report.result.results, len(scene.features))
    run_export = RunExport.of(report.result, catalog, when=WHEN, run_id="run-1")
    return SimpleNamespace(run_export=run_export, replay=Replay(scene, block, RunStatus(JobState.DONE, found)))


@pytest.fixture(scope="module")
def source(run):
    """The file."""
    return animation(run.run_export, run.replay)


@pytest.fixture(scope="module")
def page(source, read_html):
    """The file as read."""
    return read_html(source)


def message_of(page):
    """What the live view is told."""
    return json.loads(page.texts["script"][0])


def floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def test_it_is_one_page_that_fetches_nothing(page):
    assert page.addresses == ["data:,"] and page.handlers == []
    assert not page.names & {"img", "iframe", "object", "form", "a"}
    assert len(page.texts["script"]) == 2 and not any("src" in attributes for name, attributes in page.elements)
    for text in (*page.texts["style"], page.texts["script"][1]):
        assert "http" not in text and "url(" not in text and "import " not in text and "fetch(" not in text


def test_its_policy_allows_its_own_script_and_styles_alone(page):
    policy = dict(part.strip().split(" ", 1) for part in page.policy.split(";"))
    assert policy["default-src"] == "'none'" and policy["img-src"] == "data:"

    def named(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy["script-src"] == named(page.texts["script"][1])
    assert policy["style-src"].split() == [named(text) for text in page.texts["style"]]


def test_it_holds_the_whole_run(run, page):
    message, block = message_of(page), run.replay.block
    progress = message["progress"]
    assert progress["is_final"] and progress["is_new"] and progress["state"] == "done"
    generations = floats(progress["generations"]).reshape(-1, block.generations.shape[1])
    np.testing.assert_allclose(generations[:, 0], block.generations[:, 0])
    assert len(floats(progress["rows"])) == block.sent_rows.size
    assert len(floats(progress["representatives"])) == run.replay.status.representatives.size
    assert message["scene"]["recorded"]["levels"]


def test_it_says_what_was_found(run, page):
    result = run.run_export.result
    assert page.texts["h1"] == [result.spec.name] and page.texts["title"] == [f"{result.spec.name}, 2026-03-09"]
    assert closing_sentence(result) in page.shown and "9 March 2026" in page.shown
    heads = [text for text in page.texts["th"] if text.startswith(("Result", "Reference"))]
    assert heads == [*titles(result), f"Reference: Row {result.best_recorded.rows[0]}"]
    assert result.spec.dataset.digest[:16] in page.shown


def test_its_table_says_what_to_reckon_with_and_how_far_from_the_records_it_is(run, read_html):
    result = run.run_export.result
    n = len(result.results)
    plausibility = (50.0, 12.0, 1.0, 0.0, float("nan"))[:n]
    told = result.model_copy(update={"results": result.results.model_copy(update={"plausibility": plausibility})})
    shown = read_html(animation(replace(run.run_export, result=told), run.replay)).shown
    for words in ("distance from records", "among the records", "at their edge", "beyond them"):
        assert words in shown
    assert outlook_of(result, result.results, 0) in shown
    assert "plausibility" not in shown and "second check" not in shown


def test_colours_are_those_of_the_app_in_both_themes():
    light, dark = theme_css().split("@media (prefers-color-scheme: dark)")
    for css in (light, dark):
        found = re.findall(r"--st-[a-z-]+: #[0-9a-f]{6};", css)
        assert len(found) == 5
    assert "--st-background-color: #ffffff" in light and "--st-secondary-background-color" in dark


def test_hostile_names_are_shown_and_never_obeyed(run, read_html):
    scene = run.replay.scene
    feature = replace(scene.features[0], name=BAD, unit=BAD)
    bad_scene = replace(scene, features=(feature,), outcome_name=BAD, outcome_unit=BAD, run_id=BAD)
    result = run.run_export.result
    changes = {"objective_name": BAD, "objective_short": BAD, "objective_unit": BAD, "dataset_name": BAD}
    features = tuple(f.model_copy(update={"name": BAD}) for f in result.features)
    named = result.results.model_copy(update={"names": (BAD,) * len(result.results)})
    hostile = result.model_copy(update=changes | {"features": features, "results": named})
    run_export = replace(run.run_export, result=hostile, name=BAD)
    page = read_html(animation(run_export, run.replay._replace(scene=bad_scene)))
    assert page.addresses == ["data:,"] and page.handlers == [] and "img" not in page.names
    assert len(page.texts["script"]) == 2 and page.texts["h1"] == [BAD]
    assert message_of(page)["scene"]["features"][0]["name"] == BAD
    assert message_of(page)["scene"]["outcome"]["name"] == BAD


def test_a_long_run_is_thinned_to_less_than_two_megabytes(run):
    rng = np.random.default_rng(0)
    n, width = 150_000, row_width(1)
    events = rng.normal(size=(n, width)).astype(np.float32)
    events[:, 0] = np.sort(rng.integers(1, 30_001, n))
    events[:, 1] = np.arange(n) // 10
    events[:, 2] = np.where(np.arange(n) % 10 == 0, 0, 1)
    order = np.lexsort((events[:, 1], events[:, 0]))
    generations = np.zeros((30_000, 6))
    generations[:, 0] = generations[:, 1] = np.arange(1, 30_001)
    size = len(animation(run.run_export, run.replay._replace(block=RowBlock(events[order], generations))).encode())
    assert size < 2_000_000


def test_without_a_picture_it_says_why_and_shows_the_results(run, read_html):
    page = read_html(animation(run.run_export, None, why="The table is <gone>."))
    assert "The search cannot be drawn any more: The table is <gone>." in page.shown
    assert page.texts["script"] == [] if "script" in page.texts else True
    assert "table" in page.names and "noscript" not in page.names


def test_it_plays_and_follows_the_theme(browser, source, tmp_path):
    path = tmp_path / "live.html"
    path.write_text(source, encoding="utf-8")
    for scheme, motion in (("light", "no-preference"), ("dark", "reduce")):
        context = browser.new_context(color_scheme=scheme, reduced_motion=motion, offline=True)
        tab, wrong = context.new_page(), []
        tab.on("pageerror", lambda error, seen=wrong: seen.append(str(error)))
        tab.on("console", lambda message, seen=wrong: seen.append(message.text))
        tab.on(
            "request", lambda request, seen=wrong: seen.append(request.url) if request.url != path.as_uri() else None
        )
        tab.goto(path.as_uri())
        view = tab.locator(".live-view")
        if motion == "reduce":
            last = view.get_attribute("data-generations")
            tab.locator(f'.live-view[data-generation="{float(last):.3f}"]').wait_for()
        else:
            first = float(view.get_attribute("data-generation"))
            expect(view).not_to_have_attribute("data-generation", f"{first:.3f}")
            tab.get_by_role("button", name="Pause").press("Enter")
            tab.get_by_role("slider", name="Generation").press("End")
            tab.locator('.live-view[data-state="ended"]').wait_for()
            tab.emulate_media(color_scheme="dark")
        ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(18, 24, 31)"
        assert wrong == []
        context.close()


@pytest.mark.browser
def test_a_front_grows_in_the_file_as_in_the_app(browser, tmp_path):
    catalog = Catalog.of(Settings(tmp_path, "", ROOT / "models" / "saved", ROOT / "data", 1, False))
    spec = front_of(catalog, 600)
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    scene, rows = build_scene("run-2", spec, model_data)
    block = rows.block(TracePiece.of(report.trace, len(scene.features), n_goals=2), LineageCounts())
    found = rows.of_results(report.result.results, len(scene.features))
    replay = Replay(scene, block, RunStatus(JobState.DONE, found))
    file = tmp_path / "front.html"
    run_export = RunExport.of(report.result, catalog, when=WHEN, run_id="run-2")
    file.write_text(animation(run_export, replay), encoding="utf-8")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.locator('.live-view[data-state="ended"]').wait_for(timeout=60_000)
    assert int(page.locator(".live-view").get_attribute("data-front")) > 3
    assert "on the front: highest compressive strength" in page.locator("[data-role=summary]").inner_text()
    assert errors == []
    page.close()
