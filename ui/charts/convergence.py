"""How searches got better: the best outcome so far against evaluations, of one run or of several."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from optimizer import Events, Goal
from services.specs.results import RunResult
from ui.charts.style import (
    ACCENT,
    REFERENCE,
    TARGET,
    axis_title,
    blank_figure,
    clipped,
    compact,
    d3_format,
    escape,
    evenly,
    format_number,
    result_style,
    small,
)

HEIGHT = 300
MAX_POINTS = 1_000


HEIGHT_OVERLAID = 340


class ConvergenceInfo(NamedTuple):
    """Numbers of the convergence.

    Attributes:
        evaluations: (n,) ascending, at most 1,000: the first generation, those with an improvement, and the last.
        outcomes: (n,) objective of the candidate with the best score so far.
        is_penalised: whether penalties count, so that the outcome may fall where the score got better.
        wanted: the value that is searched for, NaN where none is.
        best_recorded: objective of the best recorded row, NaN without one.
        name: of the objective.
        unit: of the objective.
    """

    evaluations: np.ndarray
    outcomes: np.ndarray
    is_penalised: bool
    wanted: float
    best_recorded: float
    name: str
    unit: str


def convergence_info(events: Events, generations: np.ndarray, result: RunResult) -> ConvergenceInfo:
    """Return the best outcome so far, after every generation that improved it.

    "Best" is by score, penalties included: the outcome itself may fall where a candidate became more believable.

    Args:
        events: of the whole search, ordered by generation.
        generations: (g, 2) number and cumulative evaluations of every generation.
        result: that the search led to.
    """
    is_finite = np.isfinite(events.bests.scores) & np.isfinite(events.bests.outcomes)
    scores, outcomes = events.bests.scores[is_finite], events.bests.outcomes[is_finite]
    recorded = result.best_recorded.outcomes
    density = result.spec.density
    is_penalised = density is not None and density.weight > 0
    wanted = float("nan") if result.spec.value is None or result.goal is not Goal.VALUE else result.spec.value
    common = (
        is_penalised,
        wanted,
        recorded[0] if recorded else float("nan"),
        result.objective_name,
        result.objective_unit,
    )
    if not len(scores) or not len(generations):
        return ConvergenceInfo(np.empty(0), np.empty(0), *common)
    spent = np.interp(events.generations[is_finite], generations[:, 0], generations[:, 1])
    lowest = np.minimum.accumulate(scores)
    is_better = np.append(True, lowest[1:] < lowest[:-1])
    evaluations, outcomes = spent[is_better], outcomes[is_better]
    # of several improvements in one generation the last counts
    is_last = np.append(evaluations[1:] != evaluations[:-1], True)
    evaluations, outcomes = evaluations[is_last], outcomes[is_last]
    if generations[-1, 1] > evaluations[-1]:
        evaluations = np.append(evaluations, generations[-1, 1])
        outcomes = np.append(outcomes, outcomes[-1])
    rows = evenly(len(evaluations), MAX_POINTS)
    return ConvergenceInfo(evaluations[rows], outcomes[rows], *common)


def convergence_figure(info: ConvergenceInfo) -> go.Figure:
    """Return the best outcome so far as a stepped line, over the best recorded row."""
    figure = blank_figure(HEIGHT, has_legend=True)
    form, unit = d3_format(info.outcomes), escape(info.unit)
    figure.add_scatter(
        x=compact(info.evaluations),
        y=compact(info.outcomes),
        name="best so far",
        mode="lines",
        line={"color": ACCENT, "width": 2.5, "shape": "hv"},
        hovertemplate=f"after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {unit}<extra></extra>",
    )
    levels = (("wanted", info.wanted, TARGET, "dot"), ("best recorded", info.best_recorded, REFERENCE, "dash"))
    for name, level, colour, dash in levels:
        if np.isfinite(level) and len(info.evaluations):
            figure.add_scatter(
                x=[0, float(info.evaluations[-1])],
                y=[level] * 2,
                name=name,
                mode="lines",
                line={"color": colour, "width": 1.5, "dash": dash},
                hovertemplate=f"{name}<br>{format_number(level, unit)}<extra></extra>",
            )
    title = "evaluations"
    if info.is_penalised:
        title += f"<br>{small('best by score: for less penalty the outcome may fall')}"
    figure.update_xaxes(title_text=title, rangemode="tozero")
    figure.update_yaxes(title_text=axis_title(info.name, info.unit, width=30))
    return figure


def convergence_alt(info: ConvergenceInfo) -> str:
    """Return the course of the search in a sentence."""
    if not len(info.evaluations):
        return f"Best {info.name} so far: nothing has been evaluated yet."
    first, last = format_number(info.outcomes[0]), format_number(info.outcomes[-1], info.unit)
    text = f"The best {info.name} went from {first} to {last} within {info.evaluations[-1]:,.0f} evaluations"
    if np.isfinite(info.best_recorded):
        text += f"; the best recorded row has {format_number(info.best_recorded, info.unit)}"
    return text + "."


class OverlaidInfo(NamedTuple):
    """Numbers of several convergences.

    Attributes:
        letters: of the runs, "A", "B" ...
        names: of the runs.
        places: (n,) which colour each run has, the same as elsewhere on the page.
        courses: of the runs, all of one outcome in one unit.
    """

    letters: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[int, ...]
    courses: tuple[ConvergenceInfo, ...]


def overlaid_info(runs: Sequence[tuple[str, str, int, ConvergenceInfo]]) -> OverlaidInfo | None:
    """Return the numbers of runs (letter, name, place, convergence) that have any, or None for none.

    Raises:
        ValueError: they are not of one outcome in one unit, which one axis cannot show.
    """
    if len({(course.name, course.unit) for *_, course in runs}) > 1:
        raise ValueError("One axis shows one outcome in one unit: draw the runs of each apart.")
    known = [run for run in runs if len(run[3].evaluations)]
    return OverlaidInfo(*map(tuple, zip(*known, strict=True))) if known else None


def overlaid_figure(info: OverlaidInfo) -> go.Figure:
    """Return the best outcome so far of every run as a stepped line, over the best recorded row."""
    figure = blank_figure(HEIGHT_OVERLAID, has_legend=True)
    first, unit = info.courses[0], escape(info.courses[0].unit)
    form = d3_format(np.concatenate([course.outcomes for course in info.courses]))
    for letter, name, place, course in zip(*info, strict=True):
        style = result_style(place + 1)
        figure.add_scatter(
            x=compact(course.evaluations),
            y=compact(course.outcomes),
            name=f"{letter}: {escape(clipped(name, 34))}",
            mode="lines",
            line={"color": style.colour, "width": 2.5, "shape": "hv", "dash": ("solid", "dash", "dot")[place % 3]},
            hovertemplate=f"{letter} after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {unit}<extra></extra>",
        )
    longest = max(float(course.evaluations[-1]) for course in info.courses)
    for level in dict.fromkeys(course.best_recorded for course in info.courses if np.isfinite(course.best_recorded)):
        figure.add_scatter(
            x=[0, longest],
            y=[level] * 2,
            name="best recorded",
            mode="lines",
            line={"color": REFERENCE, "width": 1.5},
            hovertemplate=f"best recorded row, by the model<br>{format_number(level, unit)}<extra></extra>",
        )
    title = "evaluations"
    if any(course.is_penalised for course in info.courses):
        title += f"<br>{small('best by score: for less penalty the outcome may fall')}"
    figure.update_xaxes(title_text=title, rangemode="tozero")
    figure.update_yaxes(title_text=axis_title(first.name, first.unit, width=30))
    return figure


def overlaid_alt(info: OverlaidInfo) -> str:
    """Return the courses in a sentence."""
    ends = [
        f"{letter} ends at {format_number(course.outcomes[-1], course.unit)} after {course.evaluations[-1]:,.0f}"
        for letter, course in zip(info.letters, info.courses, strict=True)
    ]
    return f"Best {info.courses[0].name} so far by evaluations: {'; '.join(ends)}."
