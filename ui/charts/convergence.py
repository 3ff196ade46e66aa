"""How searches got better: the best outcome so far against evaluations, of a run, of several runs or of methods."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from optimizer import METHODS, Events, Goal
from optimizer.features import evenly
from optimizer.niches.front.dominance import Scaling, hypervolume, is_nondominated
from optimizer.trace import is_improvement
from services.specs.digits import clipped
from services.specs.results import OutcomeInfo, RunResult
from services.studies.compare.methods import METHOD_NAMES, ComparisonResult, Entry, ranked
from ui.charts import style

HEIGHT, HEIGHT_OF_RUNS, HEIGHT_OF_METHODS = 300, 340, 420
MAX_POINTS = 1_000
N_POINTS = 120  # of a method with several seeds
FRONT, FRONT_NOTE = "share of the final front", "of its hypervolume: the part of outcome space that it outdoes"
PENALTY_NOTE = "best by score: for more realism the outcome may fall"


class ConvergenceInfo(NamedTuple):
    """Numbers of the convergence.

    Attributes:
        evaluations: (n,) ascending, at most 1,000: the first generation, those with an improvement, and the last.
        outcomes: (n,) objective of the candidate with the best score so far.
        is_penalised: whether anything but the objective counts, so that the outcome may fall as the score gets better.
        wanted: the value that is searched for, NaN where none is.
        best_recorded: objective of the best recorded row, NaN without one.
        is_front: whether the outcomes are shares of the final front in %, as there are several goals and so no best.
    """

    evaluations: np.ndarray
    outcomes: np.ndarray
    is_penalised: bool
    wanted: float
    best_recorded: float
    name: str
    unit: str
    is_front: bool = False


def convergence_info(events: Events, generations: np.ndarray, result: RunResult) -> ConvergenceInfo:
    """The best outcome so far, after every generation that improved it.

    "Best" is by score, penalties included: the outcome itself may fall where a candidate became more believable. Of
    several goals the front takes its place: the share of its final hypervolume.

    Args:
        events: of the whole search, ordered by generation.
        generations: (g, 2) number and cumulative evaluations of every generation.
    """
    if result.spec.is_front:
        return _front_info(events, generations, result)
    is_finite = np.isfinite(events.bests.scores) & np.isfinite(events.bests.outcomes)
    scores, outcomes = events.bests.scores[is_finite], events.bests.outcomes[is_finite]
    recorded = result.best_recorded.outcomes
    wanted = float("nan") if result.spec.value is None or result.goal is not Goal.VALUE else result.spec.value
    best_recorded, objective = recorded[0] if recorded else float("nan"), (result.objective_name, result.objective_unit)
    common = (result.spec.is_penalised, wanted, best_recorded, *objective)
    if not len(scores) or not len(generations):
        return ConvergenceInfo(np.empty(0), np.empty(0), *common)
    spent = np.interp(events.generations[is_finite], generations[:, 0], generations[:, 1])
    is_better = is_improvement(scores)
    evaluations, outcomes = spent[is_better], outcomes[is_better]
    # of several improvements in one generation the last counts
    is_last = np.append(evaluations[1:] != evaluations[:-1], True)
    evaluations, outcomes = evaluations[is_last], outcomes[is_last]
    if generations[-1, 1] > evaluations[-1]:
        evaluations = np.append(evaluations, generations[-1, 1])
        outcomes = np.append(outcomes, outcomes[-1])
    rows = evenly(len(evaluations), MAX_POINTS)
    return ConvergenceInfo(evaluations[rows], outcomes[rows], *common)


def _front_info(events: Events, generations: np.ndarray, result: RunResult) -> ConvergenceInfo:
    """How much of the final front, by its hypervolume, was there after so many evaluations."""

    def told(evaluations: np.ndarray, shares: np.ndarray) -> ConvergenceInfo:
        unknown = float("nan")
        return ConvergenceInfo(evaluations, shares, False, unknown, unknown, FRONT, "%", is_front=True)

    places, goals = events.places, [outcome for outcome in result.outcomes if outcome.goal is not None]
    may = np.zeros(len(events), dtype=bool) if places is None else places.is_front & (places.violations <= 0)
    if places is None or not may.any() or not len(generations):
        return told(np.empty(0), np.empty(0))
    misses = np.column_stack([_misses(goal, places.outcomes[may, j]) for j, goal in enumerate(goals)])
    misses += events.bests.penalties[may, None]
    scaled = Scaling.of(misses[is_nondominated(misses)]).scaled(misses)
    numbers = events.generations[may]
    rows = evenly(len(generations), N_POINTS)
    known = [scaled[numbers <= number] for number in generations[rows, 0]]
    volumes = np.array([hypervolume(part[is_nondominated(part)]) if len(part) else 0.0 for part in known])
    return told(generations[rows, 1], 100 * volumes / volumes[-1] if volumes[-1] > 0 else 0 * volumes)


def _misses(goal: OutcomeInfo, values: np.ndarray) -> np.ndarray:
    """(n,) by how much values miss a goal, up to a constant, in recorded standard deviations."""
    if goal.goal is Goal.VALUE:
        return np.abs(values - (goal.value or 0.0)) / goal.scale
    return (-values if goal.goal is Goal.MAXIMUM else values) / goal.scale


def convergence_figure(info: ConvergenceInfo) -> go.Figure:
    """The best outcome so far as a stepped line, over the best recorded row."""
    figure = style.blank_figure(HEIGHT, has_legend=not info.is_front)
    form, unit = style.d3_format(info.outcomes), style.escape(info.unit)
    hover = f"after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {unit}"
    name = FRONT if info.is_front else "best so far"
    _add_steps(figure, info.evaluations, info.outcomes, hover, name=name, line={"color": style.ACCENT})
    for name, level, line in (
        ("wanted", info.wanted, {"color": style.TARGET, "dash": "dot"}),
        ("best recorded", info.best_recorded, {"dash": "dash"}),
    ):
        if np.isfinite(level) and len(info.evaluations):
            ends, hover = (0, float(info.evaluations[-1])), f"{name}<br>{style.format_number(level, unit)}"
            style.add_level(figure, ends, level, name, hover, **line)
    _title_axes(figure, info.name, info.unit, is_penalised=info.is_penalised)
    if info.is_front:
        figure.update_xaxes(title_text=f"evaluations<br>{style.small(FRONT_NOTE)}")
        figure.update_yaxes(range=[0, 104])
    return figure


def _add_steps(figure: go.Figure, x: np.ndarray, y: np.ndarray, hover: str, *, name: str, line: dict[str, Any]) -> None:
    """Draw a course as a stepped line: it stays until the next improvement."""
    figure.add_scatter(
        x=style.compact(x),
        y=style.compact(y),
        name=name,
        mode="lines",
        line={"width": 2.5, "shape": "hv"} | line,
        hovertemplate=style.said(hover),
    )


def _title_axes(figure: go.Figure, name: str, unit: str, *, is_penalised: bool) -> None:
    title = f"evaluations<br>{style.small(PENALTY_NOTE)}" if is_penalised else "evaluations"
    figure.update_xaxes(title_text=title, rangemode="tozero")
    figure.update_yaxes(title_text=style.axis_title(name, unit, width=30))


def convergence_alt(info: ConvergenceInfo) -> str:
    """The course of the search in a sentence."""
    if not len(info.evaluations):
        return f"Best {info.name} so far: nothing has been evaluated yet."
    if info.is_front:
        half, most = (info.evaluations[int((info.outcomes >= share).argmax())] for share in (50, 95))
        return (
            f"Half of the final front, by its hypervolume, was there after {half:,.0f} evaluations, 95 % of it after "
            f"{most:,.0f} of {info.evaluations[-1]:,.0f}."
        )
    first, last = style.format_number(info.outcomes[0]), style.format_number(info.outcomes[-1], info.unit)
    text = f"The best {info.name} went from {first} to {last} within {info.evaluations[-1]:,.0f} evaluations"
    return text + style.recorded_words(info.best_recorded, info.unit)


RunCourse = tuple[str, str, int, ConvergenceInfo]
"""A run's letter, its name, the number of its colour, the same as elsewhere on the page, and its convergence."""


def overlaid_info(runs: Sequence[RunCourse]) -> tuple[RunCourse, ...]:
    """The runs that have a convergence to draw; not fronts, each of which is told against its own end.

    Raises:
        ValueError: they are not of one outcome in one unit, which one axis cannot show.
    """
    runs = [run for run in runs if not run[3].is_front]
    if len({(course.name, course.unit) for *_, course in runs}) > 1:
        raise ValueError("One axis shows one outcome in one unit: draw the runs of each apart.")
    return tuple(run for run in runs if len(run[3].evaluations))


def overlaid_figure(info: Sequence[RunCourse]) -> go.Figure:
    """The best outcome so far of every run as a stepped line, over the best recorded row."""
    figure = style.blank_figure(HEIGHT_OF_RUNS, has_legend=True)
    courses = [course for *_, course in info]
    first, unit = courses[0], style.escape(courses[0].unit)
    form = style.d3_format(np.concatenate([course.outcomes for course in courses]))
    for letter, name, number, course in info:
        hover = f"{letter} after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {unit}"
        line = {"color": style.result_style(number + 1).colour, "dash": style.RESULT_DASHES[number % 3]}
        title = f"{letter}: {style.escape(clipped(name, 34))}"
        _add_steps(figure, course.evaluations, course.outcomes, hover, name=title, line=line)
    ends = (0, max(float(course.evaluations[-1]) for course in courses))
    for level in dict.fromkeys(course.best_recorded for course in courses if np.isfinite(course.best_recorded)):
        hover = f"best recorded row, by the model<br>{style.format_number(level, unit)}"
        style.add_level(figure, ends, level, "best recorded", hover)
    _title_axes(figure, first.name, first.unit, is_penalised=any(course.is_penalised for course in courses))
    return figure


def overlaid_alt(info: Sequence[RunCourse]) -> str:
    """The courses in a sentence."""
    ends = [
        f"{letter} ends at {style.format_number(course.outcomes[-1], course.unit)} after {course.evaluations[-1]:,.0f}"
        for letter, _, _, course in info
    ]
    return f"Best {info[0][3].name} so far by evaluations: {'; '.join(ends)}."


class MethodCurve(NamedTuple):
    """One method.

    Attributes:
        evaluations: (n,) ascending.
        middle: (n,) median over its searches of the best outcome so far.
        low: (n,) least of them.
        high: (n,) largest of them.
    """

    method: str
    evaluations: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def method_curves(comparison: ComparisonResult) -> tuple[MethodCurve, ...]:
    """The courses of the methods that have found something, the best at the end first."""
    courses = (_course(method, comparison.of_method(method)) for method in ranked(comparison))
    return tuple(course for course in courses if course is not None)


def methods_figure(curves: Sequence[MethodCurve], n_seeds: int, name: str, unit: str) -> go.Figure:
    """A stepped line per method, with a band from its worst to its best seed where there are several.

    Args:
        curves: at least one.
        n_seeds: searches by each method, at most.
        name: of the objective.
        unit: of the objective.
    """
    figure = style.blank_figure(HEIGHT_OF_METHODS, has_legend=True)
    form = style.d3_format(np.concatenate([course.middle for course in curves]))
    for course in curves:
        place, method = list(METHODS).index(course.method), METHOD_NAMES[course.method]
        is_random = course.method == "random_search"
        colour = style.RECORDED if is_random else style.RESULT_COLOURS[place % len(style.RESULT_COLOURS)]
        if n_seeds > 1:
            pale = f"rgba{(*hex_to_rgb(colour), 0.15)}"
            band = {"fillcolor": pale, "line": {"width": 0, "shape": "linear"}, "mode": None}
            group = {"legendgroup": course.method, "name": method, "showlegend": False}
            figure.add_trace(style.ribbon(course.evaluations, course.low, course.high, **band, **group))
        hover = f"{method} after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {style.escape(unit)}"
        line = {"color": colour, "dash": style.RESULT_DASHES[place % 3]}
        _add_steps(figure, course.evaluations, course.middle, hover, name=method, line=line)
        figure.data[-1].legendgroup = course.method
    notes = ["line: median of the seeds, band: from the worst to the best"] if n_seeds > 1 else []
    title = f"evaluations (logarithmic)<br>{style.small('; '.join([*notes, PENALTY_NOTE]))}"
    figure.update_xaxes(type="log", dtick=1, tickformat=",d", title_text=title)
    figure.update_yaxes(title_text=style.axis_title(f"best {name} so far", unit, width=36))
    return figure


def methods_alt(curves: Sequence[MethodCurve], name: str, unit: str) -> str:
    """The picture in a sentence."""
    ends = [
        f"{METHOD_NAMES[course.method]} {style.format_number(float(course.middle[-1]), unit)} after "
        f"{course.evaluations[-1]:,.0f}"
        for course in curves
    ]
    return f"Best {name} by evaluations: {'; '.join(ends)}."


def _course(method: str, entries: tuple[Entry, ...]) -> MethodCurve | None:
    """The course of a method over its searches, or None where none of them found anything."""
    known = [entry for entry in entries if entry.course]
    if not known:
        return None
    if len(known) == 1:
        spent, outcomes = np.array(known[0].evaluations, dtype=float), np.array(known[0].course)
        return MethodCurve(method, spent, outcomes, outcomes, outcomes)
    first = max(entry.evaluations[0] for entry in known)  # before that, not every search has begun
    last = max(entry.evaluations[-1] for entry in known)
    spent = np.unique(np.geomspace(first, max(last, first), N_POINTS).round())
    each = np.array([_held(entry, spent) for entry in known])
    return MethodCurve(method, spent, np.median(each, axis=0), each.min(axis=0), each.max(axis=0))


def _held(entry: Entry, spent: np.ndarray) -> np.ndarray:
    """The objective of the best so far after so many evaluations, (n,)."""
    places = np.searchsorted(np.array(entry.evaluations), spent, side="right") - 1
    return np.array(entry.course)[np.clip(places, 0, None)]
