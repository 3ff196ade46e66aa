"""What the browser is told of a run with several outcomes: candidates of the archive, the front, limits to move."""

from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.constraints.constraint import listed
from services.specs.digits import counted
from services.specs.results import OutcomeInfo, RunResult
from services.specs.wanted import goal_words
from services.texts.outcomes import amount_words, ordered_outcomes, outcome_decimals
from ui.charts.style import format_range
from ui.web.result_view.table import Row

if TYPE_CHECKING:
    from ui.web.result_view.component import Axis, RunBackground

_STEPS = 200  # of a slider, about
_BEYOND = 0.05  # of its width: so far a limit may be moved past everything that was found


def pool_objectives(result: RunResult) -> np.ndarray:
    """The objective of the archive's candidates, (a,); none where nothing tells it, as of a desirability."""
    if result.archive is None or result.spec.is_desirability or not len(result.archive):
        return np.empty(0)
    own = next(j for j, info in enumerate(result.outcomes) if info.goal is not None)
    return np.array(result.archive.outcomes, dtype=float)[:, own]


def pool_message(
    result: RunResult, rows: tuple[Row, ...], axes: "tuple[Axis, ...]", background: "RunBackground | None"
) -> dict[str, Any]:
    """The archive, the outcomes of the rows, the front and the limits, as far as there are any; JSON only."""
    archive = result.archive
    if not result.outcomes or archive is None or not len(archive):
        return {"pool": None, "front": None, "limits": []}
    order = ordered_outcomes(result)
    X = np.array(archive.X, dtype=float)
    objectives = pool_objectives(result)
    if not len(objectives):
        objectives = np.full(len(X), np.nan)
    columns = np.column_stack([objectives, X])
    levels = [1000 * axis.positions(columns[:, axis.column]) for axis in axes]
    places = background.rows.of_candidates(X, objectives)[:, -2:] if background is not None else np.empty((0, 2))
    limits = _limits(result, order)
    return {
        "pool": {
            "values": [[_number(row[j]) for j in order] for row in archive.outcomes],
            "kept": [[_number(value) for value in row[: len(limits)]] for row in archive.kept],
            "front": [int(each) for each in archive.is_front or ()],
            "levels": [[_level(value) for value in each.tolist()] for each in levels],
            "x": [_number(value, 4) for value in places[:, 0].tolist()],
            "y": [_number(value, 4) for value in places[:, 1].tolist()],
        },
        "outcomes": [_outcome(result, j) for j in order],
        "values": [_values(row, order) for row in rows],
        "kept": [_kept(result, row, limits, order) for row in rows],
        "front": _front(result, rows) if result.front is not None else None,
        "limits": limits,
    }


def _outcome(result: RunResult, j: int) -> dict[str, Any]:
    info = result.outcomes[j]
    return {
        "name": info.label,
        "unit": info.unit,
        "goal": info.goal.value if info.goal is not None else "",
        "target": info.value,
        "decimals": outcome_decimals(result, j),
        "best": {"maximum": "highest", "minimum": "lowest", "value": "nearest"}.get(info.goal or "", ""),
    }


def _values(row: Row, order: list[int]) -> list[float | None]:
    """The outcomes of a row; of a recorded one as measured."""
    if row.rows.others is None:
        return [None] * len(order)
    every = [row.rows.others[j] for j in order]
    told = [each.values if each.measured is None else each.measured for each in every]
    return [None if (value := each[row.index]) is None else _number(value) for each in told]


def _limits(result: RunResult, order: list[int]) -> list[dict[str, Any]]:
    """Each side of each limit as a slider, in the order in which the archive has what is kept."""
    found: list[dict[str, Any]] = []
    for j, info in enumerate(result.outcomes):
        for bound, is_low in ((info.at_least, True), (info.at_most, False)):
            if bound is not None:
                found.append(_limit(result, info, bound, len(found), is_low=is_low) | {"outcome": order.index(j)})
    return found


def _limit(result: RunResult, info: OutcomeInfo, bound: float, column: int, *, is_low: bool) -> dict[str, Any]:
    archive = result.archive
    known = [row[column] for row in archive.kept if np.isfinite(row[column])] if archive is not None else []
    low, high = min([bound, *known]), max([bound, *known])
    step = _round_step((high - low or abs(bound) or 1.0) / _STEPS)
    room = max(_BEYOND * (high - low), step)
    low, high = (low, high + room) if is_low else (low - room, high)
    # what a search for several goals keeps never breaks a limit, so that a looser one has nothing to show
    ends = (bound - np.floor((bound - low) / step) * step, bound + np.floor((high - bound) / step) * step)
    return {
        "name": info.label,
        "unit": info.unit,
        "isLow": is_low,
        "bound": bound,
        "low": round(float(ends[0]), 10),
        "high": round(float(ends[1]), 10),
        "step": step,
        "confidence": None if info.confidence is None else round(100 * info.confidence, 6),
    }


def _kept(result: RunResult, row: Row, limits: list[dict[str, Any]], order: list[int]) -> list[float | None] | None:
    """What limits hold by, of a result: the prediction, or the end of its interval; None where nothing tells it."""
    if row.kind != "result" or row.rows.others is None:
        return None
    kept: list[float | None] = []
    for limit in limits:
        j = order[limit["outcome"]]
        info, values = result.outcomes[j], row.rows.others[j]
        ends = values.lows if limit["isLow"] else values.highs
        if info.confidence is None:
            kept.append(_number(values.values[row.index]))
        elif ends is not None and abs(2 * info.confidence - 1 - result.spec.level) < 1e-9:
            kept.append(_number(ends[row.index]))
        else:
            kept.append(None)
    return kept


def _front(result: RunResult, rows: tuple[Row, ...]) -> dict[str, Any]:
    assert result.front is not None and result.archive is not None
    goals = [j for j in ordered_outcomes(result) if result.outcomes[j].goal is not None]
    said = []
    for j in goals:
        info, values = result.outcomes[j], [row[j] for row in result.archive.outcomes]
        said.append(f"{info.label} {format_range(np.array(values), info.unit)}")
    n_front = sum(result.archive.is_front or ())
    words = (
        f"Front of {listed([f'{goal_words(result.outcomes[j])} {result.outcomes[j].label}' for j in goals])}: "
        f"{counted(n_front, 'candidate')} with {'; '.join(said)}."
    )
    knee = result.front.knee
    if knee is not None and any(row.number == knee + 1 for row in rows):
        others = result.results.others
        assert others is not None
        at = ", ".join(f"{result.outcomes[j].label} {amount_words(result, j, others[j].values[knee])}" for j in goals)
        words += f" Result {knee + 1} gives up least of every goal: {at}."
    return {"words": words, "goals": len(goals), "knee": None if knee is None else knee + 1}


def _round_step(size: float) -> float:
    """A number of one digit near a size: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(f"{power * min((1.0, 2.0, 5.0, 10.0), key=lambda times: abs(times * power - size)):.1g}")


def _number(value: float, decimals: int | None = None) -> float | None:
    """A number as JSON has it, with six digits, or so many decimals; None for what is none."""
    if not np.isfinite(value):
        return None
    return round(float(value), decimals) if decimals is not None else float(f"{value:.6g}")


def _level(value: float) -> float | None:
    """A place in thousandths of an axis, fine enough to read a setting from it."""
    return round(value, 2) if np.isfinite(value) else None
