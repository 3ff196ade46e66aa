"""The lab sheet: one HTML page that prints on A4, a sheet of paper for every chosen result."""

import hashlib
import math
from collections.abc import Iterable, Sequence
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
from services.texts.result_summary import Verdict, result_summaries
from services.texts.results import checks_of_constraints, disagreement, facts, nearest_sentence
from services.texts.tables import search_sentence

STYLE = Path(__file__).with_name("labsheet.css")
DENSE_ABOVE = 14  # settings: more of them stand closer
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {Verdict.GOOD: ("✓", ""), Verdict.DOUBTFUL: ("?", " (doubtful)"), Verdict.BAD: ("✗", " (not good)")}
_REPEATS = 3  # rows to fill in where a result is measured at no curve's points
_DIGEST_LENGTH = 16


class SheetOptions(NamedTuple):
    """What is on the sheets.

    Attributes:
        results: numbers of the results, from 0.
        litres: volume of the batch that amounts are given for, or None for none.
    """

    results: tuple[int, ...]
    litres: float | None = None


def lab_sheet(run_export: RunExport, options: SheetOptions) -> str:
    """The lab sheet as one HTML page without scripts: nothing is fetched, and all texts are escaped."""
    sheets = [_sheet(run_export, options, number) for number in range(1, len(options.results) + 1)]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Lab sheet: {run_export.title}, {run_export.date}"),
        element("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    return "<!DOCTYPE html>\n" + element("html", head, element("body", *sheets), lang="en")


def spec_digest(spec: RunSpec) -> str:
    """The SHA-256 of a specification, as hexadecimal text: the same for the same run."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()


def origin_line(run_export: RunExport) -> Markup:
    """Where results come from, as one line: run, table, model, digests, seed and versions."""
    result, spec, card = run_export.result, run_export.result.spec, run_export.card
    origin = {"Run": run_export.run_id} if run_export.run_id else {}
    origin["Table"] = f"{result.dataset_name}, {result.n_recorded:,} rows, {spec.dataset.digest[:_DIGEST_LENGTH]}"
    origin["Model"] = ", ".join(filter(None, [spec.model.name, spec.model.digest[:_DIGEST_LENGTH]]))
    if card is not None:
        metrics = card.metrics
        rmse = f"RMSE {metrics.rmse:.3g} {card.outcome.unit}".rstrip()
        origin["Model judged"] = f"R² {metrics.r2:.2f}, {rmse} on {metrics.n_test:,} rows held out"
    origin["Specification"] = spec_digest(spec)[:_DIGEST_LENGTH]
    origin["Seed"] = str(spec.seed)
    origin["Software"] = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    return joined(*(joined(element("b", name), f" {value}") for name, value in origin.items()), by=" · ")


def _sheet(run_export: RunExport, options: SheetOptions, number: int) -> Markup:
    k, result = options.results[number - 1], run_export.result
    return element(
        "section",
        _header(run_export),
        element("h2", titles(result)[k]),
        _facts(result, k),
        element("div", _settings(result, options.litres, k), _curve_and_checks(run_export, k), class_="columns"),
        _nearest(result, k),
        _to_fill_in(run_export, k),
        _footer(run_export, number, len(options.results)),
        class_="sheet",
    )


def _header(run_export: RunExport) -> Markup:
    result = run_export.result
    goal = search_sentence(result).partition(" · ")[0].removeprefix("Searched for ")
    facts_of_run = [("Searched for", goal), ("Ended", run_export.time), ("Table", result.dataset_name)]
    facts_of_run += [("Model", result.spec.model.name), ("Seed", str(result.spec.seed))]
    left = element("div", element("p", "Lab sheet", class_="kind"), element("h1", run_export.title))
    return element("header", left, _definitions(facts_of_run))


def _facts(result: RunResult, k: int) -> Markup:
    """What is predicted of a result; what it was checked for stands among the checks."""
    return _definitions(((fact.name, fact.value) for fact in facts(result, result.results, k)), class_="facts")


def _definitions(pairs: Iterable[tuple[str, str]], class_: str | None = None) -> Markup:
    items = (element("div", element("dt", name), element("dd", value)) for name, value in pairs)
    return element("dl", *items, class_=class_)


def _settings(result: RunResult, litres: float | None, k: int) -> Markup:
    unit = batch_unit(result)
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
    return element("div", element("h3", "Settings"), table, class_="dense" if len(rows) > DENSE_ABOVE else None)


def _amount(words: str, unit: str) -> Markup:
    return element("td", words, element("span", f" {unit}", class_="unit"), class_="number")


def _curve_and_checks(run_export: RunExport, k: int) -> Markup:
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
    if checks := _checks(result, k):
        parts += [element("h3", "Checked"), element("ul", *checks, class_="checks")]
    return element("div", *parts) if parts else Markup("")


def _checks(result: RunResult, k: int) -> list[Markup]:
    """Everything that a result was checked for: density and its like, then every rule and step."""
    checks = []
    for one in result_summaries(result, result.results, k):
        if one.name != "Rules":  # each of them follows
            # The numbers of the density stand nowhere else on the sheet.
            words = f"{one.line}: {one.meaning.rstrip('.')}" if one.name == "Density" else one.line
            checks.append((words, one.verdict))
    constraints = checks_of_constraints(result, result.results, k)
    checks += [(words, Verdict.GOOD if is_met else Verdict.BAD) for words, is_met in constraints]
    items = [(*_MARKS[verdict], words, verdict) for words, verdict in checks]
    return [element("li", element("b", mark), words + remark, class_=verdict) for mark, remark, words, verdict in items]


def _nearest(result: RunResult, k: int) -> Markup:
    """The nearest recorded row, and a warning where two checks disagree."""
    sentences = [nearest_sentence(result, result.results, k), disagreement(result.results, k)]
    return element("div", *(element("p", sentence) for sentence in sentences if sentence), class_="nearest")


def _to_fill_in(run_export: RunExport, k: int) -> Markup:
    """The table to fill in: where to measure, what is predicted there, and empty columns."""
    result = run_export.result
    rows = lab_rows(result, k, run_export.bands)
    sweep = result.sweep if result.spec.curve is not None else None
    first = label(sweep.feature, sweep.unit) if sweep is not None else "Sample"
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    heads = [first, f"Predicted{unit}", f"Measured{unit}", "Date", "Initials", "Remarks"]
    repeated = rows if sweep is not None else rows * _REPEATS
    empty = [element("td", class_="empty")] * 4
    body = []
    for number, row in enumerate(repeated, start=1):
        name = element("th", f"{row.at:,.6g}" if row.at is not None else str(number), scope="row")
        body.append(element("tr", name, element("td", _prediction(row), class_="number"), *empty))
    title = element("h3", f"Measured {result.outcome_name}")
    return element("div", title, _table("measured", heads, body), class_="fill")


def _prediction(row: LabRow) -> str:
    """A predicted outcome with its interval, such as "78.7 (48.8 to 108.6)", or alone where that is unknown."""
    decimals = common_decimals([row.predicted])
    value, low, high = (number_words(number, decimals) for number in (row.predicted, row.low, row.high))
    return f"{value} ({low} to {high})" if math.isfinite(row.low) and math.isfinite(row.high) else value


def _footer(run_export: RunExport, number: int, n: int) -> Markup:
    note = "Predictions, not measurements. Values are rounded to what can be dosed."
    pages = element("p", element("span", note), element("span", f"Sheet {number} of {n}"), class_="pages")
    return element("footer", element("p", origin_line(run_export)), pages)


def _table(kind: str, heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in heads)))
    return element("table", head, element("tbody", *rows), class_=kind)
