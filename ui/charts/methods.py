"""Methods against one another: the best outcome so far over evaluations, with bands over seeds."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from optimizer import METHODS
from services.studies.compare.methods_spec import ComparisonResult, Entry
from services.studies.compare.methods_texts import METHOD_NAMES, ranked
from ui.charts.style import (
    RECORDED,
    RESULT_COLOURS,
    RESULT_DASHES,
    axis_title,
    blank_figure,
    compact,
    d3_format,
    escape,
    format_number,
    small,
)

HEIGHT = 420
N_POINTS = 120


class MethodCurve(NamedTuple):
    """One method.

    Attributes:
        method: its name in `METHODS`.
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


class MethodsInfo(NamedTuple):
    """Numbers of the picture.

    Attributes:
        courses: of the methods, the best at the end first.
        n_seeds: searches by each method, at most.
        name: of the objective.
        unit: of the objective.
    """

    courses: tuple[MethodCurve, ...]
    n_seeds: int
    name: str
    unit: str


def methods_info(comparison: ComparisonResult, name: str, unit: str) -> MethodsInfo | None:
    """Return the courses of the methods that are done, or None before there is one.

    Args:
        comparison: the comparison, as far as it is.
        name: of the objective.
        unit: of the objective.
    """
    courses = [_course(method, comparison.of_method(method)) for method in ranked(comparison)]
    known = tuple(course for course in courses if course is not None)
    return MethodsInfo(known, comparison.spec.n_seeds, name, unit) if known else None


def methods_figure(info: MethodsInfo) -> go.Figure:
    """Return a stepped line per method, with a band from its worst to its best seed where there are several."""
    figure = blank_figure(HEIGHT, has_legend=True)
    form = d3_format(np.concatenate([course.middle for course in info.courses]))
    for course in info.courses:
        place = list(METHODS).index(course.method)
        colour = RECORDED if course.method == "random_search" else RESULT_COLOURS[place % len(RESULT_COLOURS)]
        name = METHOD_NAMES[course.method]
        if info.n_seeds > 1:
            figure.add_scatter(
                x=np.concatenate([course.evaluations, course.evaluations[::-1]]),
                y=np.concatenate([course.high, course.low[::-1]]),
                fill="toself",
                fillcolor=_pale(colour),
                line={"width": 0, "shape": "linear"},
                legendgroup=course.method,
                name=name,
                showlegend=False,
                hoverinfo="skip",
            )
        figure.add_scatter(
            x=compact(course.evaluations),
            y=compact(course.middle),
            name=name,
            legendgroup=course.method,
            mode="lines",
            line={"color": colour, "width": 2.5, "shape": "hv", "dash": RESULT_DASHES[place % 3]},
            hovertemplate=f"{name} after %{{x:,.0f}} evaluations<br>%{{y:{form}}} {escape(info.unit)}<extra></extra>",
        )
    notes = ["best by score: for less penalty the outcome may fall"]
    if info.n_seeds > 1:
        notes.insert(0, "line: median of the seeds, band: from the worst to the best")
    title = f"evaluations (logarithmic)<br>{small('; '.join(notes))}"
    figure.update_xaxes(type="log", dtick=1, tickformat=",d", title_text=title)
    figure.update_yaxes(title_text=axis_title(f"best {info.name} so far", info.unit, width=36))
    return figure


def methods_alt(info: MethodsInfo) -> str:
    """Return the picture in a sentence."""
    ends = [
        f"{METHOD_NAMES[course.method]} {format_number(float(course.middle[-1]), info.unit)} after "
        f"{course.evaluations[-1]:,.0f}"
        for course in info.courses
    ]
    return f"Best {info.name} by evaluations: {'; '.join(ends)}."


def _course(method: str, entries: tuple[Entry, ...]) -> MethodCurve | None:
    """Return the course of a method over its searches, or None where none of them found anything."""
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
    """Return the objective of the best so far after so many evaluations, (n,)."""
    places = np.searchsorted(np.array(entry.evaluations), spent, side="right") - 1
    return np.array(entry.course)[np.clip(places, 0, None)]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.15)"
