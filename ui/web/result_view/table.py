"""The table of a result: the reference, results, and what they have to beat, with a few words on each."""

from dataclasses import dataclass, replace

import numpy as np

from services.problems.reference import reference_of
from services.results.assessment import worst_cases
from services.results.baselines import best_where
from services.results.names import result_names
from services.specs.digits import MATERIAL_DEVIATIONS, common_decimals, number_words, step_decimals
from services.specs.results import FeatureInfo, MeasuredThere, ResultSet, RunResult
from services.specs.run import NumericSpec
from services.texts.results import (
    PLAUSIBILITY_MEANING,
    USUAL_PERCENT,
    ResultSummary,
    Tone,
    objective_decimals,
    percent_words,
    result_summaries,
)
from services.texts.tables import RANDOM

MAX_LETTERS = 20
FULL_TINT = 2.0  # recorded standard deviations from the reference: from here on the tint is full
_GLANCE = "What to know before believing a row. The card below says more of the chosen one."


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


def rows_of(result: RunResult) -> tuple[Row, ...]:
    """The rows in the order in which the table shows them: reference, results, best recorded, best of random."""
    names, titles, best = result_names(len(result.results)), result.results.names or (), result.best_recorded
    reference, own = reference_of(result)
    title = f"best recorded{best_where(result)}" if result.reference is None else ""
    rows = [Row("reference", 0, reference, title, own, k) for k in range(len(own))]
    rows += [
        Row("result", k + 1, name, titles[k] if k < len(titles) else "", result.results, k)
        for k, name in enumerate(names)
    ]
    numbers = best.rows or range(1, len(best) + 1)
    recorded = [Row("recorded", 0, f"Row {number}", "", best, k) for k, number in enumerate(numbers)]
    rows += recorded[1:] if result.reference is None else [row for row in recorded if row.name != reference]
    random = result.baseline_random
    rows += [Row("random", 0, RANDOM, "", random, k) for k in range(len(random))] if random else []
    return tuple(rows)


def settings_of(rows: tuple[Row, ...]) -> np.ndarray:
    """(n, d) settings of rows; (0, 0) without any."""
    return np.array([row.settings for row in rows], dtype=float).reshape(len(rows), -1 if rows else 0)


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words on one check, or on several that are well.

    Attributes:
        tone: "good", "doubtful" or "bad".
        help: the same in a sentence or two.
    """

    text: str
    tone: str
    help: str


def chips_of(result: RunResult, row: Row) -> tuple[Chip, ...]:
    """What speaks against believing a row, worst first, then how many checks it passed; empty without any."""
    known = [one for one in result_summaries(result, row.rows, row.index) if one.name != "Plausibility"]  # a column
    order = [Tone.BAD, Tone.DOUBTFUL]
    trouble = sorted((one for one in known if one.tone in order), key=lambda one: order.index(one.tone))
    chips = [_chip(one) for one in trouble]
    good = [one for one in known if one.tone is Tone.GOOD]
    if good:
        words = good[0].name if len(good) == 1 else f"{len(good)} good" if trouble else f"all {len(good)} good"
        chips.append(Chip(words, Tone.GOOD.value, "; ".join(one.line for one in good)))
    return tuple(chips)


def _chip(one: ResultSummary) -> Chip:
    """The chip of one thing that speaks against a row; what is long to say is said on hover."""
    return Chip(one.line if len(one.line) <= MAX_LETTERS else one.name, one.tone.value, f"{one.line}. {one.meaning}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Attributes:
        help: what it means, in a sentence or two.
        kind: what its cells are: "objective", "outcome", "percent", "chips", "number" or "setting".
        is_quiet: a frozen feature, which is the same everywhere.
    """

    name: str
    unit: str = ""
    help: str = ""
    kind: str = "number"
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: as it is read.
        value: to sort by; None is last.
        small: what follows in small letters.
        tint: 0 to 1, how far it is from the reference.
        note: the difference from the reference in words, such as "+38 kg/m³", or "".
        tone: "doubtful" or "believable" where the cell is coloured for what it says, with the strength of ``tint``.
    """

    text: str
    value: float | str | None = None
    small: str = ""
    tint: float = 0.0
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TableInfo:
    """The table.

    Attributes:
        columns: after that of the names, from left to right.
        rows: the reference, results, best recorded rows, the best of random candidates.
        cells: of each row, one per column.
        chips: of each row, for the column of chips.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: tuple[tuple[Cell, ...], ...]
    chips: tuple[tuple[Chip, ...], ...]


def table_info(result: RunResult) -> TableInfo:
    """The table of a result; columns that nothing is known for are left out."""
    rows = rows_of(result)
    chips = tuple(chips_of(result, row) for row in rows)
    known = [_objective(result, rows), _plausibility(rows)]
    known += [(Column("At a glance", help=_GLANCE, kind="chips"), [Cell("")] * len(rows))] if any(chips) else []
    known += [_measured(result, rows), _worst(result, rows), _density(result, rows)]
    known += [_setting(result, rows, j) for j in shown_features(result)]
    shown = [
        (column, cells)
        for column, cells in filter(None, known)
        if column.kind == "chips" or any(cell.text != "–" for cell in cells)
    ]
    cells = tuple(zip(*(cells for _, cells in shown), strict=True))
    return TableInfo(tuple(column for column, _ in shown), rows, cells, chips)


_Pair = tuple[Column, list[Cell]]


def number_cell(value: float | None, decimals: int) -> Cell:
    """A number as a cell, a dash where there is none."""
    if value is None or not np.isfinite(value):
        return Cell("–")
    return Cell(number_words(value, decimals), float(value))


def _objective(result: RunResult, rows: tuple[Row, ...]) -> _Pair:
    """The predicted objective, with its interval in small letters."""
    decimals = objective_decimals(result)
    help_ = "By the model, not measured."
    if result.results.lows is not None:
        help_ += (
            f" In brackets: between these two the true value lies in {100 * result.spec.level:g} % of cases like it."
        )
    cells = []
    for row in rows:
        cell = number_cell(row.outcome, decimals)
        low, high = row.value("lows"), row.value("highs")
        if low is not None and high is not None and np.isfinite(low):
            cell = replace(cell, small=f"({number_words(low, decimals)} to {number_words(high, decimals)})")
        cells.append(cell)
    return Column(f"Predicted {result.objective_short}", result.objective_unit, help_, "objective"), cells


def _plausibility(rows: tuple[Row, ...]) -> _Pair | None:
    """The plausibility of each row, coloured: the more orange the less plausible."""
    values = [row.value("plausibility") for row in rows]
    if all(value is None for value in values):
        return None
    return Column("Plausibility", "", f"{PLAUSIBILITY_MEANING.capitalize()}.", "percent"), [*map(percent_cell, values)]


def percent_cell(value: float | None) -> Cell:
    """A share of recorded rows that are more unusual, in %, coloured by how far it can be believed."""
    if value is None or not np.isfinite(value):
        return Cell("–")
    if value < USUAL_PERCENT:
        return Cell(percent_words(value), value, tint=1 - value / USUAL_PERCENT, tone="doubtful")
    return Cell(percent_words(value), value, tint=(value - USUAL_PERCENT) / (100 - USUAL_PERCENT), tone="believable")


def _measured(result: RunResult, rows: tuple[Row, ...]) -> _Pair | None:
    """What was measured of recorded rows, and of results that are one; nobody measured the summary of a curve."""
    if result.spec.curve is not None:
        return None
    known = [_already(row) for row in rows]
    cells = _number_cells([one.mean if one else row.value("measured") for one, row in zip(known, rows, strict=True)])
    cells = [
        replace(cell, small=f"(row {one.rows[0]})" if one.n == 1 else f"({one.n} rows)") if one else cell
        for one, cell in zip(known, cells, strict=True)
    ]
    help_ = "As it was recorded; of a result that was already measured, the mean of the rows in brackets."
    return Column(f"Measured {result.outcome_name}", result.outcome_unit, help_, "outcome"), cells


def _already(row: Row) -> MeasuredThere | None:
    """What was measured at a result or a random candidate already."""
    return row.rows.already[row.index] if row.rows.already is not None else None


def _cells(rows: tuple[Row, ...], field: str) -> list[Cell]:
    """The cells of what a set says of its rows, with the decimals that they have in common."""
    return _number_cells([row.value(field) for row in rows])


def _number_cells(values: list[float | None]) -> list[Cell]:
    decimals = common_decimals([value for value in values if value is not None])
    return [number_cell(value, decimals) for value in values]


def _worst(result: RunResult, rows: tuple[Row, ...]) -> _Pair:
    """The worse end of every robust band."""
    cells = []
    for row in rows:
        worst = worst_cases(result, row.rows)
        cells.append(number_cell(None if worst is None else float(worst[row.index]), objective_decimals(result)))
    words = "The worse end of the predicted 5-95 % band when it is dosed as exactly as people dose."
    return Column("Worst case", result.objective_unit, words, "outcome"), cells


def _density(result: RunResult, rows: tuple[Row, ...]) -> _Pair | None:
    if result.density is None:
        return None
    target = f"{result.density.target:,.5g} ± {result.density.tolerance:,.3g} {result.density.unit}".rstrip()
    column = Column("Density", result.density.unit, f"The sum of the parts; usual is {target}.")
    return column, _cells(rows, "densities")


def shown_features(result: RunResult) -> list[int]:
    """The places of the features that have a setting: free ones first, without the swept one of a curve."""
    swept = result.spec.swept
    known = [j for j, feature in enumerate(result.features) if feature.name != swept]
    return sorted(known, key=lambda j: not result.features[j].is_free)


def decimals_of_feature(result: RunResult, feature: FeatureInfo, values: np.ndarray) -> int:
    """How many decimals the settings of a feature are read with: those of its step, or about four digits."""
    if feature.is_integer:
        return 0
    steps = {given.name: given.step for given in result.spec.features if isinstance(given, NumericSpec)}
    step = steps.get(feature.name)
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
