"""The lab sheet: one HTML page that prints on A4, a sheet of paper for every chosen result."""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from optimizer import Goal
from optimizer.constraints.constraint import listed
from services.papers.lab_sheet.outcomes import LabOutcome, lab_outcomes
from services.papers.lab_sheet.table import (
    Bands,
    LabRow,
    Setting,
    batch_unit,
    batch_words,
    lab_rows,
    measuring_points,
    settings_of,
)
from services.papers.markup import Markup, element, joined
from services.papers.run_export import RunExport
from services.problems.reference import reference_of
from services.results.names import titles
from services.results.verdict import limit_words, outlook_header
from services.specs.digits import clipped, common_decimals, label, number_words
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.texts.models import error_words, quality_words
from services.texts.results import REMARKS, Tone, checks_of, disagreement, facts, nearest_sentence
from services.texts.tables import search_sentence, verdict_words

STYLE = Path(__file__).with_name("labsheet.css")
DENSE_ABOVE = 14  # settings: more of them stand closer
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {Tone.GOOD: "✓", Tone.DOUBTFUL: "?", Tone.BAD: "✗"}
_AIMS = {"maximum": "as much as possible", "minimum": "as little as possible"}
_REPEATS = 3  # rows to fill in where a result is measured at no curve's points
_DIGEST_LENGTH = 16

WIDTH, HEIGHT = 340.0, 210.0  # of the drawn curve
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 58.0, 12.0, 34.0
_LINE = 12.0  # between two labels at the ends of the curves
_MAX_LABEL = 11


class SheetOptions(NamedTuple):
    """What is on the sheets.

    Attributes:
        results: numbers of the results, from 0.
        litres: volume of the batch that amounts are given for, or None for none.
        decimal: mark of decimals that the reader knows from the table.
    """

    results: tuple[int, ...]
    litres: float | None = None
    decimal: str = "."


_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w.,]?\w)|(?<![\w.,])\d+\.\d+(?![\w.,]?\w)")
_SWAPPED = str.maketrans(",.", ".,")


def in_marks(text: str, decimal: str) -> str:
    """A text whose numbers have a decimal comma and points between thousands, where the reader is used to it."""
    return text if decimal == "." else _NUMBER.sub(lambda found: found[0].translate(_SWAPPED), text)


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
    models = _models(result)
    if len(models) > 1:
        origin["Model"] = "; ".join(f"{name}, {digest[:_DIGEST_LENGTH]}" for name, digest in models.items())
    elif card is not None:
        metrics = card.metrics
        rmse = f"RMSE {error_words(metrics.rmse, metrics.rmse_error, card.outcome.unit)}"
        origin["Model judged"] = f"R² {metrics.r2:.2f}, {rmse} on {metrics.n_test:,} rows held out"
        if metrics.is_cross_validated:
            origin["Model judged"] = f"{quality_words(card)}, {rmse}"
    origin["Specification"] = spec_digest(spec)[:_DIGEST_LENGTH]
    origin["Seed"] = str(spec.seed)
    origin["Software"] = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    return joined(*(joined(element("b", name), f" {value}") for name, value in origin.items()), by=" · ")


def _sheet(run_export: RunExport, options: SheetOptions, number: int) -> Markup:
    k, result = options.results[number - 1], run_export.result
    nearest = [nearest_sentence(result, result.results, k), disagreement(result.results, k)]

    def said(text: str) -> str:
        return in_marks(text, options.decimal)

    note = "Predictions, not measurements. Values are rounded to what can be dosed."
    of_all = f"Sheet {number} of {len(options.results)}"
    pages = element("p", element("span", note), element("span", of_all), class_="pages")
    return element(
        "section",
        _header(run_export),
        element("p", said(verdict_words(result, run_export.left_out)), class_="verdict"),
        element("h2", said(titles(result)[k])),
        _definitions(((fact.name, said(fact.value)) for fact in facts(result, result.results, k)), class_="facts"),
        *_outcomes(result, options, k),
        element("div", _settings(result, options, k), _curve_and_checks(run_export, options, k), class_="columns"),
        element("div", *(element("p", said(sentence)) for sentence in nearest if sentence), class_="nearest"),
        _to_fill_in(run_export, options, k),
        element("footer", element("p", origin_line(run_export)), pages),
        class_="sheet",
    )


def _models(result: RunResult) -> dict[str, str]:
    """The digests of the models of a run by their names."""
    models = (outcome.model for outcome in result.spec.outcomes)
    return {model.name: model.digest for model in models if model is not None}


def _header(run_export: RunExport) -> Markup:
    result = run_export.result
    goal = search_sentence(result).partition(" · ")[0].removeprefix("Searched for ")
    facts_of_run = [("Searched for", goal), ("Ended", run_export.time), ("Table", result.dataset_name)]
    facts_of_run += [("Model", ", ".join(_models(result))), ("Seed", str(result.spec.seed))]
    left = element("div", element("p", "Lab sheet", class_="kind"), element("h1", run_export.title))
    return element("header", left, _definitions(facts_of_run))


def _definitions(pairs: Iterable[tuple[str, str]], class_: str | None = None) -> Markup:
    items = (element("div", element("dt", name), element("dd", value)) for name, value in pairs)
    return element("dl", *items, class_=class_)


def _outcomes(result: RunResult, options: SheetOptions, k: int) -> list[Markup]:
    """All outcomes of a run with several: what is expected of each, and whether its limit is kept."""
    if result.results.others is None:
        return []
    rows = []
    for info, told in zip(result.outcomes, result.results.others, strict=True):
        ends = (told.lows[k], told.highs[k]) if told.lows is not None and told.highs is not None else (math.nan,) * 2
        words = _prediction(LabRow(None, told.values[k], *ends))
        aim = _AIMS.get(info.goal.value, "") if info.goal is not None else ""
        if info.goal is Goal.VALUE and info.value is not None:
            aim = f"{info.value:,.6g} {info.unit}".rstrip()
        limit = limit_words(info).removeprefix(f"{info.label} of ") if info.is_limited else ""
        cells = [
            element("th", f"{info.label} (calculated)" if info.formula else info.label, scope="row"),
            _amount(in_marks(words, options.decimal), info.unit),
            element("td", in_marks(aim, options.decimal)),
            element("td", _kept_words(in_marks(limit, options.decimal), told.keeps[k] if told.keeps else None)),
        ]
        rows.append(element("tr", *cells))
    level = f"{50 + 50 * result.spec.level:g} %"
    heads = ["Outcome", "Expected", "Searched for", "Limit"]
    note = f"Of three numbers the first and the last hold in {level} of such cases each."
    return [element("div", _table("outcomes", heads, rows), element("p", note, class_="note"), class_="all-outcomes")]


def _kept_words(limit: str, is_kept: bool | None) -> str:
    if not limit or is_kept is None:
        return limit
    tone = Tone.GOOD if is_kept else Tone.BAD
    return f"{_MARKS[tone]} {limit}{REMARKS[tone]}"


def _settings(result: RunResult, options: SheetOptions, k: int) -> Markup:
    unit, litres, decimal = batch_unit(result), options.litres, options.decimal
    is_batch = litres is not None and bool(unit)
    heads = ["Setting", "Value", *([f"For {litres:g} L"] if is_batch else []), "As dosed"]
    rows = []
    for setting in settings_of(result, k):
        cells = [
            element("th", setting.feature.name, scope="row"),
            _amount(_value(setting, decimal), setting.feature.unit),
        ]
        if is_batch:
            words = batch_words(result, setting, litres or 0.0)
            cells.append(_amount(in_marks(words, decimal), unit if words else ""))
        rows.append(element("tr", *cells, element("td", class_="empty")))
    has_units = any(feature.unit for feature in result.features)
    table = _table("settings units" if has_units else "settings", heads, rows)
    return element("div", element("h3", "Settings"), table, class_="dense" if len(rows) > DENSE_ABOVE else None)


def _value(setting: Setting, decimal: str) -> str:
    """A number as it is read; the name of a category as it is."""
    return setting.words if setting.feature.categories else in_marks(setting.words, decimal)


def _amount(words: str, unit: str) -> Markup:
    return element("td", words, element("span", f" {unit}", class_="unit"), class_="number")


def _curve_and_checks(run_export: RunExport, options: SheetOptions, k: int) -> Markup:
    result, bands = run_export.result, run_export.bands
    name, reference = reference_of(result)
    picture = curve_svg(result, k, bands, reference.curves[0] if reference.curves else None, name, options.decimal)
    parts = []
    if picture is not None:
        level = f"{100 * result.spec.level:g} %"
        is_sure = bands is not None and np.isfinite(bands.low[k] + bands.high[k]).any()
        band = f"; in the band lies the true value in {level} of such cases" if is_sure else ""
        what = label(result.outcome_name, result.outcome_unit)
        caption = f"Predicted {what}{band}. Black: {name}, the reference. Dots: to measure."
        parts.append(element("figure", picture, element("figcaption", caption)))
    if checks := _checks(result, k, options.decimal):
        parts += [element("h3", "Checked"), element("ul", *checks, class_="checks")]
    return element("div", *parts) if parts else Markup("")


def curve_svg(
    result: RunResult,
    k: int,
    bands: Bands | None,
    given: Sequence[float] | None,
    reference_name: str,
    decimal: str = ".",
) -> Markup | None:
    """The curve of result ``k`` (from 0) with its interval, the reference and the points to measure, as an SVG.

    It scales with its place, and says the same in words for those who cannot see it. None where there is no curve, ""
    where nothing of it is finite.
    """
    if result.sweep is None or result.results.curves is None:
        return None
    grid, curve = np.array(result.sweep.grid), np.array(result.results.curves[k])
    low, high = (bands.low[k], bands.high[k]) if bands is not None else np.full((2, len(grid)), np.nan)
    reference = None if given is None else np.array(given, dtype=float)
    values = np.concatenate([curve, low, high, [] if reference is None else reference])
    values = values[np.isfinite(values)]
    if not len(values):
        return Markup("")
    x_label, y_label = label(result.sweep.feature, result.sweep.unit), label(result.outcome_name, result.outcome_unit)
    x = _Scale.of(grid[0], grid[-1], _LEFT, WIDTH - _RIGHT, is_tight=True)
    y = _Scale.of(values.min(), values.max(), HEIGHT - _BOTTOM, _TOP)

    def rule(x1: float, x2: float, y1: float, y2: float, kind: str) -> Markup:
        return element("line", x1=_n(x1), x2=_n(x2), y1=_n(y1), y2=_n(y2), class_=kind)

    def written(words: str, across: float, up: float, kind: str, **how: str) -> Markup:
        return element("text", words, x=_n(across), y=_n(up), **how, class_=kind)

    def line(across: np.ndarray, up: np.ndarray, kind: str, shape: str = "polyline") -> Markup:
        points = zip(x.at(across), y.at(up), np.isfinite(up), strict=True)
        return element(shape, points=" ".join(f"{_n(a)},{_n(b)}" for a, b, is_known in points if is_known), class_=kind)

    drawn = []
    for tick in y.ticks:
        drawn.append(rule(x.start, x.end, y.at(tick), y.at(tick), "grid"))
        drawn.append(written(in_marks(y.words(tick), decimal), x.start - 5, y.at(tick), "y", dy="0.32em"))
    drawn.append(rule(x.start, x.end, y.start, y.start, "axis"))
    for tick in x.ticks:
        drawn.append(rule(x.at(tick), x.at(tick), y.start, y.start + 4, "axis"))
        drawn.append(written(in_marks(x.words(tick), decimal), x.at(tick), y.start + 14, "x"))
    drawn.append(written(x_label, (x.start + x.end) / 2, HEIGHT - 4, "x title"))
    middle = (y.start + y.end) / 2
    drawn.append(written(y_label, 10, middle, "x title", transform=f"rotate(-90 10 {_n(middle)})"))
    if np.isfinite(low + high).any():  # there along the upper ends, and back along the lower ones
        low, high = low + 0 * high, high + 0 * low  # NaN where either is
        drawn.append(line(np.append(grid, grid[::-1]), np.append(high, low[::-1]), "band", "polygon"))
    ends = [(y.at(curve[-1]), f"Result {k + 1}", "name")]
    if reference is not None:
        drawn.append(line(grid, reference, "reference"))
        if math.isfinite(reference[-1]):
            ends.append((y.at(reference[-1]), reference_name, "name of-reference"))
    drawn.append(line(grid, curve, "curve"))
    marked = [at for at in measuring_points(result, bands) if grid[0] <= at <= grid[-1]]
    for a, b in zip(marked, np.interp(marked, grid, curve), strict=True):
        drawn.append(element("circle", cx=_n(x.at(a)), cy=_n(y.at(b)), r=3, class_="point"))
    for place, name, kind in _apart(ends):
        drawn.append(written(clipped(name, _MAX_LABEL), WIDTH - _RIGHT + 5, place, kind, dy="0.32em"))
    decimals = common_decimals(curve.tolist())
    first, last = (number_words(float(value), decimals) for value in curve[[0, -1]])
    words = f"{y_label} over {x_label}: Result {k + 1} goes from {first} at {grid[0]:g} to {last} at {grid[-1]:g}."
    return element("svg", *drawn, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=words)


def _apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """The names of one or two curves at their ends, moved apart where they would lie on each other."""
    ends.sort()
    if len(ends) == 2 and ends[1][0] - ends[0][0] < _LINE:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle + way * _LINE / 2, *end[1:]) for way, end in zip((-1, 1), ends, strict=True)]
    return ends


class _Scale(NamedTuple):
    """From values to places."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, low: float, high: float, start: float, end: float, *, is_tight: bool = False) -> "_Scale":
        """The scale of values from low to high, with round numbers on it."""
        if not low < high:
            low, high = low - 1, high + 1
        power = 10.0 ** math.floor(math.log10((high - low) / 5))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= (high - low) / 5 * 0.999)
        if not is_tight:
            low, high = math.floor(low / step) * step, math.ceil(high / step) * step
        first = math.ceil(low / step - 1e-9)
        n = math.floor(high / step + 1e-9) - first + 1
        return cls(low, high, start, end, tuple((first + i) * step for i in range(n)))

    def at(self, value: Any) -> Any:
        """The place of a value, or of values."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def words(self, value: float) -> str:
        """A tick as it is read."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else abs(value) or 1.0
        return number_words(value, max(0, -math.floor(math.log10(step) + 1e-9)))


def _n(value: float) -> str:
    return f"{value:.1f}"


def _checks(result: RunResult, k: int, decimal: str) -> list[Markup]:
    """Everything that a result was checked for, an item each."""
    return [
        element("li", element("b", _MARKS[tone]), in_marks(words, decimal) + REMARKS[tone], class_=tone)
        for words, tone in checks_of(result, result.results, k)
    ]


def _to_fill_in(run_export: RunExport, options: SheetOptions, k: int) -> Markup:
    """The table to fill in: where to measure, what is predicted there, and empty columns."""
    result, outcomes = run_export.result, lab_outcomes(run_export.result)
    told = [lab_rows(result, k, run_export.bands, outcome) for outcome in outcomes]
    points = [row.at for row in told[0]]
    units = {feature.name: feature.unit for feature in result.features}
    is_curve, swept = None not in points, result.spec.swept or ""
    heads = [label(swept, units[swept]) if is_curve else "Sample"]
    for outcome, rows in zip(outcomes, told, strict=True):
        heads += _heads(result, outcome, rows, is_alone=len(outcomes) == 1)
    heads += ["Date", "Initials", "Remarks"]
    body = []
    for number, j in enumerate(range(len(points)) if is_curve else [0] * _REPEATS, start=1):
        at = points[j]
        name = in_marks(f"{at:,.6g}", options.decimal) if at is not None else str(number)
        cells = [element("th", name, scope="row")]
        for rows in told:
            words = in_marks(_prediction(rows[j]), options.decimal)
            cells += [element("td", words, class_="number"), element("td", class_="empty")]
        body.append(element("tr", *cells, *[element("td", class_="empty")] * 3))
    title = element("h3", f"Measured {listed([outcome.name for outcome in outcomes])}")
    kind = "measured" if len(outcomes) == 1 else "measured several"
    return element("div", title, _table(kind, heads, body), class_="fill")


def _heads(result: RunResult, outcome: LabOutcome, rows: Sequence[LabRow], *, is_alone: bool) -> list[str]:
    """The headers of what is predicted and measured of an outcome, with its name where it is not the only one."""
    goal = result.goal if outcome.place is None else result.outcomes[outcome.place].goal or Goal.VALUE
    header = outlook_header(goal) if any(_has_ends(row) for row in rows) else "expect"
    if is_alone:
        return [label(header[:1].upper() + header[1:], outcome.unit), label("Measured", outcome.unit)]
    return [label(f"{outcome.name}: {header}", outcome.unit), label(f"{outcome.name}: measured", outcome.unit)]


def _has_ends(row: LabRow) -> bool:
    return math.isfinite(row.low) and math.isfinite(row.high)


def _prediction(row: LabRow) -> str:
    """The numbers that `outlook_header` names, such as "48.8 – 78.7 – 108.6"; without ends what to expect alone."""
    decimals = common_decimals([row.predicted])
    value, low, high = (number_words(number, decimals) for number in (row.predicted, row.low, row.high))
    return f"{low} – {value} – {high}" if _has_ends(row) else value


def _table(kind: str, heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in heads)))
    return element("table", head, element("tbody", *rows), class_=kind)
