"""The lab sheet: one HTML page that prints on A4, a sheet of paper for every chosen result."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from services.papers.lab_sheet.drawing import curve_picture, curve_svg
from services.papers.lab_sheet.table import LabRow, batch_unit, batch_words, lab_rows, settings_of
from services.papers.markup import Markup, element, joined
from services.papers.run_export import RunExport
from services.problems.reference import reference_of
from services.results.names import titles
from services.specs.digits import common_decimals, label, number_words
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.texts.result_summary import ResultSummary, Verdict, result_summaries
from services.texts.results import checks_of_constraints, disagreement, facts, nearest_sentence
from services.texts.tables import search_sentence

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
N_AIRY = 14  # settings: more of them stand closer
_MARKS = {Verdict.GOOD: ("✓", ""), Verdict.DOUBTFUL: ("?", " (doubtful)"), Verdict.BAD: ("✗", " (not good)")}
_REPEATS = 3  # rows to fill in where a result is measured at no curve's points
DIGEST_LENGTH = 16


class Said(NamedTuple):
    """One thing that is said: what, and how it reads."""

    name: str
    value: str


class Check(NamedTuple):
    """Something that was checked: in words, and what was found."""

    words: str
    verdict: Verdict


def spec_digest(spec: RunSpec) -> str:
    """Return the SHA-256 of a specification, as hexadecimal text: the same for the same run."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()


def goal_words(result: RunResult) -> str:
    """Return what was searched for, without what else counted."""
    return search_sentence(result).partition(" · ")[0].removeprefix("Searched for ")


def predicted_facts(result: RunResult, k: int) -> list[Said]:
    """Return what is predicted of result ``k`` (from 0); what it was checked for is among `checks`."""
    checked = {one.name for one in result_summaries(result, result.results, k)}
    known = facts(result, result.results, k)
    return [Said(fact.name, fact.value) for fact in known if fact.name not in checked]


def checks(result: RunResult, k: int) -> list[Check]:
    """Return everything that result ``k`` (from 0) was checked for: density and its like, then every rule and step."""
    looked = [one for one in result_summaries(result, result.results, k) if one.name != "Rules"]
    found = [Check(_in_full(one), one.verdict) for one in looked]
    constraints = checks_of_constraints(result, result.results, k)
    return found + [Check(words, Verdict.GOOD if is_met else Verdict.BAD) for words, is_met in constraints]


def _in_full(result_summary: ResultSummary) -> str:
    """Return a glance with its numbers where they are said nowhere else on the sheet."""
    return (
        f"{result_summary.line}: {result_summary.meaning.rstrip('.')}"
        if result_summary.name == "Density"
        else result_summary.line
    )


def prediction_words(value: float, low: float, high: float) -> str:
    """Return a predicted outcome with its interval, such as "78.7 (48.8 to 108.6)", or alone where that is unknown."""
    decimals = common_decimals([value])
    words = number_words(value, decimals)
    if not (math.isfinite(low) and math.isfinite(high)):
        return words
    return f"{words} ({number_words(low, decimals)} to {number_words(high, decimals)})"


def origin(run_export: RunExport) -> list[Said]:
    """Return where the results come from: table, model, seed, versions and digests, the short ones first."""
    result, card = run_export.result, run_export.card
    spec = result.spec
    said = [
        Said("Table", f"{result.dataset_name}, {result.n_recorded:,} rows, {_short(spec.dataset.digest)}"),
        Said("Model", f"{spec.model.name}{', ' + _short(spec.model.digest) if spec.model.digest else ''}"),
        Said("Specification", _short(spec_digest(spec))),
        Said("Seed", str(spec.seed)),
        Said("Software", ", ".join(f"{name} {version}" for name, version in result.versions.items())),
    ]
    if card is not None:
        metrics, unit = card.metrics, card.outcome.unit
        judged = (
            f"R² {metrics.r2:.2f}, RMSE {metrics.rmse:.3g} {unit}".rstrip() + f" on {metrics.n_test:,} rows held out"
        )
        said.insert(2, Said("Model judged", judged))
    if run_export.run_id:
        said.insert(0, Said("Run", run_export.run_id))
    return said


def _short(digest: str) -> str:
    return digest[:DIGEST_LENGTH]


STYLE = Path(__file__).with_name("labsheet.css")


class Chosen(NamedTuple):
    """What is on the sheets.

    Attributes:
        results: numbers of the results, from 0.
        litres: volume of the batch that amounts are given for, or None for none.
    """

    results: tuple[int, ...]
    litres: float | None = None


def lab_sheet(run_export: RunExport, chosen: Chosen) -> str:
    """Return the lab sheet as one HTML page without scripts: nothing is fetched, and all texts are escaped."""
    sheets = [_sheet(run_export, chosen, number) for number in range(1, len(chosen.results) + 1)]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Lab sheet: {run_export.title}, {run_export.date}"),
        element("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    return "<!DOCTYPE html>\n" + element("html", head, element("body", *sheets), lang="en")


def _sheet(run_export: RunExport, chosen: Chosen, number: int) -> Markup:
    """Return one sheet: the number says which of them."""
    k = chosen.results[number - 1]
    return element(
        "section",
        _header(run_export),
        element("h2", titles(run_export.result)[k]),
        _facts(run_export, k),
        element("div", _settings(run_export, chosen.litres, k), _beside(run_export, k), class_="columns"),
        _believed(run_export, k),
        _measured(run_export, k),
        _footer(run_export, number, len(chosen.results)),
        class_="sheet",
    )


def _header(run_export: RunExport) -> Markup:
    result = run_export.result
    left = element("div", element("p", "Lab sheet", class_="kind"), element("h1", run_export.title))
    said = [("Searched for", goal_words(result)), ("Ended", run_export.time), ("Table", result.dataset_name)]
    said += [("Model", result.spec.model.name), ("Seed", str(result.spec.seed))]
    right = element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in said))
    return element("header", left, right)


def _facts(run_export: RunExport, k: int) -> Markup:
    said = predicted_facts(run_export.result, k)
    return element("dl", *(element("div", element("dt", s.name), element("dd", s.value)) for s in said), class_="facts")


def _settings(run_export: RunExport, litres: float | None, k: int) -> Markup:
    """Return the table of what to dose, with a column for what was dosed."""
    result, unit = run_export.result, batch_unit(run_export.result)
    is_batch = litres is not None and bool(unit)
    heads = ["Setting", "Value", *([f"For {litres:g} L"] if is_batch else []), "As dosed"]
    rows = []
    for setting in settings_of(result, k):
        cells = [element("th", setting.feature.name, scope="row"), _amount(setting.words, setting.feature.unit)]
        if is_batch:
            words = batch_words(result, setting, litres or 0.0)
            cells.append(_amount(words, unit if words else ""))
        rows.append(element("tr", *cells, element("td", class_="empty")))
    has_units = any(feature.unit for feature in result.features)
    table = _table("settings units" if has_units else "settings", heads, rows)
    return element("div", element("h3", "Settings"), table, class_="dense" if len(rows) > N_AIRY else None)


def _amount(words: str, unit: str) -> Markup:
    """Return a cell with a number, or the name of a category, and its unit."""
    return element("td", words, element("span", f" {unit}", class_="unit"), class_="number")


def _beside(run_export: RunExport, k: int) -> Markup:
    """Return what stands beside the settings: the curve and what was checked."""
    result = run_export.result
    name, reference = reference_of(result)
    curve = reference.curves[0] if reference.curves else None
    picture = curve_picture(result, k, run_export.bands, curve, name)
    parts = []
    if picture is not None:
        level = f"{100 * result.spec.level:g} %"
        band = f"; in the band lies the true value in {level} of such cases" if picture.is_sure else ""
        caption = f"Predicted {picture.y_label}{band}. Black: {name}, the reference. Dots: to measure."
        parts.append(element("figure", curve_svg(picture), element("figcaption", caption)))
    checked = checks(result, k)
    if checked:
        parts += [element("h3", "Checked"), element("ul", *map(_check, checked), class_="checks")]
    return element("div", *parts) if parts else Markup("")


def _check(check: Check) -> Markup:
    mark, said = _MARKS[check.verdict]
    return element("li", element("b", mark), f"{check.words}{said}", class_=check.verdict)


def _believed(run_export: RunExport, k: int) -> Markup:
    """Return the nearest recorded row, and a warning where two checks disagree."""
    rows = run_export.result.results
    said = [nearest_sentence(run_export.result, rows, k), disagreement(rows, k)]
    return element("div", *(element("p", words) for words in said if words), class_="believed")


def _measured(run_export: RunExport, k: int) -> Markup:
    """Return the table to fill in: where to measure, what is predicted there, and empty columns."""
    result = run_export.result
    rows = lab_rows(result, k, run_export.bands)
    sweep = result.sweep if result.spec.curve is not None else None
    first = label(sweep.feature, sweep.unit) if sweep is not None else "Sample"
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    heads = [first, f"Predicted{unit}", f"Measured{unit}", "Date", "Initials", "Remarks"]
    repeated = rows if sweep is not None else rows * _REPEATS
    body = [_to_measure(row, number) for number, row in enumerate(repeated, start=1)]
    title = element("h3", f"Measured {result.outcome_name}")
    return element("div", title, _table("measured", heads, body), class_="fill")


def _to_measure(row: LabRow, number: int) -> Markup:
    first = f"{row.at:,.6g}" if row.at is not None else str(number)
    words = prediction_words(row.predicted, row.low, row.high)
    empty = [element("td", class_="empty") for _ in range(4)]
    return element("tr", element("th", first, scope="row"), element("td", words, class_="number"), *empty)


def _footer(run_export: RunExport, number: int, n: int) -> Markup:
    said = [joined(element("b", one.name), f" {one.value}") for one in origin(run_export)]
    left = element("p", joined(*said, by=" · "))
    note = "Predictions, not measurements. Values are rounded to what can be dosed."
    return element(
        "footer", left, element("p", element("span", note), element("span", f"Sheet {number} of {n}"), class_="pages")
    )


def _table(kind: str, heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in heads)))
    return element("table", head, element("tbody", *rows), class_=kind)
