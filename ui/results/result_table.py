"""The results beside what they have to beat, and one of them looked at closely: one choice for view and card."""

from typing import Any

import streamlit as st

from services.jobs.workers.traces import TracePiece
from services.problems.reference import reference_of
from services.results.baselines import baseline_sentence
from services.results.names import result_names
from services.specs.results import RunResult
from services.texts.results import result_figures
from services.texts.tables import closing_sentence, density_warning, search_sentence
from ui.charts.convergence import convergence_alt, convergence_figure, convergence_info
from ui.charts.density import density_check_alt, density_check_figure, density_check_info
from ui.results.result_detail import LOOKED_AT, look_at, result_detail
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart
from ui.web.result_view.component import result_view, table_message


def result_table(result: RunResult) -> None:
    """Draw what was searched for, the table, one result in detail, notes and the closing sentence."""
    if not found_any(result):
        return
    result_words(result)
    result_choice(result, table_message(result))
    result_notes(result)
    result_figures_line(result)
    st.write(safe_label(closing_sentence(result)))


def found_any(result: RunResult) -> bool:
    """Whether there are results; else say why there are none, and what to do."""
    if not len(result.results):
        st.warning(safe_label(_why_nothing(result)), icon=":material/search_off:")
    return len(result.results) > 0


def result_words(result: RunResult) -> None:
    """Draw what was searched for and what came of it, and a warning where results cannot be believed."""
    st.caption(f"{safe_label(search_sentence(result))}  \n{safe_label(baseline_sentence(result))}")
    if warning := density_warning(result):
        st.warning(safe_label(warning), icon=":material/warning:")


def result_choice(result: RunResult, message: dict[str, Any]) -> None:
    """Draw the linked view of a result and the card of the one that is chosen; a choice draws only these anew.

    Args:
        result: that has results.
        message: of the view.
    """
    st.fragment(_draw_choice)(result, message)


def result_notes(result: RunResult) -> None:
    """Draw what the user should know of the results."""
    if result.notes:
        st.info("  \n".join(map(safe_label, result.notes)), icon=":material/vertical_align_center:")


def result_figures_line(result: RunResult) -> None:
    """Draw how good and how different the results are, quietly: one line where there is room."""
    with st.container(horizontal=True, gap="small", key="figures"):
        for figure in result_figures(result):
            st.caption(f"{figure.name}: **{safe_label(figure.value)}**", help=figure.meaning, width="content")


def _draw_choice(result: RunResult, message: dict[str, Any]) -> None:
    names = result_names(len(result.results))
    chosen = _chosen(names)
    result_view(message, key="result-view", chosen=chosen, on_choose=lambda position: look_at(names[position]))
    _reading_aid(result)
    result_detail(result, names)


def _chosen(names: list[str]) -> int:
    """The position of the result that is looked at, the same for the view and for the card below it."""
    session, name = AppSession.current(), st.session_state.get(LOOKED_AT)
    if session.results.run_id != session.run_id:
        session.results.run_id, session.results.chosen, name = session.run_id, None, None
    if name in names:
        session.results.chosen = names.index(name)
        return session.results.chosen
    if session.results.chosen is None or session.results.chosen >= len(names):
        session.results.chosen = 0
    look_at(names[session.results.chosen])  # the card forgot: the page was left meanwhile, or another run is shown
    return session.results.chosen


def _why_nothing(result: RunResult) -> str:
    if result.notes:
        return f"Nothing was found. {' '.join(result.notes)}"
    return "Nothing was found: no candidate got a finite prediction. Choose another model, or narrower bounds."


def _reading_aid(result: RunResult) -> None:
    name, _ = reference_of(result)
    about = "" if result.reference is not None else ", the best recorded by the same objective"
    st.caption(
        safe_label(
            f"Reference: {name}{about}. Blue cells differ from it, the more the stronger. Results are predictions, not "
            "measurements."
        )
    )


def density_check(result: RunResult) -> None:
    """Draw the densities of the results against those of the recorded rows, where parts add up."""
    info = density_check_info(result)
    if info is None:
        return
    st.subheader("Density check")
    st.caption(
        "The sum of the parts, against what was recorded. Candidates far outside were never tried: there the model "
        "is only guessing."
    )
    show_chart("density-check", density_check_figure(info), density_check_alt(info))


def convergence(result: RunResult, trace: TracePiece | None) -> None:
    """Draw how the best of the search got better."""
    if trace is None or not len(trace.events):
        return
    info = convergence_info(trace.events, trace.generations, result)
    show_chart("convergence", convergence_figure(info), convergence_alt(info))
