"""One's own work: the runs and tables that were used last, which are in the store and so in every browser."""

from datetime import UTC, datetime

import streamlit as st

from services.catalog.datasets import KeptTable
from services.jobs import RunRow
from services.jobs.store.listing import RunFilter
from services.specs.digits import counted
from services.specs.errors import USER_ERRORS
from services.texts.datasets import day_words
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_error

_N_SHOWN = 4
_N_LOOKED_AT = 30  # stories are left out of them


def recent_work() -> tuple[list[RunRow], list[KeptTable]]:
    """The runs of one's own and the tables that were used last, newest first."""
    rows = cache.supervisor().store.runs(RunFilter(), at_most=_N_LOOKED_AT).rows
    runs = [row for row in rows if not row.story]
    tables = cache.catalog().datasets.recent(_N_SHOWN)
    return runs[: _N_SHOWN - bool(tables)], tables


def own_work(session: AppSession, runs: list[RunRow], tables: list[KeptTable]) -> None:
    """Draw the runs and tables that were used last, each with the way to go on with it."""
    st.header("Go on with your work")
    places = iter(st.columns(_N_SHOWN, gap="medium"))
    for run in runs:
        with next(places), st.container(border=True, height="stretch"):
            _run(session, run)
    if tables:
        with next(places), st.container(border=True, height="stretch"):
            _tables(session, tables)


def _run(session: AppSession, run: RunRow) -> None:
    with st.container(height="stretch", gap="xsmall"):
        picture = cache.run_thumbnail(run.id) if run.state.is_final and run.n_results else ""
        if picture:
            st.image(
                picture, width="stretch", alt=f"The {counted(run.n_results or 0, 'result')} as lines over features"
            )
        st.markdown(f"**{safe_label(run.name)}**")
        results = counted(run.n_results, "result") if run.n_results is not None else str(run.state)
        about = (run.goal, results, day_words(run.created_at, datetime.now(UTC)))
        st.caption(" · ".join(safe_label(part) for part in about if part))
    if st.button("Continue", key=f"continue-{run.id}", icon=":material/arrow_forward:"):
        frame.open_job(session, run.id)


def _tables(session: AppSession, tables: list[KeptTable]) -> None:
    with st.container(height="stretch", gap="xsmall"):
        st.markdown("**My tables**")
        for table in tables:
            if st.button(
                safe_label(table.name),
                key=f"table-{table.digest[:12]}",
                icon=":material/table_chart:",
                type="tertiary",
                help=safe_label(f"{counted(table.n_rows, 'row')}, {table.outcome_words}"),
            ):
                _open(session, table)
    st.page_link(frame.DATA, label="Bring another table", icon=":material/upload_file:")


def _open(session: AppSession, table: KeptTable) -> None:
    try:
        session.use_dataset(cache.catalog().datasets.find(table.digest))
    except USER_ERRORS as error:
        show_error(error)
        return
    session.data.upload = None
    st.switch_page(frame.DATA)
