"""Make the pictures of the guide and of the README anew: search, serve, drive a browser, photograph."""

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.ensure_browser import find_browser
from scripts.screenshots.camera import HEIGHT, WIDTH, Camera
from scripts.screenshots.prepared import prepare
from scripts.screenshots.server import served
from scripts.screenshots.views import VIEWS
from services.catalog.settings import ROOT, Settings

PICTURES = ROOT / "docs" / "guide" / "images"
OF_README = {"optimize": "live_view", "results": "results"}
_CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


def main(wanted: tuple[str, ...] = ()) -> None:
    """Write the pictures into ``docs``, all of them or those of the views that are named.

    Raises:
        SystemExit: there is no browser.
    """
    browser = find_browser()
    if browser is None:
        sys.exit("No Chromium found: run `make browser`, or set MIXWRIGHT_CHROMIUM to the path of one.")
    with tempfile.TemporaryDirectory(prefix="mixwright-pictures-") as folder:
        settings = _settings(Path(folder))
        print("Searching what the pictures show ...", flush=True)
        prepared = prepare(settings)
        with served(settings) as url, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=list(_CHROMIUM))
            for view in VIEWS:
                if wanted and view.__name__ not in wanted:
                    continue
                context = chromium.new_context(
                    viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce", color_scheme="light"
                )
                view(Camera(context.new_page(), url, PICTURES), prepared)
                context.close()
            chromium.close()
    for name, copy in OF_README.items():
        shutil.copyfile(PICTURES / f"{name}.png", ROOT / "docs" / "images" / f"{copy}.png")
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"{PICTURES.relative_to(ROOT)}: {size / 2**20:.1f} MB")


def _settings(folder: Path) -> Settings:
    """Return settings with folders of their own, and a copy of the models that ship."""
    saved = folder / "models"
    shutil.copytree(ROOT / "models" / "saved", saved)
    home = folder / "home"
    settings = Settings.from_environment({"MIXWRIGHT_HOME": str(home), "MIXWRIGHT_SAVED_MODELS": str(saved)})
    return replace(settings, n_parallel=1, is_training_warm=False)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
