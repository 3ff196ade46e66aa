"""A result as files to take away."""

import re

import streamlit as st

from services.exports import to_csv, to_excel
from services.figures import figures_frame
from services.results import RunResult
from services.sheets import comparison_frame, provenance_frame, results_frame

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloads(result: RunResult) -> None:
    """Draw the buttons: results as CSV and Excel, the specification as JSON."""
    stem = file_stem(result.spec.name)
    with st.container(horizontal=True):
        st.download_button(
            "Download CSV",
            to_csv(results_frame(result)),
            f"{stem}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Download Excel", workbook(result), f"{stem}.xlsx", _EXCEL, icon=":material/download:", on_click="ignore"
        )
        st.download_button(
            "Download specification",
            result.spec.model_dump_json(indent=2),
            f"{stem}.json",
            "application/json",
            icon=":material/download:",
            help="All the run depends on. The command line repeats it: python -m services.cli run FILE --out DIR",
            on_click="ignore",
        )


def workbook(result: RunResult) -> bytes:
    """Return a result as an Excel workbook."""
    return to_excel(
        {
            "Results": results_frame(result),
            "With best recorded": comparison_frame(result),
            "Figures": figures_frame(result),
            "Provenance": provenance_frame(result),
        }
    )


def file_stem(name: str) -> str:
    """Return a name that is safe as a file's."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "results"
