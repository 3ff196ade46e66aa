"""What else there is to see of a result: its densities against the recorded ones, and how the search converged."""

import streamlit as st

from services.jobs.workers.traces import TracePiece
from services.specs.results import RunResult
from ui import charts
from ui.shared.widgets import show_chart


def density_check(result: RunResult) -> None:
    """Draw the densities of the results against those of the recorded rows, where parts add up."""
    info = charts.density_check_info(result)
    if info is None:
        return
    st.subheader("Density check")
    st.caption(
        "The sum of the parts, against what was recorded. Candidates far outside were never tried: there the model "
        "is only guessing."
    )
    show_chart("density-check", charts.density_check_figure(info), charts.density_check_alt(info))


def convergence(result: RunResult, trace: TracePiece | None) -> None:
    """Draw how the best of the search got better."""
    if trace is None or not len(trace.events):
        return
    info = charts.convergence_info(trace.events, trace.generations, result)
    show_chart("convergence", charts.convergence_figure(info), charts.convergence_alt(info))
