"""A tab of the browser that is driven by what its parts are called, and photographed."""

import io
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page

WIDTH, HEIGHT = 1440, 900
TALL = 3400
"""Of a window in which nothing has to be scrolled to."""
MARGIN = 14
COLOURS = 200
MILLISECONDS = 60_000.0
_READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


class Camera:
    """A tab on the app.

    Args:
        page: of the browser.
        url: where the app is.
        folder: where pictures go.
    """

    def __init__(self, page: Page, url: str, folder: Path) -> None:
        self.page, self._url, self._folder = page, url, folder
        page.set_default_timeout(MILLISECONDS)

    def open(self, address: str = "", *, height: int = HEIGHT) -> "Camera":
        """Go to an address of the app, in a window of that height."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.goto(f"{self._url}/{address}")
        self.page.get_by_role("heading", level=1).wait_for()
        return self.settle()

    def open_file(self, path: Path, *, height: int = HEIGHT) -> None:
        """Open a file from the disk, in a window of that height."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.goto(path.as_uri())
        self.page.wait_for_timeout(1_000)

    def settle(self) -> "Camera":
        """Wait until the page is drawn, and its charts."""
        self.page.wait_for_selector(_READY)
        self.page.wait_for_timeout(1_500)
        self.page.wait_for_selector(_READY)
        return self

    def press(self, name: str) -> "Camera":
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        return self.settle()

    def take(self, name: str, clip: tuple[float, float, float, float] | None = None) -> None:
        """Keep a picture of what the tab shows, or of a part of it: left, top, width and height in pixels."""
        self.page.mouse.move(2, 2)
        area = dict(zip(("x", "y", "width", "height"), clip, strict=True)) if clip else None
        path = self._folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_small(self.page.screenshot(clip=area)))  # type: ignore[arg-type]
        print(f"  {path.name}: {path.stat().st_size / 1024:.0f} kB", flush=True)

    def take_part(self, name: str, part: Locator) -> None:
        """Keep a picture of one part."""
        part.scroll_into_view_if_needed()
        self.take_between(name, part, part)

    def take_between(self, name: str, first: Locator, last: Locator, *, is_last_in: bool = True) -> None:
        """Keep a picture of the page from one part down to another, in the width of the page's content."""
        top, bottom = _box(first), _box(last)
        low = bottom[1] + bottom[3] + MARGIN if is_last_in else bottom[1] - MARGIN / 2
        begin = max(0.0, top[1] - MARGIN)
        if first is last:
            left, wide = max(0.0, top[0] - MARGIN), min(WIDTH, top[2] + 2 * MARGIN)
        else:
            left, _, wide, _ = _box(self.page.locator('[data-testid="stMainBlockContainer"]'))
        self.take(name, (left, begin, wide, low - begin))


def _box(part: Locator) -> tuple[float, float, float, float]:
    box = part.first.bounding_box()
    assert box is not None, f"{part} is not on the page"
    return box["x"], box["y"], box["width"], box["height"]


def _small(png: bytes) -> bytes:
    """Return a picture without what is empty below, and with a palette of its own: a quarter of the size."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    ground = Image.new("RGB", whole.size, whole.getpixel((0, whole.height - 1)))
    drawn = ImageChops.difference(whole, ground).getbbox()
    low = min(whole.height, drawn[3] + 2 * MARGIN) if drawn else whole.height
    image = whole.crop((0, 0, whole.width, low)).quantize(COLOURS, dither=Image.Dither.NONE)
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()
