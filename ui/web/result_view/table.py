"""The table of a result: the reference, results, and what they have to beat: what to expect, settings, a light."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer import Goal
from services.papers.lab_sheet.table import stored_prediction
from services.papers.measured.measurements import Measurement, swept_feature
from services.problems.reference import reference_of
from services.results.baselines import best_where
from services.results.names import result_names
from services.results.verdict import best_measured, outlook_header, outlook_of
from services.specs.digits import MATERIAL_DEVIATIONS, common_decimals, number_words, step_decimals
from services.specs.results import FeatureInfo, MeasuredThere, OutcomeInfo, ResultSet, RunResult
from services.specs.wanted import bound_words, goal_words
from services.texts.outcomes import KNEE, ordered_outcomes, outcome_decimals, row_words
from services.texts.results import Light, light_of, objective_decimals
from services.texts.tables import RANDOM

FULL_TINT = 2.0  # recorded standard deviations from the reference: from here on the tint is full
_LIGHT_HELP = "How far to trust a row, by the worst of its checks. The card says more of the chosen one."


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One candidate or recorded row.

    Attributes:
        kind: "reference", "result", "recorded" or "random".
        number: of a result, from 1; 0 of all others.
        title: what sets it apart, or "".
        rows: the set that it is of.
        index: in that set.
    """

    kind: str
    number: int
    name: str
    title: str
    rows: ResultSet
    index: int

    @property
    def settings(self) -> tuple[float, ...]:
        """Its d settings; categories as codes."""
        return self.rows.X[self.index]

    @property
    def outcome(self) -> float:
        """Its predicted objective."""
        return self.rows.outcomes[self.index]

    def value(self, field: str) -> float | None:
        """What a field of its set says of it, or None where the set does not know."""
        values = getattr(self.rows, field)
        return None if values is None else values[self.index]


def rows_of(result: RunResult, left_out: Collection[int] = ()) -> tuple[Row, ...]:
    """The rows in the order in which the table shows them: reference, results, best recorded, best of random.

    Args:
        left_out: places of results that are not shown.
    """
    names, titles, best = result_names(len(result.results)), result.results.names or (), result.best_recorded
    reference, own = reference_of(result)
    title = f"best recorded{best_where(result)}" if result.reference is None else ""
    if result.front is not None and title and result.outcomes:
        title = f"best recorded in {next(each.label for each in result.outcomes if each.goal is not None)}"
    rows = [Row("reference", 0, reference, title, own, k) for k in range(len(own))]
    rows += [
        Row("result", k + 1, name, _title(result, k, titles[k] if k < len(titles) else ""), result.results, k)
        for k, name in enumerate(names)
        if k not in left_out
    ]
    numbers = best.rows or range(1, len(best) + 1)
    recorded = [Row("recorded", 0, f"Row {number}", "", best, k) for k, number in enumerate(numbers)]
    rows += recorded[1:] if result.reference is None else [row for row in recorded if row.name != reference]
    random = result.baseline_random
    rows += [Row("random", 0, RANDOM, "", random, k) for k in range(len(random))] if random else []
    return tuple(rows)


def _title(result: RunResult, k: int, title: str) -> str:
    """What sets a result apart, after what it is on a front."""
    front = result.front
    if front is None:
        return title
    like = front.like[k] if k < len(front.like) else None
    first = KNEE if front.knee == k else "" if like is None else f"outcomes of {like + 1}"
    return ", ".join(filter(None, [first, title]))


def settings_of(rows: tuple[Row, ...]) -> np.ndarray:
    """(n, d) settings of rows; (0, 0) without any."""
    return np.array([row.settings for row in rows], dtype=float).reshape(len(rows), -1 if rows else 0)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Attributes:
        help: what it means, in a sentence or two.
        kind: what its cells are: "objective", "outcome", "setting" or "light".
        is_quiet: a frozen feature, which is the same everywhere.
        numbers: what its cells have, where that is more than one number.
        goal: what is searched for in an outcome of several, or "".
        target: the value that is searched for in it, or None.
        limits: of an outcome of several, on the scale of its cells, from 0 to 1.
    """

    name: str
    unit: str = ""
    help: str = ""
    kind: str = "setting"
    is_quiet: bool = False
    numbers: str = ""
    goal: str = ""
    target: float | None = None
    limits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """What to reckon with of one row, to be drawn on the scale that all rows share.

    Attributes:
        texts: low, expected and high as they are read; the ends are "" where nobody knows them.
        places: the same on the scale, from 0 to 1; None where nobody knows them.
        words: the same in a sentence.
    """

    texts: tuple[str, str, str]
    places: tuple[float | None, float | None, float | None]
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: as it is read.
        value: to sort by; None is last.
        small: what follows in small letters.
        tint: 0 to 1, how far it is from the reference.
        note: the difference from the reference in words, such as "+38 kg/m³", or what else there is to say, or "".
        span: of an outcome of several, what to reckon with.
        is_broken: whether it breaks a limit.
    """

    text: str
    value: float | str | None = None
    small: str = ""
    tint: float = 0.0
    note: str = ""
    span: Span | None = None
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class TableInfo:
    """The table.

    Attributes:
        columns: after that of the names, from left to right.
        rows: the reference, results, best recorded rows, the best of random candidates.
        cells: of each row, one per column.
        spans: of each row, for the column of the objective.
        best: where the best that was measured lies on their scale, from 0 to 1, or None; None of several outcomes.
        lights: of each row; None where a row needs none, because it was measured, or had no check.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: tuple[tuple[Cell, ...], ...]
    spans: tuple[Span, ...]
    best: float | None
    lights: tuple[Light | None, ...]


def table_info(result: RunResult, left_out: Collection[int] = (), kept: Sequence[Measurement] = ()) -> TableInfo:
    """The table of a result; columns that nothing is known for are left out.

    Args:
        left_out: places of results that are not shown.
        kept: what the laboratory measured of results.
    """
    rows = rows_of(result, left_out)
    lights = tuple(light_of(result, row.rows, row.index) if row.kind in ("result", "random") else None for row in rows)
    if result.outcomes:
        known = [outcome_column(result, rows, j) for j in ordered_outcomes(result)]
        known += [_measured(result, rows, kept)] if kept else []
    else:
        known = [_objective(result, rows), _measured(result, rows, kept)]
    known += [_setting(result, rows, j) for j in shown_features(result)]
    shown = [(column, cells) for column, cells in known if any(cell.text != "–" for cell in cells)]
    if any(lights):
        order = ["good", "doubtful", "bad"]
        cells = [Cell(one.words, order.index(one.tone)) if one else Cell("") for one in lights]
        shown.append((Column("Trust", help=_LIGHT_HELP, kind="light"), cells))
    spans, best = _spans(result, rows)
    if result.outcomes:
        spans, best = tuple(_said_of_all(result, row, span) for row, span in zip(rows, spans, strict=True)), None
    cells_of_rows = tuple(zip(*(cells for _, cells in shown), strict=True))
    return TableInfo(tuple(column for column, _ in shown), rows, cells_of_rows, spans, best, lights)


def _spans(result: RunResult, rows: tuple[Row, ...]) -> tuple[tuple[Span, ...], float | None]:
    """The spans of all rows, and where the best that was measured lies."""
    ends = np.array([[_number(row.value("lows")), row.outcome, _number(row.value("highs"))] for row in rows])
    best = best_measured(result)
    finite = np.append(ends, best)[np.isfinite(np.append(ends, best))]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    wide, decimals = (high - low) or 1.0, objective_decimals(result)

    def place(value: float) -> float | None:
        return round((value - low) / wide, 4) if np.isfinite(value) else None

    spans = []
    for row, values in zip(rows, ends.tolist(), strict=True):
        a, b, c = ("" if not np.isfinite(value) else number_words(value, decimals) for value in values)
        places = (place(values[0]), place(values[1]), place(values[2]))
        spans.append(Span((a, b or "–", c), places, outlook_of(result, row.rows, row.index)))
    return tuple(spans), place(best)


def _said_of_all(result: RunResult, row: Row, span: Span) -> Span:
    """A span that says all outcomes of a row."""
    if row.rows.others is None:
        return span
    said = [f"{result.outcomes[j].label} {row_words(result, row.rows, j, row.index)}" for j in ordered_outcomes(result)]
    return replace(span, words=". ".join(said))


def outcome_column(result: RunResult, rows: tuple[Row, ...], j: int) -> "_Pair":
    """One outcome of a run with several: its values with their intervals, and its limits, on one scale.

    Recorded rows have what was measured; what breaks a limit is marked.
    """
    info = result.outcomes[j]
    decimals, limits = outcome_decimals(result, j), [each for each in (info.at_least, info.at_most) if each is not None]
    ends = np.array([_outcome_ends(row, j) for row in rows], dtype=float).reshape(-1, 3)
    finite = np.append(ends[np.isfinite(ends)], limits)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    wide = (high - low) or 1.0

    def place(value: float) -> float | None:
        return round((value - low) / wide, 4) if np.isfinite(value) else None

    cells = []
    for row, (a, b, c) in zip(rows, ends.tolist(), strict=True):
        if row.rows.others is None:
            cells.append(Cell("–"))
            continue
        texts = ["" if not np.isfinite(value) else number_words(value, decimals) for value in (a, b, c)]
        span = Span(
            (texts[0], texts[1] or "–", texts[2]),
            (place(a), place(b), place(c)),
            row_words(result, row.rows, j, row.index),
        )
        keeps = row.rows.others[j].keeps
        cells.append(replace(number_cell(b, decimals), span=span, is_broken=keeps is not None and not keeps[row.index]))
    return _outcome_header(result, info, tuple((each - low) / wide for each in limits)), cells


def _outcome_header(result: RunResult, info: OutcomeInfo, limits: tuple[float, ...]) -> Column:
    how = "Calculated by its formula." if info.formula else "By the model; of recorded rows as measured."
    asked = [words for words in (goal_words(info), bound_words(info)) if words]
    help_ = [how]
    if not info.formula and result.results.lows is not None:
        help_.append(f"Each end of a bar holds in {50 + 50 * result.spec.level:g} % of such cases.")
    if info.is_limited:
        with_ = f" with {100 * info.confidence:g} % confidence" if info.confidence is not None else ""
        met = "" if info.n_met is None else f" {info.n_met:,} of {result.n_recorded:,} recorded rows keep it."
        help_.append(f"The line is the limit, {bound_words(info, info.unit)}; results keep it{with_}.{met}")
    return Column(
        info.label,
        info.unit,
        " ".join(help_),
        "objective",
        numbers=", ".join(asked),
        goal=info.goal.value if info.goal is not None else "",
        target=info.value if info.goal is Goal.VALUE else None,
        limits=limits,
    )


def _outcome_ends(row: Row, j: int) -> tuple[float, float, float]:
    """The interval of an outcome of a row around what is expected; of a recorded row what was measured, alone."""
    nothing = float("nan")
    if row.rows.others is None:
        return nothing, nothing, nothing
    values, k = row.rows.others[j], row.index
    if values.measured is not None:
        return nothing, _number(values.measured[k]), nothing
    ends = (values.lows, values.highs)
    low, high = (nothing if each is None else each[k] for each in ends)
    return low, values.values[k], high


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


_Pair = tuple[Column, list[Cell]]


def number_cell(value: float | None, decimals: int) -> Cell:
    """A number as a cell, a dash where there is none."""
    if value is None or not np.isfinite(value):
        return Cell("–")
    return Cell(number_words(value, decimals), float(value))


def _objective(result: RunResult, rows: tuple[Row, ...]) -> _Pair:
    """The predicted objective; what to reckon with besides stands in the spans."""
    decimals = objective_decimals(result)
    help_, numbers = (
        "By the formula, exact as far as what it names is."
        if result.spec.is_calculated
        else "By the model, not measured.",
        "",
    )
    if result.results.lows is not None:
        numbers = outlook_header(result.goal)
        help_ += f" Each end holds in {50 + 50 * result.spec.level:g} % of such cases."
    if np.isfinite(best_measured(result)):
        help_ += " The line through all rows is the best that was measured."
    cells = [number_cell(row.outcome, decimals) for row in rows]
    name = f"{result.spec.told.capitalize()} {result.objective_short}"
    return Column(name, result.objective_unit, help_, "objective", numbers=numbers), cells


def _measured(result: RunResult, rows: tuple[Row, ...], kept: Sequence[Measurement]) -> _Pair:
    """What was measured of recorded rows and of results; of a curve's rows nobody measured the summary."""
    known = [_already(row) if result.spec.curve is None else None for row in rows]
    recorded = [None if result.spec.curve is not None else row.value("measured") for row in rows]
    values = [one.mean if one else value for one, value in zip(known, recorded, strict=True)]
    own = [[one for one in kept if row.kind == "result" and one.result == row.index] for row in rows]
    values = [mine[-1].value if mine else value for mine, value in zip(own, values, strict=True)]
    cells = _number_cells(values)
    for k, (cell, one, mine) in enumerate(zip(cells, known, own, strict=True)):
        if mine:
            cells[k] = _kept_cell(cell, result, mine)
        elif one:
            cells[k] = replace(cell, small=f"(row {one.rows[0]})" if one.n == 1 else f"({one.n} rows)")
    help_ = f"{result.outcome_name}, as the laboratory found it or as it was recorded."
    return Column("Measured", result.outcome_unit, help_, "outcome"), cells


def _kept_cell(cell: Cell, result: RunResult, mine: Sequence[Measurement]) -> Cell:
    """The newest measured value of a result: where it was measured, how many there are, what was predicted."""
    last, swept = mine[-1], swept_feature(result)
    at = "" if swept is None or last.at is None else f"at {last.at:g} {swept.unit}".rstrip()
    more = f"+{len(mine) - 1}" if len(mine) > 1 else ""
    predicted = stored_prediction(result, last.result, last.at)
    note = ""
    if np.isfinite(predicted):
        note = f"predicted {number_words(predicted, common_decimals([predicted]))} {result.outcome_unit}".rstrip()
    return replace(cell, small=" ".join(filter(None, (at, more))), note=note)


def _already(row: Row) -> MeasuredThere | None:
    """What was measured at a result or a random candidate already."""
    return row.rows.already[row.index] if row.rows.already is not None else None


def _number_cells(values: list[float | None]) -> list[Cell]:
    decimals = common_decimals([value for value in values if value is not None])
    return [number_cell(value, decimals) for value in values]


def shown_features(result: RunResult) -> list[int]:
    """The places of the features that have a setting: free ones first, without the swept one of a curve."""
    swept = result.spec.swept
    known = [j for j, feature in enumerate(result.features) if feature.name != swept]
    return sorted(known, key=lambda j: not result.features[j].is_free)


def decimals_of_feature(result: RunResult, feature: FeatureInfo, values: np.ndarray) -> int:
    """How many decimals the settings of a feature are read with: those of its step, or about four digits."""
    step = result.spec.step_of(feature.name, is_integer=feature.is_integer)
    return step_decimals(step) if step else common_decimals(values.tolist())


def _setting(result: RunResult, rows: tuple[Row, ...], j: int) -> _Pair:
    """The column of a feature, tinted by the difference from the reference."""
    feature = result.features[j]
    values = np.array([row.settings[j] for row in rows], dtype=float)
    reference = next((row for row in rows if row.kind == "reference"), None)
    decimals = decimals_of_feature(result, feature, values)
    cells = []
    for row, value in zip(rows, values.tolist(), strict=True):
        names = feature.categories
        cell = Cell(names[int(value)], names[int(value)]) if names else number_cell(value, decimals)
        if reference is not None and row.kind == "result":
            cell = _against(cell, feature, value, reference, j, decimals)
        cells.append(cell)
    held = "" if feature.is_free else " It was frozen."
    span = (
        f"{len(feature.categories)} categories recorded."
        if feature.categories
        else f"Recorded from {feature.low:,.5g} to {feature.high:,.5g}{' ' + feature.unit if feature.unit else ''}."
    )
    return Column(feature.name, feature.unit, span + held, "setting", is_quiet=not feature.is_free), cells


def _against(cell: Cell, feature: FeatureInfo, value: float, reference: Row, j: int, decimals: int) -> Cell:
    """A cell with its difference from the reference."""
    usual = float(reference.settings[j])
    if feature.categories:
        return cell if value == usual else replace(cell, tint=1.0, note="another category")
    share = min(abs(value - usual) / (FULL_TINT * feature.std), 1.0) if feature.std > 0 else 0.0
    if share * FULL_TINT <= MATERIAL_DEVIATIONS:
        return cell
    sign, unit = "+" if value > usual else "−", f" {feature.unit}" if feature.unit else ""
    note = f"{sign}{number_words(abs(value - usual), decimals)}{unit}"
    return replace(cell, tint=round(share, 3), note=note)
