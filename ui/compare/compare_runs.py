"""Runs side by side: which ones, how their settings differ, what they found, how they got there."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from optimizer.constraints.constraint import listed
from services.jobs import JobState, RunFilter, RunRow
from services.jobs.texts import best_words, run_title
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.studies.compare.runs import alike, differences, figures_of_runs, map_of, on_one_map
from ui.charts.common_map import common_map_alt, common_map_figure
from ui.charts.convergence import convergence_info, overlaid_alt, overlaid_figure, overlaid_info
from ui.shared import cache, frame
from ui.shared.frame import open_job
from ui.shared.needs import SEARCH, STORY, empty_state
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart

CONVERGED, MAPPED = "How the searches converged", "Where the results lie"
MOST = 6
MAX_LISTED = 500
_SIDE_BY_SIDE = RunFilter(states=(JobState.DONE, JobState.CANCELLED))


class Compared(NamedTuple):
    """One of the runs; its position among those that are shown gives the colour."""

    position: int
    letter: str
    row: RunRow
    result: RunResult


def compare_runs(session: AppSession) -> None:
    """Draw the choice of runs, and those chosen side by side."""
    listed_runs = cache.supervisor().store.runs(_SIDE_BY_SIDE, at_most=MAX_LISTED).rows
    rows = {row.id: row for row in listed_runs if row.n_results}
    rows |= {row.id: row for row in cache.supervisor().store.runs_named(session.compare.runs or ()) if row.n_results}
    if not rows:
        words = "There are no finished runs with results yet. Start a search or two, then compare them here."
        empty_state(words, SEARCH, STORY)
        return
    if session.compare.runs is None:
        session.compare.runs = _likely(session, list(rows.values()))
    _choose(session, rows)
    runs = _taken([rows[run] for run in session.compare.runs or () if run in rows])
    if len(runs) < 2:
        st.info("Choose two or more runs to see them side by side.", icon=":material/compare:")
        return
    _settings(runs)
    groups = alike([run.result for run in runs])
    if len(groups) > 1:
        apart = [listed([runs[k].letter for k in group]) for group in groups]
        st.info(
            f"These runs search for different outcomes, so their numbers are shown apart: {' | '.join(apart)}.",
            icon=":material/call_split:",
        )
    for group in groups:
        _results(session, [runs[k] for k in group], has_heading=len(groups) > 1)
    _when_open(MAPPED, ":material/scatter_plot:", "mapped", lambda: _maps(runs))


def _likely(session: AppSession, rows: list[RunRow]) -> tuple[str, ...]:
    """The runs that are shown before any were chosen: the session's and the newest one of the same table."""
    own = next((row for row in rows if row.id == session.run_id), rows[0])
    others = [row for row in rows if row.id != own.id and row.dataset == own.dataset]
    return (own.id, *(row.id for row in others[:1]))


def _choose(session: AppSession, rows: dict[str, RunRow]) -> None:
    """Draw the choice; what is chosen goes to the session at once, and so into the address."""
    key = session.forms.key("compare-runs")

    def take() -> None:
        session.compare.runs = tuple(st.session_state[key])

    st.multiselect(
        "Runs to compare",
        list(rows),
        default=[run for run in session.compare.runs or () if run in rows],
        format_func=lambda run: _option(rows[run]),
        key=key,
        on_change=take,
        max_selections=MOST,
        placeholder="Type a name, a table or a date",
        help=f"Any {MOST} finished runs at most. Type to search them.",
    )


def _option(row: RunRow) -> str:
    """What a run is called in the choice: name, best, table and when it was made, to tell namesakes apart."""
    best = f"{best_words(row)} {row.unit}".strip()
    made = row.created_at.astimezone()
    return " · ".join(part for part in (run_title(row), best, row.dataset, f"{made:%d %b %H:%M}") if part)


def _taken(rows: Sequence[RunRow]) -> list[Compared]:
    known = [(row, result) for row in rows if (result := cache.result(cache.job(row.id))) is not None]
    return [Compared(position, chr(ord("A") + position), row, result) for position, (row, result) in enumerate(known)]


def _settings(runs: Sequence[Compared]) -> None:
    st.subheader("Settings that differ")
    units = {feature.name: feature.unit for run in runs for feature in run.result.features}
    found = differences([run.result.spec for run in runs], units)
    if not found:
        st.write("None: these runs have the same settings.")
        return
    columns = {
        f"{run.letter}: {run_title(run.row)}": [each[k] for each in found.values()] for k, run in enumerate(runs)
    }
    _words_table({"Setting": list(found)} | columns, "settings", "Settings that differ")


def _words_table(columns: dict[str, list[str]], name: str, alt: str) -> None:
    first = next(iter(columns))
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        width="stretch",
        height="content",
        key=f"compare-{name}",
        alt=alt,
        column_config={first: st.column_config.TextColumn(pinned=True, width=200)},
    )


def _results(session: AppSession, runs: Sequence[Compared], *, has_heading: bool) -> None:
    """Draw the results of runs that search for the same outcome, and how their searches converged."""
    first = runs[0].result
    unit = f" in {first.objective_unit}" if first.objective_unit else ""
    st.subheader(safe_label(f"Results: {first.objective_name}{unit}") if has_heading else "Results")
    named = "-".join(run.letter for run in runs)
    frame_ = figures_of_runs([run.result for run in runs], [run.letter for run in runs])
    columns = {str(header) or "Figure": frame_[header].tolist() for header in frame_.columns}
    _words_table(columns, f"results-{named}", "Results side by side")
    with st.container(horizontal=True):
        for run in runs:
            if st.button(f"Open {run.letter}", key=f"compare-open-{run.row.id}", icon=":material/grading:"):
                open_job(session, run.row.id, frame.RESULTS)
    _when_open(CONVERGED, ":material/trending_up:", f"converged-{named}", lambda: _convergence(runs, named))


def _when_open(title: str, icon: str, key: str, draw: Callable[[], None]) -> None:
    """Draw what is folded once it is opened: a chart costs the browser a tenth of a second, also where none sees it."""

    def part() -> None:
        with st.expander(title, icon=icon, key=key, on_change="rerun") as fold:
            if fold.open:
                draw()

    st.fragment(part)()


def _convergence(runs: Sequence[Compared], named: str) -> None:
    courses = []
    for run in runs:
        trace = cache.course(run.row.id).read()
        if trace is not None and len(trace.events):
            info = convergence_info(trace.events, trace.generations, run.result)
            courses.append((run.letter, run_title(run.row), run.position, info))
    overlaid = overlaid_info(courses)
    if overlaid:
        key = f"courses {[(run.row.id, run_title(run.row), run.position) for run in runs]}"
        figure, alt = cache.chart(key, lambda: (overlaid_figure(overlaid), overlaid_alt(overlaid)))
        show_chart(f"compare-course-{named}", figure, alt)
    if any(info.is_front for *_, info in courses):
        st.caption("Runs for several goals are not in this chart: each front is told against its own end only.")


def _maps(runs: Sequence[Compared]) -> None:
    """Draw one map for all runs that share table and features, and say which do not."""
    groups = on_one_map([run.result for run in runs])
    if len(groups) > 1:
        apart = " | ".join(listed([runs[k].letter for k in group]) for group in groups)
        st.info(
            f"Not all of these runs have the same table and the same features, so no one map holds them: {apart}.",
            icon=":material/call_split:",
        )
    for group in groups:
        if len(group) > 1:
            _map([runs[k] for k in group])


def _map(runs: Sequence[Compared]) -> None:
    spec = runs[0].result.spec
    shown = [(run.letter, run_title(run.row), run.position, run.result) for run in runs]

    def draw() -> tuple[Any, str]:
        dataset = cache.model_data(cache.catalog().dataset(spec.dataset), spec.model).dataset
        projection = map_of([run.result.spec for run in runs], dataset)
        return common_map_figure(shown, dataset.X, projection), common_map_alt(shown)

    try:
        figure, alt = cache.chart(f"map {[(run.row.id, *one[:3]) for run, one in zip(runs, shown, strict=True)]}", draw)
    except USER_ERRORS as error:
        st.warning(f"The map of {listed([run.letter for run in runs])} cannot be drawn: {safe_label(str(error))}")
        return
    show_chart(f"compare-map-{'-'.join(run.letter for run in runs)}", figure, alt)
