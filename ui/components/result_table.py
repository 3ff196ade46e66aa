"""The results beside what they have to beat: best recorded rows and random search, cells that differ tinted."""

from typing import Any

import streamlit as st

from services.baselines import baseline_sentence
from services.figures import result_figures
from services.ordering import SortBy, order_of, orders
from services.results import RunResult
from services.sheets import (
    closing_sentence,
    density_warning,
    label,
    predicted_header,
    result_names,
    search_sentence,
)
from services.wordings import PLAUSIBILITY_MEANING
from ui.components.result_detail import look_at, result_detail
from ui.components.result_look import CHECKED, PLAUSIBLE, WARNING, screen_frame, shown_sets, styled, worst_header
from ui.text import safe_label

SHOWN_WHOLE = 14  # rows: more of them scroll


def result_table(result: RunResult) -> None:
    """Draw the table, one result in detail, notes and the closing sentence."""
    if not len(result.results):
        st.warning(safe_label(_why_nothing(result)), icon=":material/search_off:")
        return
    st.caption(safe_label(search_sentence(result)))
    if warning := density_warning(result):
        st.warning(safe_label(warning), icon=":material/warning:")
    st.write(safe_label(baseline_sentence(result)))
    names = _table(result, _sort_by(result))
    _reading_aid(result)
    result_detail(result, names)
    if result.notes:
        st.info("  \n".join(map(safe_label, result.notes)), icon=":material/vertical_align_center:")
    _figures(result)
    st.write(safe_label(closing_sentence(result)))


def _why_nothing(result: RunResult) -> str:
    """Return why there are no results, and what to do."""
    if result.notes:
        return f"Nothing was found. {' '.join(result.notes)}"
    return "Nothing was found: no candidate got a finite prediction. Choose another model, or narrower bounds."


def _sort_by(result: RunResult) -> SortBy:
    """Draw what the results are sorted by, and return it."""
    known = orders(result)
    if len(known) == 1:
        return SortBy.CHOSEN
    chosen = st.segmented_control(
        "Sort by", known, default=SortBy.CHOSEN, format_func=lambda by: by.value.capitalize(), key="sort-results"
    )
    return chosen or SortBy.CHOSEN


def _table(result: RunResult, by: SortBy) -> list[str]:
    """Draw the table and return the names of the results in its order."""
    frame = screen_frame(result)
    order = order_of(result, by)
    places = [*order.tolist(), *range(len(order), len(frame))]
    names = [result_names(len(order))[place] for place in order]
    key = f"results-table-{by.name.lower()}"  # a table that is sorted anew forgets which cell was clicked
    st.dataframe(
        styled(result, frame, places),
        hide_index=True,
        width="stretch",
        height="content" if len(frame) <= SHOWN_WHOLE else "auto",
        placeholder="–",
        alt="Results, best recorded rows and the best of random candidates",
        column_config=_columns(result),
        key=key,
        on_select=lambda: _clicked(key, names),
        selection_mode="single-cell",
    )
    return names


def _clicked(key: str, names: list[str]) -> None:
    """Look closer at the result whose cell was clicked."""
    cells = st.session_state[key].selection.cells
    if cells and cells[0][0] < len(names):
        look_at(names[cells[0][0]])


def _columns(result: RunResult) -> dict[str, Any]:
    """Return what the headers tell on hover."""
    level = f"{100 * result.spec.level:g} %"
    interval = f" In brackets: between these two the true value lies in {level} of such cases."
    known = result.results.lows is not None
    return {
        "candidate": st.column_config.TextColumn(pinned=True),
        predicted_header(result): st.column_config.Column(
            help=f"By the model, not measured.{interval if known else ''}"
        ),
        PLAUSIBLE: st.column_config.Column(help=f"Plausibility: {PLAUSIBILITY_MEANING}."),
        CHECKED: st.column_config.Column(help="The same by another measure, which the search never saw."),
        worst_header(result): st.column_config.Column(
            help="The worse end of the predicted 5-95 % band when it is dosed as exactly as people dose."
        ),
        label(f"measured {result.outcome_name}", result.outcome_unit): st.column_config.Column(
            help="As it was recorded; results were not measured."
        ),
    }


def _reading_aid(result: RunResult) -> None:
    """Draw how the table is to be read."""
    reference = f"row {result.best_recorded.rows[0]}" if result.best_recorded.rows else "the best recorded row"
    words = (
        f"Reference: recorded {reference}, the best recorded by the same objective. Blue cells differ from it, the "
        "more the stronger. Results are predictions, not measurements."
    )
    if result.results.plausibility is not None:
        words += f" Plausibility: {PLAUSIBILITY_MEANING}."
    if any(any(rows.disagrees or ()) for rows in shown_sets(result)):
        words += f" {WARNING}: the two checks disagree; trust the lower one."
    st.caption(words)


def _figures(result: RunResult) -> None:
    """Draw how good and how different the results are, quietly: one line where there is room."""
    with st.container(horizontal=True, gap="small", key="figures"):
        for figure in result_figures(result):
            st.caption(f"{figure.name}: **{safe_label(figure.value)}**", help=figure.meaning, width="content")
