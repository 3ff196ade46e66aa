"""The convergence of several runs on one axis."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from ui.charts.convergence import ConvergenceInfo
from ui.charts.look import REFERENCE, blank_figure, compact, result_style
from ui.charts.words import axis_title, clipped, d3_format, escape, format_number, small

HEIGHT = 340


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
    figure = blank_figure(HEIGHT, has_legend=True)
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
