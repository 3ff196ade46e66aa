"""Which column is the outcome: a sum of plain evidence, and columns that were measured beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.data.split import MINIMUM_ROWS
from services.intake.roles.means import Mean, find_means
from services.intake.roles.responses import COARSE, DESIGNED, FINE, are_independent, responses_beside
from services.intake.roles.summaries import ColumnSummary, scaled
from services.intake.roles.words import SURE, Header, header_of, is_cost, is_spread, name_points, stem, unit_points

_FOLLOWS = 0.8  # correlation with the outcome of what was measured with it
_NEAR = 3.0  # points behind the best candidate at which a column still is one
_LEAST_POINTS = 0.5
_MAX_CANDIDATES = 4
_LEAST_ROWS = 5
_LEAST_ROWS_OF_FIT = 20
_MANY = 100  # columns: so many tell each other in every table
_KNOWN = 0.5  # R2 by the other columns that says something
_EXACT = 0.999
_COPY = 1 - 1e-9


class Evidence(NamedTuple):
    """What speaks for (points above 0) or against a column as the outcome, in words."""

    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may be the outcome, with all that speaks for and against it."""

    name: str
    evidence: tuple[Evidence, ...]

    @property
    def points(self) -> float:
        """The sum of the evidence."""
        return sum(each.points for each in self.evidence)

    @property
    def words(self) -> str:
        """What speaks for it, in one line."""
        return ", ".join(each.words for each in self.evidence if each.points > 0) or "nothing speaks for another column"


def rank_outcomes(
    frame: pd.DataFrame, columns: Sequence[ColumnSummary], units: Mapping[str, str] | None = None
) -> list[Candidate]:
    """The candidates for the outcome among columns of numbers, likeliest first, at most four.

    Args:
        columns: the usable columns of the table in its order, without labels; at least one holds numbers.
    """
    headers = {column.name: header_of(column.name, (units or {}).get(column.name, "")) for column in columns}
    points = {column.name: name_points(headers[column.name]) for column in columns}
    numbers = [column for column in columns if column.is_number]
    means = [column for column in numbers if not is_spread(headers[column.name])]
    means = [column for column in means if not column.is_mostly_empty or points[column.name] > 0] or numbers
    last, first = _block(means[::-1], points), _block(means, points)
    known = _known_by_others(frame, numbers)
    mean_of = {name: mean.name for mean in find_means(frame, numbers) for name in mean.replicates}
    scored = [
        Candidate(
            column.name,
            (
                Evidence(points[column.name], "named like an outcome"),
                Evidence(unit_points(headers[column.name]), f"in {headers[column.name].unit}"),
                _place_evidence(column.name, last, first, is_named=points[column.name] > 0),
                _values_evidence(column, is_sure=points[column.name] >= SURE),
                _fit_evidence(known.get(column.name, 0.0)),
                Evidence(-SURE if column.name in mean_of else 0.0, "another column is the mean of it and others"),
                Evidence(-2.0 if column.is_mostly_empty else 0.0, "most of its cells are empty"),
            ),
        )
        for column in numbers
    ]
    places = _places(numbers, headers, points)
    scored.sort(key=lambda candidate: (-round(candidate.points, 6), places[candidate.name]))
    best = scored[0]
    unnamed = {column.name for column in means[-len(last) - 1 :]} | (first if points[best.name] <= 0 else set())
    near = [
        each
        for each in scored[1:]
        if each.points >= max(best.points - _NEAR, _LEAST_POINTS)
        and (points[each.name] > 0 or each.name in last or (points[each.name] == 0 and each.name in unnamed))
    ]
    return [best, *near][:_MAX_CANDIDATES]


def _place_evidence(name: str, last: set[str], first: set[str], *, is_named: bool) -> Evidence:
    """Outcomes mostly stand last, several of them together; or first, where their name says so."""
    if name in last:
        return Evidence(2.5, "stands last" if len(last) == 1 else "stands among the last")
    if name in first:
        return Evidence(1.0 if is_named else 0.25, "stands first")
    return Evidence(0.0, "")


def _values_evidence(column: ColumnSummary, *, is_sure: bool) -> Evidence:
    """What is measured hardly repeats, settings do; and so do marks and counts, whose names tell."""
    if column.distinct_share >= FINE:
        return Evidence(1.0, "nearly every row has another value")
    if column.distinct_share <= COARSE and not is_sure:
        return Evidence(-1.0, "its values repeat as settings do")
    return Evidence(0.0, "")


def _fit_evidence(r2: float) -> Evidence:
    """What others tell well was hardly set by itself; what they tell exactly is a sum or a copy."""
    return Evidence(0.75 if _KNOWN <= r2 < _EXACT else 0.0, f"the other columns tell it (R² {r2:.2f})")


def _block(numbers: Sequence[ColumnSummary], points: Mapping[str, float]) -> set[str]:
    """The columns at one end of the table that are named like outcomes; the last one alone if it is not."""
    block = set()
    for column in numbers:
        if points[column.name] <= 0:
            break
        block.add(column.name)
    return block or {numbers[0].name}


def _places(
    numbers: Sequence[ColumnSummary], headers: Mapping[str, Header], points: Mapping[str, float]
) -> dict[str, tuple[int, int]]:
    """Where each column stands among equally likely ones: the first, but the last of a series such as 7d, 28d.

    Names that say nothing, such as a, b, c, count from the end.
    """
    series: dict[tuple[str, ...], list[int]] = {}
    for at, column in enumerate(numbers):
        if stem(headers[column.name]) not in (headers[column.name].words, ("y",)):
            series.setdefault(stem(headers[column.name]), []).append(at)
    places = {}
    for at, column in enumerate(numbers):
        others = series.get(stem(headers[column.name]), [])
        if at in others and len(others) > 1:
            places[column.name] = (others[0], -at)
        else:
            places[column.name] = (at if points[column.name] > 0 else len(numbers) - at, 0)
    return places


def other_outcomes(
    frame: pd.DataFrame,
    columns: Sequence[ColumnSummary],
    outcome: str,
    units: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Columns that look measured after the fact, as the outcome was, and why in words; modest: mostly none.

    A copy of the outcome always is one, and so are replicates of which the outcome is the mean. Else a name has to
    speak for it, and one thing more: it stands beside the outcome, it belongs to the same series (7d, 28d), the
    settings tell it exactly, or it is measured finely where the settings come in levels. Without a name, such a fine
    column has to stand after the outcome, or to go with it and to follow from the settings, as no setting of a design
    does.
    """
    headers = {column.name: header_of(column.name, (units or {}).get(column.name, "")) for column in columns}
    numbers = [column for column in columns if column.is_number]
    others = [column for column in numbers if column.name != outcome]
    points = {column.name: name_points(headers[column.name]) for column in numbers}
    beside, after = _beside(numbers, headers, outcome), _after(numbers, points, outcome)
    correlations = _correlations(frame, outcome, others)
    known = _known_by_others(frame, others)
    settings = [column.distinct_share for column in others if points[column.name] <= 0 and column.name not in after]
    is_designed = bool(settings) and np.mean(np.array(settings) <= COARSE) >= DESIGNED
    # else settings and what follows from them look alike: a house's area follows from its rooms
    is_crossed = are_independent(frame, [c.name for c in others if c.distinct_share <= COARSE and points[c.name] <= 0])
    found: dict[str, str] = {}
    for column in others:
        name, r = column.name, abs(correlations.get(column.name, 0.0))
        is_fine = is_designed and column.distinct_share >= FINE
        is_setting = points[name] < 0 or unit_points(headers[name]) < 0
        if r >= _COPY:
            found[name] = f"it says the same as {outcome}"
        elif points[name] > 0 and _is_series(headers[name], headers[outcome]):
            found[name] = f"it is named like {outcome}"
        elif name in beside and is_spread(headers[name]):
            found[name] = f"it tells how {outcome} scattered"
        elif name in beside:
            found[name] = f"it is named like an outcome and stands beside {outcome}"
        elif points[name] > 0 and known.get(name, 0.0) >= _EXACT:
            found[name] = "it is named like an outcome and follows from the other columns"
        elif is_fine and points[name] >= SURE:
            found[name] = "it is named like an outcome and measured finely, where settings come in levels"
        elif is_fine and name in after:
            found[name] = f"it stands after {outcome} and is measured finely, where settings come in levels"
        elif is_fine and is_crossed and not is_setting and r >= _FOLLOWS and _KNOWN <= known.get(name, 0.0) < _EXACT:
            found[name] = f"it goes with {outcome} (correlation {r:.2f}) and follows from the settings"
    for name in responses_beside(frame, columns, headers, outcome, found):
        found[name] = f"it stands beside {outcome}, is measured finely and follows from settings that come in levels"
    for mean in find_means(frame, numbers):
        if mean.name == outcome or outcome in mean.replicates or mean.name in found:
            found = _of_one_mean(mean, outcome) | found
    found = {column.name: found[column.name] for column in others if column.name in found}
    if len(found) == len(columns) - 1:  # nothing would be left to predict from
        return {name: words for name, words in found.items() if abs(correlations.get(name, 0.0)) >= _COPY}
    return found


def further_outcomes(
    frame: pd.DataFrame,
    columns: Sequence[ColumnSummary],
    outcome: str,
    others: Collection[str],
    units: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Those of the other outcomes that say something of their own, in the order of the table.

    A copy of an outcome does not, nor how it scattered, nor the replicates that it is the mean of, nor their mean; nor
    does one that was measured in fewer rows than a model needs.
    """
    headers = {column.name: header_of(column.name, (units or {}).get(column.name, "")) for column in columns}
    numbers = [column for column in columns if column.is_number]
    beside = [column for column in numbers if column.name in others]
    correlations = _correlations(frame, outcome, beside)
    means = find_means(frame, numbers)
    replicated = {name for mean in means for name in (*mean.replicates, *mean.spreads)}
    replicated |= {mean.name for mean in means if outcome in mean.replicates}
    found = [
        column.name
        for column in beside
        if not is_spread(headers[column.name])
        and abs(correlations.get(column.name, 0.0)) < _COPY
        and column.name not in replicated
        and column.n_rows - column.n_missing >= MINIMUM_ROWS
    ]
    own = [name for j, name in enumerate(found) if not any(frame[name].equals(frame[other]) for other in found[:j])]
    return tuple(own)


def _of_one_mean(mean: Mean, outcome: str) -> dict[str, str]:
    """Why what a mean was made of is no feature, nor how it scattered, nor the mean itself."""
    words = dict.fromkeys(mean.replicates, f"{mean.name} is the mean of it and others")
    words |= dict.fromkeys(mean.spreads, f"it tells how {mean.name} scattered")
    words[mean.name] = f"it is the mean of {', '.join(mean.replicates)}"
    return {name: why for name, why in words.items() if name != outcome}


def _is_series(header: Header, of_outcome: Header) -> bool:
    """Whether two names differ in numbers only."""
    return header.words != of_outcome.words and stem(header) == stem(of_outcome)


def _beside(numbers: Sequence[ColumnSummary], headers: Mapping[str, Header], outcome: str) -> set[str]:
    """The columns named like outcomes, costs or standard deviations that stand in one row of such with the outcome."""
    names = [column.name for column in numbers]
    at, beside = names.index(outcome), set()
    for step in (-1, 1):
        i = at + step
        while 0 <= i < len(names) and _is_measured(headers[names[i]]):
            beside.add(names[i])
            i += step
    return beside


def _is_measured(header: Header) -> bool:
    return name_points(header) >= SURE or is_cost(header) or is_spread(header)


def _after(numbers: Sequence[ColumnSummary], points: Mapping[str, float], outcome: str) -> set[str]:
    """The columns after an outcome that has its name and most columns before it; none that is named like a setting."""
    names = [column.name for column in numbers]
    at = names.index(outcome)
    if points[outcome] <= 0 or at <= len(names) / 2:
        return set()
    return {name for name in names[at + 1 :] if points[name] >= 0}


def _correlations(frame: pd.DataFrame, outcome: str, others: Sequence[ColumnSummary]) -> dict[str, float]:
    """The linear correlation of each column with the outcome, where enough rows have both."""
    sample = scaled(frame, [outcome, *(column.name for column in others)])
    y, found = sample[:, 0], {}
    for j, column in enumerate(others, start=1):
        both = np.isfinite(y) & np.isfinite(sample[:, j])
        if both.sum() >= _LEAST_ROWS:
            a, b = y[both] - y[both].mean(), sample[both, j] - sample[both, j].mean()
            size = float(np.sqrt((a @ a) * (b @ b)))
            found[column.name] = float(a @ b) / size if size > 0 else 0.0
    return found


def _known_by_others(frame: pd.DataFrame, numbers: Sequence[ColumnSummary]) -> dict[str, float]:
    """R2 of each column by all others, linear and adjusted; {} with few rows or very many columns."""
    names = [column.name for column in numbers if not column.is_mostly_empty]
    values = scaled(frame, names)
    values = values[np.isfinite(values).all(axis=1)]
    n, d = values.shape
    if n < max(_LEAST_ROWS_OF_FIT, 2 * d) or not 2 <= d <= _MANY:
        return {}
    centred = values - values.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    varies = size > 0
    precision = np.linalg.pinv(np.corrcoef(centred[:, varies], rowvar=False) + 1e-9 * np.eye(int(varies.sum())))
    r2 = 1 - 1 / np.maximum(np.diag(precision), 1.0)  # by the variance inflation factors
    adjusted = 1 - (1 - r2) * (n - 1) / max(n - d, 1)
    return dict(zip(np.array(names)[varies].tolist(), adjusted.tolist(), strict=True))
