"""One function for each picture: the way there, and what of the page is kept."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts.screenshots.camera import HEIGHT, TALL, Camera
from scripts.screenshots.prepared import Prepared

PROOF = "How much better could it get?"
View = Callable[[Camera, Prepared], None]


def steering(camera: Camera, prepared: Prepared) -> None:
    """A long search that waits, with its best lineage chosen; it is stopped afterwards."""
    page = camera.page
    camera.open(f"optimize?run={prepared.endless}")
    page.locator('.live-view[data-state="live"]').wait_for()
    page.wait_for_timeout(2_500)
    page.get_by_role("button", name="Pause search").click()
    page.get_by_role("button", name="Resume search").wait_for()
    page.get_by_role("button", name="Jump to the newest generation").click()
    page.get_by_label("Lineage to look at").select_option(index=1)
    page.get_by_role("group", name="Chosen lineage").get_by_role("button", name="More like this").wait_for()
    page.wait_for_timeout(800)
    camera.take("steering")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator('.live-view[data-state="ended"]').wait_for()


def start(camera: Camera, prepared: Prepared) -> None:
    """The start page."""
    camera.open().take("start")


def data(camera: Camera, prepared: Prepared) -> None:
    """The table of the concrete story, in use."""
    _with_story(camera, prepared, "Data")
    camera.take("data")


def model(camera: Camera, prepared: Prepared) -> None:
    """The model page of the concrete story."""
    _with_story(camera, prepared, "Model")
    camera.take("model")


def quality(camera: Camera, prepared: Prepared) -> None:
    """The finished check."""
    _with_story(camera, prepared, "Quality", height=1130)
    camera.take("quality")


def optimize(camera: Camera, prepared: Prepared) -> None:
    """The live view of the finished story, the whole screen."""
    camera.open(f"optimize?run={prepared.story}")
    camera.page.locator('.live-view[data-state="ended"]').wait_for()
    camera.settle().take("optimize")


def features(camera: Camera, prepared: Prepared) -> None:
    """The settings of a search, opened."""
    camera.open(f"optimize?run={prepared.story}", height=TALL)
    camera.page.get_by_text("Settings", exact=True).click()
    camera.page.get_by_role("list", name="Free features").wait_for()
    camera.settle()
    camera.take_part("features", camera.page.locator('[data-testid="stExpander"]').first)


def results(camera: Camera, prepared: Prepared) -> None:
    """Results on one screen."""
    camera.open(f"results?run={prepared.story}", height=974).settle().take("results")


def detail(camera: Camera, prepared: Prepared) -> None:
    """The card of the first result."""
    camera.open(f"results?run={prepared.story}", height=TALL).settle()
    camera.take_part("detail", camera.page.locator(".st-key-result-detail"))


def measured(camera: Camera, prepared: Prepared) -> None:
    """Measured values beside predictions."""
    camera.open(f"results?run={prepared.story}", height=TALL).settle()
    begin = camera.page.get_by_role("heading", name="Measured values")
    camera.take_between("measured", begin, camera.page.get_by_text(PROOF), is_last_in=False)


def what_if(camera: Camera, prepared: Prepared) -> None:
    """The profiler of the best result, two features moved, and the variant that was kept."""
    camera.open(f"what_if?run={prepared.story}", height=1030)
    camera.page.locator('.profiler[data-ready="true"]').wait_for()
    for name, key in (("water", "PageUp"), ("blast furnace slag", "PageDown")):
        camera.page.get_by_role("slider", name=f"Move {name}").press(key)
        camera.settle()
    camera.press("Keep this variant").take("what_if")


def tune(camera: Camera, prepared: Prepared) -> None:
    """What realism costs."""
    camera.open(f"tune?tune={prepared.tuning}", height=1125).settle().take("tune")


def compare(camera: Camera, prepared: Prepared) -> None:
    """Two runs side by side."""
    camera.open(f"compare?compare={prepared.story},{prepared.other}", height=1500).settle().take("compare")


def methods(camera: Camera, prepared: Prepared) -> None:
    """Methods on one problem."""
    camera.open(f"compare?methods={prepared.comparison}&side=Methods", height=1250).settle().take("methods")


def runs(camera: Camera, prepared: Prepared) -> None:
    """The list of runs, two of them chosen."""
    camera.open("runs")
    for place in (1, 2):
        camera.page.locator(".run-list tbody tr").nth(place).get_by_role("checkbox").check()
        camera.settle()
    camera.settle().take("runs")


def how_it_works(camera: Camera, prepared: Prepared) -> None:
    """The search on one feature, ended."""
    camera.open(f"how_it_works?lesson={prepared.lesson}", height=1000)
    camera.page.locator('.live-view[data-state="ended"]').wait_for()
    camera.settle().take("how_it_works")


def taken_away(camera: Camera, prepared: Prepared) -> None:
    """The lab sheet and the animation, opened from the disk."""
    camera.open(f"results?run={prepared.story}").settle()
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{number}.html" for number, name in enumerate(("Lab sheet", "Live picture"))}
        camera.press("Take it away")
        camera.take("take_away")
        for name, path in files.items():
            with camera.page.expect_download() as waiting:
                camera.page.get_by_role("button", name=re.compile(name)).click()
            waiting.value.save_as(path)
        camera.open_file(files["Lab sheet"], height=TALL)
        camera.take_part("lab_sheet", camera.page.locator("section").first)
        camera.open_file(files["Live picture"])
        camera.take("animation")


def _with_story(camera: Camera, prepared: Prepared, page: str, height: int = HEIGHT) -> None:
    """Go to a page as somebody who looks at the finished story."""
    camera.open(f"results?run={prepared.story}", height=height)
    camera.page.get_by_role("link", name=page, exact=True).first.click()
    camera.page.get_by_role("heading", level=1, name=page).wait_for()
    camera.settle()


VIEWS: tuple[View, ...] = (
    steering,
    start,
    data,
    model,
    quality,
    optimize,
    features,
    results,
    detail,
    measured,
    what_if,
    tune,
    compare,
    methods,
    runs,
    how_it_works,
    taken_away,
)
