"""Make the pictures of the guide, of the README and of Start anew: search, serve, drive a browser, photograph.

``python -m scripts.make_screenshots [VIEW ...]`` makes all, in some minutes, or those that are named. A new picture
is one entry of `VIEWS`: where to go, what to do there, and which part of the page is kept.
"""

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
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
OF_START = ROOT / "ui" / "start"
OF_README = {"optimize": "live_view", "results": "results"}
METHODS = ("niches", "lineages", "differential_evolution", "cma_es", "random_search")
WIDTH, HEIGHT, TALL = 1440, 900, 3400  # nothing has to be scrolled to in a tall window
MARGIN, COLOURS = 14, 256
CLIMBING = 15  # the generation that the picture of Start shows; the search is paused at twice that
ENDLESS = 400_000  # evaluations of the search that is photographed while it goes on
ENDED = '.live-view[data-state="ended"]'
POPOVER = '[data-testid="stPopoverBody"]'
TRAINING_SECONDS = 300
TO_LAB = (0, 2)  # results that are on the lab sheet, and were measured

Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class View:
    """One picture.

    Attributes:
        address: of the page, with names of `prepare` in braces.
        height: of the window.
        act: what is done before the picture is taken.
        part: CSS selector of what is kept; "" for the whole window.
        end: heading within that part at which the picture ends; "" for all of it.
        margin: of the page around that part.
        folder: where the picture is kept.
        is_new: whether nobody has worked here before.
    """

    address: str
    height: int = HEIGHT
    act: Act | None = None
    part: str = ""
    end: str = ""
    margin: int = MARGIN
    folder: Path = PICTURES
    is_new: bool = False


def _wait_for(selector: str) -> Act:
    return lambda page: page.locator(selector).first.wait_for()


def _upload(page: Page) -> None:
    """Bring the concrete table as a file of a laboratory: units in the header, semicolons, decimal commas."""
    catalog = Catalog.of(Settings.from_environment({}))
    columns = catalog.datasets.load("concrete")
    named = columns.to_frame().rename(columns={each.name: each.label for each in (*columns.features, columns.outcome)})
    data = named.to_csv(index=False, sep=";", decimal=",").encode()
    file = {"name": "our mixes.csv", "mimeType": "text/csv", "buffer": data}
    page.locator('input[type="file"]').first.set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Use this table and train").wait_for()
    _settle(page)


def _train(page: Page) -> None:
    """Use an uploaded table, and wait for the model that is trained on it."""
    _upload(page)
    page.get_by_role("button", name="Use this table and train").click()
    page.get_by_role("button", name="Next: Optimize").wait_for(timeout=1_000 * TRAINING_SECONDS)
    _settle(page)


def _open_settings(page: Page) -> None:
    page.get_by_role("list", name="Features to set").wait_for()
    page.locator(".settings .row .opener").first.click()


def _add_rule(page: Page) -> None:
    """Begin a rule on the ratio of water to the binders."""
    page.get_by_role("button", name="Rules", exact=True).click()
    popover = page.locator(POPOVER)
    popover.get_by_role("combobox", name="Add a rule").click()
    page.get_by_role("option", name="Ratio of features").click()
    for label, names in (
        ("Above the line", ("water",)),
        ("Below the line", ("cement", "fly ash")),
    ):
        for name in names:
            popover.get_by_role("combobox", name=label).click()
            page.get_by_role("option", name=name, exact=True).click()
            _settle(page)
        page.keyboard.press("Escape")
    popover.get_by_label("At least").fill("0.3")
    popover.get_by_label("At most").fill("0.5")
    popover.get_by_label("At most").blur()
    _settle(page)


def _open_checks(page: Page) -> None:
    page.get_by_text("All checks", exact=True).click()


def _open_lab(page: Page) -> None:
    """Put two results on the lab sheet, and open what goes to the laboratory."""
    page.locator(".result-view table").wait_for()
    for place in TO_LAB:
        row = page.get_by_role("row", name=f"Result {place + 1}")
        row.hover()
        row.get_by_role("button", name="To the lab").click()
        _settle(page)
    page.locator(".st-key-to-lab button").first.click()


def _move_and_keep(page: Page) -> None:
    """Move two features in the profiler, and keep the variant."""
    page.locator('.profiler[data-ready="true"]').wait_for()
    for name, key in (("water", "PageUp"), ("blast furnace slag", "PageDown")):
        page.get_by_role("slider", name=f"Move {name}").press(key)
        _settle(page)
    page.get_by_role("button", name="Keep this variant").click()
    page.get_by_role("button", name="Download CSV").wait_for()
    _settle(page)


def _pause_and_choose(page: Page) -> None:
    """Pause the long search and choose its best lineage."""
    _climb(page, 2 * CLIMBING)
    page.get_by_role("button", name="Pause search").click()
    page.get_by_role("button", name="Resume search").wait_for()
    page.get_by_role("button", name="Jump to the newest generation").click()
    page.get_by_label("Lineage to look at").select_option(index=1)
    page.get_by_role("group", name="Chosen lineage").get_by_role("button", name="More like this").wait_for()


def _climb(page: Page, generation: int) -> None:
    """Wait until the long search is so far."""
    view = page.locator('.live-view[data-state="live"]')
    while int(view.get_attribute("data-generations") or 0) < generation:
        page.wait_for_timeout(200)


def _go_back(page: Page) -> None:
    """Go back in the long search, once it has ended, to where its lineages climb."""
    page.locator(".live-view").wait_for()
    if page.get_by_role("button", name="Stop", exact=True).count():
        _climb(page, 2 * CLIMBING)
        _stop(page)
    slider = page.get_by_role("slider", name="Generation", exact=True)
    slider.fill(str(CLIMBING))
    slider.blur()


def _stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(ENDED).wait_for()


def _tick(page: Page) -> None:
    """Tick the story in the list of runs, below the long search."""
    page.get_by_test_id("stDataFrame").click(position={"x": 17, "y": 34 + 33 + 16})
    _settle(page)


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
    "live_view": View("optimize?run={endless}", act=_go_back, part=".live-view", folder=OF_START),
    "optimize": View("optimize?run={story}", act=_wait_for(ENDED)),
    "settings": View("optimize?run={story}", TALL, _open_settings, ".settings"),
    "rules": View("optimize?run={story}", TALL, _add_rule, POPOVER, margin=0),
    "results": View("results?run={story}", 1112),
    "front_search": View("optimize?run={front}", act=_wait_for(ENDED)),
    "front": View("results?run={front}", 1360),
    "detail": View("results?run={story}", TALL, _open_checks, ".st-key-result-detail"),
    "measured": View("results?run={story}", TALL, part=".st-key-measured"),
    "what_if": View("what_if?run={story}", 1030, _move_and_keep),
    "tune": View("optimize?tune={tuning}", 1125),
    "compare": View("runs?compare={story},{other}", 1500),
    "methods": View("runs?methods={comparison}", 1250),
    "runs": View("runs", act=_tick),
    "quality": View(
        "model?quality={quality}",
        TALL,
        part='[data-testid="stExpander"]:has-text("How good is it?")',
        end="Errors against a feature",
    ),
    "how_it_works": View("how_it_works?lesson={lesson}", 1040, _wait_for(ENDED)),
    "take_away": View("results?run={story}", act=_open_lab),
    "lab_sheet": View("results?run={story}", TALL, _open_file("to-lab", "Lab sheet (HTML)"), "section"),
    "animation": View("results?run={story}", act=_open_file("take-away", "Live picture")),
    "data": View("data", act=_upload),
    "model": View("data", 980, _train),
    "start": View("", is_new=True),  # last: it shows a picture that was made here
}


def main(wanted: tuple[str, ...] = ()) -> None:
    """Write the pictures into ``docs``."""
    views = {name: view for name, view in VIEWS.items() if not wanted or name in wanted}
    with tempfile.TemporaryDirectory(prefix="mixwright-pictures-") as folder:
        worked_in, new = environment_of(Path(folder)), environment_of(Path(folder) / "new")
        if worked := {name: view for name, view in views.items() if not view.is_new}:
            shutil.copytree(ROOT / "models" / "saved", worked_in["MIXWRIGHT_SAVED_MODELS"])
            print("Searching what the pictures show ...", flush=True)
            _make(worked, worked_in, prepare(Settings.from_environment(worked_in)))
        if unworked := {name: view for name, view in views.items() if view.is_new}:
            _make(unworked, new, {})
    for name, copy in OF_README.items():
        shutil.copyfile(PICTURES / f"{name}.png", ROOT / "docs" / "images" / f"{copy}.png")


def _make(views: Mapping[str, View], environment: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Photograph views of one server; ``names`` are those of its runs."""
    with serve(environment) as url, sync_playwright() as playwright:
        chromium = launch(playwright)
        for name, view in views.items():
            context = chromium.new_context(
                viewport={"width": WIDTH, "height": view.height}, reduced_motion="reduce", color_scheme="light"
            )
            page = context.new_page()
            page.set_default_timeout(TIMEOUT)
            page.goto(f"{url}/{view.address.format(**names)}")
            _photograph(page, view, view.folder / f"{name}.png")
            if name == "steering":
                _stop(page)
            context.close()
        chromium.close()


def prepare(settings: Settings) -> dict[str, str]:
    """Ids of finished runs, a tuning, a comparison of methods and a lesson, and of a search that waits for a server."""
    settings = replace(settings, n_parallel=1, is_training_warm=False)
    settings.home.mkdir(parents=True, exist_ok=True)
    catalog = Catalog.of(settings)
    concrete = story_spec(story("concrete"), catalog)
    bumps = story_spec(story("bumps"), catalog).revised(name="How it works", method=LESSON)
    production = story_spec(story("production"), catalog)
    front = story_spec(story("front"), catalog)
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
            "front": finish_job(supervisor, JobKind.SEARCH, front.name, front, "front"),
            "other": finish_job(supervisor, JobKind.SEARCH, plain.name, plain),
            "story": finish_job(supervisor, JobKind.SEARCH, concrete.name, concrete, "concrete"),
        }
        store.describe(ids["line"], note="For the line's next trial")
        store.describe(ids["story"], note="Results 1 and 3 go to the lab")
        rows = tuple(Measurement(result=k, value=value, at=28.0) for k, value in zip(TO_LAB, (74.2, 79.6), strict=True))
        change_measured(store, ids["story"], lambda kept: kept.with_rows(rows))
    finally:
        supervisor.close()
    lasting = concrete.revised(name="A long search", budget=BudgetSpec(evaluations=ENDLESS))
    ids["endless"] = store.add(JobKind.SEARCH, lasting.name, lasting.model_dump_json())
    store.close()
    return ids


def _settle(page: Page) -> None:
    """Wait until the page is drawn, and its charts."""
    page.wait_for_selector(READY)
    page.wait_for_timeout(1_500)
    page.wait_for_selector(READY)


def _photograph(page: Page, view: View, path: Path) -> None:
    """Keep a picture without what is empty below, and with a palette of its own: a quarter of the size."""
    page.get_by_role("heading", level=1).first.wait_for()
    _settle(page)
    if view.act is not None:
        view.act(page)
        page.wait_for_timeout(1_500)
    page.mouse.move(2, 2)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if view.part:
        box = page.locator(view.part).first.bounding_box()
        assert box is not None, f"{view.part} is not on the page"
        left, right = max(0.0, box["x"] - view.margin), min(WIDTH, box["x"] + box["width"] + view.margin)
        bottom = box["y"] + box["height"] + view.margin
        if view.end:
            end = page.get_by_role("heading", name=view.end).bounding_box()
            assert end is not None, f"'{view.end}' is not on the page"
            bottom = end["y"] - MARGIN
        image = image.crop((int(left), int(max(0.0, box["y"] - view.margin)), int(right), int(bottom)))
    background = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    drawn = ImageChops.difference(image, background).getbbox()
    image = image.crop((0, 0, image.width, min(image.height, drawn[3] + 2 * MARGIN) if drawn else image.height))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)
    print(f"  {path.name}: {path.stat().st_size / 1024:.0f} kB", flush=True)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
