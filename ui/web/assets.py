"""What components are made of: a shell in every message, their files as one script for all, and arrays as text."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

SHARED = Path(__file__).parent / "browser"
# What is only looked at takes 16 bits a value, of which one code says "no value".
LEVELS = 65_534
NO_VALUE = 65_535
PREFIX = "browser"
"""Under which the server gives the code of components out."""
_SHELL = """const PATH = %s;
const kept = ((globalThis.mixwright ??= {})[PATH] ??= { draw: null, waiting: new Map(), stops: new Map() });
const REFUSED = "This part of the page could not be loaded. Reload the page to try again.";

function load(times) {
  const entry = document.querySelector('script[type="module"][src*="static/js/"]');
  const address = new URL(`../../${PATH}`, entry ? entry.src : new URL("static/js/", document.baseURI));
  if (times) address.search = `again=${times}`;
  import(address.href).then(({ default: draw }) => {
    kept.draw = draw;
    for (const [place, props] of kept.waiting) kept.stops.set(place, draw(props));
    kept.waiting.clear();
  }, () => {
    if (times < 5) setTimeout(load, 500 * 2 ** times, times + 1);
    else for (const place of kept.waiting.keys()) place.querySelector("[data-shell]").textContent = REFUSED;
  });
}

export default function shell(props) {
  const { parentElement } = props;
  if (kept.draw) return kept.draw(props);
  kept.waiting.set(parentElement, props);
  if (!kept.isAsked) load(0);
  kept.isAsked = true;
  return () => {
    kept.waiting.delete(parentElement);
    kept.stops.get(parentElement)?.();
  };
}
"""
_CODE = """const STYLE = %s;
const HTML = %s;
%s
export default function drawInShell(props) {
  const place = props.parentElement.querySelector("[data-shell]");
  if (!place.firstElementChild) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    place.innerHTML = HTML;
    place.prepend(style);
  }
  return component(props);
}
"""


def bundle_scripts(sources: list[str]) -> str:
    """One JavaScript module made of several.

    A component takes a single script, and a script given as text has no address that an `import` could start from.
    So imports between the files go, exports other than the default one lose the keyword, and, as the script is sent,
    lines that are comments go as well as indentation.
    """
    text = re.sub(r"^import\s[^;]*;$", "", "\n".join(sources), flags=re.MULTILINE)
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*\*.*?\*/\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


class Parts(NamedTuple):
    """What a component is made of, as text."""

    html: str
    css: str
    js: str


def read_parts(folder: Path, name: str) -> Parts:
    """A component's HTML, its style after that of all components, and its scripts as one.

    Args:
        folder: of the component; its files for the browser stand in ``browser`` and are called by its name.
        name: of the component.
    """
    files = folder / "browser"
    css = [path.read_text(encoding="utf-8") for path in (SHARED / "shared.css", files / f"{name}.css")]
    scripts = [path.read_text(encoding="utf-8") for path in scripts_of(files / f"{name}.js")]
    return Parts((files / f"{name}.html").read_text(encoding="utf-8"), "\n".join(css), bundle_scripts(scripts))


def scripts_of(entry: Path) -> list[Path]:
    """A script and all that it imports, each after those that it needs."""
    found: dict[Path, None] = {}

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            raise ValueError(f"Scripts import one another in a circle: {' -> '.join(p.name for p in (*above, path))}.")
        for name in re.findall(r'^import\s[^;]*?"(\.[^"]+)";$', path.read_text("utf-8"), flags=re.MULTILINE):
            visit((path.parent / name).resolve(), (*above, path))
        found[path] = None  # a dictionary keeps the order, and the first place of a script

    visit(entry.resolve(), ())
    return list(found)


class Component:
    """A component in the browser: messages bring its data, the server gives its code out once, see `code_of`.

    Args:
        folder: where it lives, see `read_parts`; its script is a module with a default export, a named function.
    """

    def __init__(self, folder: Path) -> None:
        self.parts = read_parts(folder, folder.name)
        shell = shell_of(code_path(folder.name, code_of(self.parts)))
        # nothing else is in every message; the name stands for the component, not for a version of it
        self._mount: Callable[..., Any] = st.components.v2.component(
            f"mixwright_{folder.name}", html="<div data-shell></div>\n", js=shell
        )

    def draw(self, data: dict[str, Any], *, key: str, **heard: Callable[[Any], None]) -> None:
        """Draw the component.

        Args:
            data: the message, JSON only.
            key: the same in every rerun, or the component starts anew.
            **heard: by name of what the browser sends: called with it, which may be anything, before the page or the
                fragment runs again.
        """
        on_change = {f"on_{name}_change": partial(_hear, key, name, take) for name, take in heard.items()}
        self._mount(data=data, key=key, **on_change)


def last_sent(key: str, name: str) -> Any:
    """What a component's browser sent last under a name; None before, and where the page was left meanwhile."""
    view = st.session_state.get(key)
    return view.get(name) if view else None


def _hear(key: str, name: str, take: Callable[[Any], None]) -> None:
    if (sent := last_sent(key, name)) is not None:
        take(sent)


def code_of(parts: Parts) -> str:
    """A component as one module, whose default export draws a message in a shell.

    Raises:
        ValueError: its script exports no named function by default.
    """
    named = re.search(r"^export default function (\w+)", parts.js, flags=re.MULTILINE)
    if named is None:
        raise ValueError("The script of a component exports a named function by default; this one does not.")
    plain = re.sub(r"^export default ", "", parts.js, flags=re.MULTILINE)
    plain += f"\nconst component = {named.group(1)};"
    return _CODE % (json.dumps(parts.css), json.dumps(parts.html), plain)


def code_path(name: str, code: str) -> str:
    """Where the server gives the code of a component out: other code has another address, so browsers may keep it."""
    return f"{PREFIX}/{name}-{hashlib.sha256(code.encode()).hexdigest()[:16]}.js"


def shell_of(path: str) -> str:
    """The script that travels with every message: it asks for the code, keeps messages until that is there, then draws.

    The address is taken from that of Streamlit's own script, which is right behind any proxy and base path.
    """
    return _SHELL % json.dumps(path)


def as_base64(values: np.ndarray, kind: str = "<f4") -> str:
    """The bytes of an array, row by row, as numbers of this NumPy type."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")


def as_levels(rows: np.ndarray) -> dict[str, Any]:
    """Rows as 16-bit levels between the columns' smallest and largest values."""
    values = np.asarray(rows, dtype=np.float64)
    is_known = np.isfinite(values)
    low = np.where(is_known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(is_known, values, -np.inf).max(axis=0, initial=-np.inf)
    low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
    span = np.where(high > low, high - low, 1.0)
    levels = np.where(is_known, np.round((np.where(is_known, values, low) - low) / span * LEVELS), NO_VALUE)
    return {"low": low.tolist(), "high": high.tolist(), "levels": as_base64(levels, "<u2")}
