"""One self-contained HTML page: the live view with the whole run in it, the closing sentence and the results."""

import base64
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from services.catalog.settings import ROOT
from services.papers.lab_sheet.page import origin_line
from services.papers.lab_sheet.table import settings_of
from services.papers.markup import Markup, element, joined
from services.papers.run_export import RunExport
from services.problems.reference import reference_of
from services.results.names import titles
from services.results.verdict import outlook_of
from services.specs.results import ResultSet, RunResult
from services.texts.distance import distance_level
from services.texts.tables import closing_sentence, search_sentence
from ui.web.assets import bundle_scripts
from ui.web.live_view.component import PARTS, RunStatus, Scene, Sent, encode, next_block
from ui.web.live_view.row_block import RowBlock

CONFIG = ROOT / ".streamlit" / "config.toml"
_KEYS = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor")
_CAPITAL = re.compile("[A-Z]")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
HEIGHT = 540  # of the live view, in pixels
_NO_SCRIPT = "The picture of the search needs JavaScript; what it found is in the table below."
_VIEW = joined(element("div", id="view"), element("noscript", element("p", _NO_SCRIPT)))


def results_table(result: RunResult, shown: Sequence[int]) -> Markup:
    """The table of the results at some places: what to reckon with, distance from the records, settings with units."""
    (name, reference), names = reference_of(result), titles(result)
    rows = [_row(result, result.results, k, names[k]) for k in shown]
    if len(reference):
        rows.append(_row(result, reference, 0, f"Reference: {name}", kind="reference"))
    table = element("table", element("thead", element("tr", *_heads(result))), element("tbody", *rows))
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label="Table of results")


def _heads(result: RunResult) -> list[Markup]:
    heads = [("", ""), (f"{result.spec.told} {result.objective_short}", "")]
    if result.results.plausibility is not None:
        heads.append(("distance from records", ""))
    heads += [(one.feature.name, one.feature.unit) for one in settings_of(result, 0)] if len(result.results) else []
    return [element("th", name, element("small", unit) if unit else "", scope="col") for name, unit in heads]


def _row(result: RunResult, rows: ResultSet, k: int, name: str, kind: str | None = None) -> Markup:
    cells = [outlook_of(result, rows, k)]
    if result.results.plausibility is not None:
        value = math.nan if rows.plausibility is None else rows.plausibility[k]
        cells.append(distance_level(value) if math.isfinite(value) else "–")
    cells += [one.words for one in settings_of(result, k, rows)]
    return element("tr", element("th", name, scope="row"), *(element("td", cell) for cell in cells), class_=kind)


def theme_css() -> str:
    """The colours of the light theme, and those of the dark one for browsers that prefer it."""
    themes = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
    light, dark = (_variables(themes[name]) for name in ("light", "dark"))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _variables(theme: dict[str, Any]) -> str:
    """The variables that a component finds in the app: ``primaryColor`` is ``--st-primary-color``."""
    known = {key: str(theme[key]) for key in _KEYS if _COLOUR.fullmatch(str(theme.get(key, "")))}
    names = {key: "--st-" + _CAPITAL.sub(r"-\g<0>", key).lower() for key in known}
    return " ".join(f"{names[key]}: {value};" for key, value in known.items())


HERE = Path(__file__).parent


class Replay(NamedTuple):
    """What the live view shows.

    Attributes:
        scene: what stays the same while the run is watched.
        block: the whole run; a long one is told with less detail, so that the page stays below 2 MB.
        status: of the run, which has ended.
    """

    scene: Scene
    block: RowBlock
    status: RunStatus


def animation(run_export: RunExport, replay: Replay | None, why: str = "") -> str:
    """The page: it plays by itself, fetches nothing, and its policy forbids any script but its own.

    Args:
        run_export: the run.
        replay: of its search; None leaves it out.
        why: it is left out, in words for the reader.

    Raises:
        ValueError: a script of the live view cannot stand in a page.
    """
    result = run_export.result
    script = _script() if replay is not None else ""
    styles = theme_css() + _read(HERE / "animation.css"), PARTS.css
    note = f"Ended {run_export.time}. Results are predictions, not measurements. Made with Mixwright."
    main = element(
        "main",
        element("h1", run_export.title),
        element("p", search_sentence(result), class_="lead"),
        element("p", f"The search cannot be drawn any more: {why}") if replay is None else _VIEW,
        element("p", closing_sentence(result), class_="closing"),
        *([element("h2", "Results"), results_table(result, run_export.shown)] if run_export.shown else []),
        element("footer", element("p", note), element("p", origin_line(run_export))),
    )
    body = element("body", main, *(_view(replay, script, styles[1]) if replay is not None else []))
    return "<!DOCTYPE html>\n" + element("html", _head(run_export, script, styles), body, lang="en")


def _script() -> str:
    """The scripts of the live view and of its host as one."""
    script = bundle_scripts([PARTS.js, _read(HERE / "host.js")])
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("A script of the live view has '</script' or '<!--' in it, which would end it in a page.")
    return script


def _view(replay: Replay, script: str, style: str) -> list[Markup]:
    """The parts that the host puts into the place of the live view: elements, the whole run, the script."""
    block, _ = next_block(Sent(), replay.block, is_final=True)
    message = encode(replay.scene, block, replace(replay.status, is_new=True), height=HEIGHT)
    return [
        element("template", element("style", Markup(style)), Markup(PARTS.html), id="view-parts"),
        element("script", _data(message), type="application/json", id="run"),
        element("script", Markup(script), type="module"),
    ]


def _head(run_export: RunExport, script: str, styles: tuple[str, str]) -> Markup:
    allowed = f"script-src {_digest(script)}; style-src {' '.join(map(_digest, styles))}; img-src data:"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{run_export.title}, {run_export.date}"),
        element("style", Markup(styles[0])),
    )


def _data(message: dict[str, Any]) -> Markup:
    """A message as JSON in which nothing can end the element that it stands in."""
    text = json.dumps(message, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _digest(text: str) -> str:
    """What a policy calls an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
