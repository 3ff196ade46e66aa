"""What the results look like: density check, curves, parallel coordinates, convergence."""

import streamlit as st

from models import Dataset
from services.results import RunResult
from services.runs.traces import TracePiece
from ui import charts
from ui.components.chart import show_chart
from ui.text import safe_label


def result_charts(result: RunResult, dataset: Dataset, trace: TracePiece | None) -> None:
    """Draw every chart that the result and the trace of its search have numbers for."""
    left, right = st.columns(2, gap="large")
    with left:
        _density_check(result)
    with right if result.density else left:
        _curves(result)
    info = charts.parallel_info(result, dataset)
    if info is not None:
        st.subheader("All features at a glance")
        show_chart("parallel", charts.parallel_figure(info), charts.parallel_alt(info))
    _convergence(result, trace)


def _convergence(result: RunResult, trace: TracePiece | None) -> None:
    if trace is None or not len(trace.events):
        return
    info = charts.convergence_info(trace.events, trace.generations, result)
    with st.expander("How the search converged", icon=":material/trending_up:"):
        show_chart("convergence", charts.convergence_figure(info), charts.convergence_alt(info))


def _density_check(result: RunResult) -> None:
    info = charts.density_check_info(result)
    if info is None:
        return
    st.subheader("Density check")
    st.caption(
        "The sum of the parts, against what was recorded. Candidates far outside were never tried: there the model "
        "is only guessing."
    )
    show_chart("density-check", charts.density_check_figure(info), charts.density_check_alt(info))


def _curves(result: RunResult) -> None:
    info = charts.curves_info(result)
    if info is None or result.sweep is None:
        return
    st.subheader(safe_label(f"{result.outcome_name.capitalize()} over {result.sweep.feature}"))
    st.caption("Predicted curves of the results and of the best recorded rows.")
    show_chart("curves", charts.curves_figure(info), charts.curves_alt(info))
