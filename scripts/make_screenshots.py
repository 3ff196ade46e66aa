"""Make the pictures of the guide and of the README anew: search, serve, drive a browser, photograph (three minutes).

``python -m scripts.make_screenshots [VIEW ...]`` makes all of them, or those that are named. A new picture is one entry
of `VIEWS`: where to go, what to do there, and which part of the page is kept.
"""

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page, sync_playwright

from scripts.served_app import READY, TIMEOUT, environment_of, finish_job, launch, serve
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.jobs import JobKind, RunStore, Supervisor
from services.papers.measured.measurements import Measurement, change_measured
from services.problems.stories import LESSON, story, story_spec
from services.specs.run import BudgetSpec
from services.studies.compare.methods import ComparisonSpec
from services.studies.quality.report import QualitySpec
from services.studies.tune import SweptSetting, TuneSpec

PICTURES = ROOT / "docs" / "guide" / "images"
OF_README = {"optimize": "live_view", "results": "results"}
METHODS = ("niches", "lineages", "differential_evolution", "cma_es", "random_search")
WIDTH, HEIGHT, TALL = 1440, 900, 3400  # nothing has to be scrolled to in a tall window
MARGIN, COLOURS = 14, 200
ENDLESS = 10**8  # evaluations of the search that is photographed while it goes on
ENDED = '.live-view[data-state="ended"]'

Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class View:
    """One picture.

    Attributes:
        address: of the page, with names of `prepare` in braces.
        height: of the window.
        act: what is done before the picture is taken.
        part: CSS selector of what is kept; "" for the whole window.
        end: heading or text below the part at which the picture ends; "" for the part alone.
    """

    address: str
    height: int = HEIGHT
    act: Act | None = None
    part: str = ""
    end: str = ""


def _wait_for(selector: str) -> Act:
    return lambda page: page.locator(selector).first.wait_for()


def _go(link: str) -> Act:
    """Go to another page as somebody who looks at the finished story."""

    def act(page: Page) -> None:
        page.get_by_role("link", name=link, exact=True).first.click()
        page.get_by_role("heading", level=1, name=link).wait_for()

    return act


def _press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def _open_settings(page: Page) -> None:
    page.get_by_role("list", name="Features to set").wait_for()
    page.locator(".settings .row .opener").first.click()


def _move_and_keep(page: Page) -> None:
    """Move two features in the profiler, and keep the variant."""
    page.locator('.profiler[data-ready="true"]').wait_for()
    for name, key in (("water", "PageUp"), ("blast furnace slag", "PageDown")):
        page.get_by_role("slider", name=f"Move {name}").press(key)
        _settle(page)
    page.get_by_role("button", name="Keep this variant").click()


def _pause_and_choose(page: Page) -> None:
    """Pause the long search and choose its best lineage."""
    page.locator('.live-view[data-state="live"]').wait_for()
    page.wait_for_timeout(2_500)
    page.get_by_role("button", name="Pause search").click()
    page.get_by_role("button", name="Resume search").wait_for()
    page.get_by_role("button", name="Jump to the newest generation").click()
    page.get_by_label("Lineage to look at").select_option(index=1)
    page.get_by_role("group", name="Chosen lineage").get_by_role("button", name="More like this").wait_for()


def _open_file(opener: str, button: str) -> Act:
    """Download a file of the finished story and open it from the disk."""

    def act(page: Page) -> None:
        page.locator(f".st-key-{opener} button").first.click()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.html"
            with page.expect_download() as waiting:
                page.get_by_role("button", name=re.compile(re.escape(button))).click()
            waiting.value.save_as(path)
            page.goto(path.as_uri())
            page.wait_for_timeout(1_000)

    return act


VIEWS = {
    "steering": View("optimize?run={endless}", act=_pause_and_choose),  # first: it goes on until it is stopped
    "start": View(""),
    "data": View("results?run={story}", act=_go("Data")),
    "model": View("results?run={story}", act=_go("Model")),
    "quality": View("results?run={story}", 1130, _go("Quality")),
    "optimize": View("optimize?run={story}", act=_wait_for(ENDED)),
    "features": View("optimize?run={story}", TALL, _open_settings, ".settings"),
    "results": View("results?run={story}", 974),
    "detail": View("results?run={story}", TALL, part=".st-key-result-detail"),
    "measured": View("results?run={story}", TALL, part=".st-key-measured"),
    "what_if": View("what_if?run={story}", 1030, _move_and_keep),
    "tune": View("optimize?tune={tuning}", 1125),
    "compare": View("runs?compare={story},{other}", 1500),
    "methods": View("compare?methods={comparison}&side=Methods", 1250),
    "runs": View("runs"),
    "how_it_works": View("how_it_works?lesson={lesson}", 1000, _wait_for(ENDED)),
    "take_away": View("results?run={story}", act=_press("Take it away")),
    "lab_sheet": View("results?run={story}", TALL, _open_file("to-lab", "Lab sheet (HTML)"), "section"),
    "animation": View("results?run={story}", act=_open_file("take-away", "Live picture")),
}


def main(wanted: tuple[str, ...] = ()) -> None:
    """Write the pictures into ``docs``."""
    with tempfile.TemporaryDirectory(prefix="mixwright-pictures-") as folder:
        environment = environment_of(Path(folder))
        shutil.copytree(ROOT / "models" / "saved", environment["MIXWRIGHT_SAVED_MODELS"])
        print("Searching what the pictures show ...", flush=True)
        names = prepare(Settings.from_environment(environment))
        with serve(environment) as url, sync_playwright() as playwright:
            chromium = launch(playwright)
            for name, view in VIEWS.items():
                if not wanted or name in wanted:
                    context = chromium.new_context(
                        viewport={"width": WIDTH, "height": view.height}, reduced_motion="reduce", color_scheme="light"
                    )
                    page = context.new_page()
                    page.set_default_timeout(TIMEOUT)
                    page.goto(f"{url}/{view.address.format(**names)}")
                    _photograph(page, view, PICTURES / f"{name}.png")
                    if name == "steering":
                        page.get_by_role("button", name="Stop", exact=True).click()
                        page.locator(ENDED).wait_for()
                    context.close()
            chromium.close()
    for name, copy in OF_README.items():
        shutil.copyfile(PICTURES / f"{name}.png", ROOT / "docs" / "images" / f"{copy}.png")


def prepare(settings: Settings) -> dict[str, str]:
    """Ids of finished runs, a tuning, a comparison of methods and a lesson, and of a search that waits for a server."""
    settings = replace(settings, n_parallel=1, is_training_warm=False)
    settings.home.mkdir(parents=True, exist_ok=True)
    catalog = Catalog.of(settings)
    concrete = story_spec(story("concrete"), catalog)
    bumps = story_spec(story("bumps"), catalog).revised(name="How it works", method=LESSON)
    production = story_spec(story("production"), catalog)
    quality = QualitySpec(dataset=concrete.dataset, model=concrete.model)
    few = concrete.revised(budget=BudgetSpec(evaluations=6_000))
    features = tuple(
        each.model_copy(update={"is_free": False, "value": 0.0}) if each.name == "superplasticizer" else each
        for each in concrete.features
    )
    plain = concrete.revised(name="Concrete without superplasticizer", features=features)
    tuning = TuneSpec(run=few, dial=SweptSetting.DENSITY, weights=(0.0, 0.1, 0.5, 2.0))
    supervisor = Supervisor(settings, RunStore(settings.database))
    store = supervisor.store
    supervisor.start()
    try:
        ids = {
            "lesson": finish_job(supervisor, JobKind.SEARCH, bumps.name, bumps, "lesson"),
            "line": finish_job(supervisor, JobKind.SEARCH, production.name, production, "production"),
            "tuning": finish_job(supervisor, JobKind.TUNE, concrete.name, tuning),
            "comparison": finish_job(
                supervisor, JobKind.METHODS, concrete.name, ComparisonSpec(run=few, methods=METHODS)
            ),
            "quality": finish_job(supervisor, JobKind.QUALITY, quality.key, quality),
            "other": finish_job(supervisor, JobKind.SEARCH, plain.name, plain),
            "story": finish_job(supervisor, JobKind.SEARCH, concrete.name, concrete, "concrete"),
        }
        store.describe(ids["line"], note="For the line's next trial")
        store.describe(ids["story"], note="Results 1 and 3 go to the lab")
        rows = (Measurement(result=0, value=74.2, at=28.0), Measurement(result=2, value=79.6, at=28.0))
        change_measured(store, ids["story"], lambda kept: kept.with_rows(rows))
    finally:
        supervisor.close()
    lasting = concrete.revised(name="A long search", budget=BudgetSpec(evaluations=ENDLESS))
    ids["endless"] = store.add(JobKind.SEARCH, lasting.name, lasting.model_dump_json())
    store.close()
    return ids


def _settle(page: Page) -> None:
    """Wait until the page is drawn, and its charts."""
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_selector(READY)
    page.wait_for_timeout(1_500)
    page.wait_for_selector(READY)


def _photograph(page: Page, view: View, path: Path) -> None:
    """Keep a picture without what is empty below, and with a palette of its own: a quarter of the size."""
    _settle(page)
    if view.act is not None:
        view.act(page)
        page.wait_for_timeout(1_500)
    page.mouse.move(2, 2)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if view.part:
        box = page.locator(view.part).first.bounding_box()
        assert box is not None, f"{view.part} is not on the page"
        left, right = max(0.0, box["x"] - MARGIN), min(WIDTH, box["x"] + box["width"] + MARGIN)
        bottom = box["y"] + box["height"] + MARGIN
        if view.end:
            end = page.get_by_text(view.end).first.bounding_box()
            assert end is not None, f"'{view.end}' is not on the page"
            left, right, bottom = 0, WIDTH, end["y"] - MARGIN / 2
        image = image.crop((int(left), int(max(0.0, box["y"] - MARGIN)), int(right), int(bottom)))
    background = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    drawn = ImageChops.difference(image, background).getbbox()
    image = image.crop((0, 0, image.width, min(image.height, drawn[3] + 2 * MARGIN) if drawn else image.height))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
    print(f"  {path.name}: {path.stat().st_size / 1024:.0f} kB", flush=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
