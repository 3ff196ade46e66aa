"""A component's own files."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ui.web.scripts import bundle_scripts


class Parts(NamedTuple):
    """What a component is made of, as text."""

    html: str
    css: str
    js: str


def read_parts(folder: Path, name: str, scripts: Sequence[str]) -> Parts:
    """Return a component's HTML and style, which are called by its name, and its scripts as one.

    Args:
        folder: of the component.
        name: of the component.
        scripts: paths from the folder, in the order in which they need one another.
    """

    def read(path: str) -> str:
        return (folder / path).read_text(encoding="utf-8")

    return Parts(read(f"{name}.html"), read(f"{name}.css"), bundle_scripts([read(script) for script in scripts]))
