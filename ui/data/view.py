"""What the table in use holds: in words, as histograms, its relations, and what was left out on the way to it."""

import streamlit as st

from models import Dataset
from models.data.split import keeps_batches
from optimizer.constraints.constraint import listed
from services.intake.tables.cleaning import CleanTable
from services.specs.digits import counted
from services.specs.run import ConstraintSpec
from ui.data.outcomes import predicted_words
from ui.data.source import change_roles
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart, show_table_notes

_HIGHEST = 470  # of the histograms in px, before they are scrolled


def dataset_view(session: AppSession, dataset: Dataset) -> None:
    """Draw what the dataset in use holds, beside its histograms, and the way on."""
    left, right = st.columns([5, 6], gap="large")
    with left:
        _about(dataset)
        show_table_notes(dataset)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Next: Model", type="primary", icon=":material/arrow_forward:"):
                st.switch_page(frame.MODEL)
            st.button("Change the roles", type="tertiary", on_click=change_roles, args=(session, dataset))
    with right:
        histograms_part(dataset)
    if cache.found_rules(dataset) or session.data.cleaned is not None:
        with st.expander("Details: relations between columns, rows left out", icon=":material/view_column:"):
            session.data.rules = relations_tab(session, dataset)
            if session.data.cleaned is not None:
                left_out_tab(session.data.cleaned)


def _about(dataset: Dataset) -> None:
    """Say what a table holds, as one paragraph."""
    over = f", as a curve over {safe_label(dataset.sweep)}" if dataset.sweep else ""
    rows = cache.outcome_rows(dataset)
    n_rows = {name: each.n_rows for name, each in rows.items()}
    words = [
        f"**{dataset.n_rows:,} rows.** {predicted_words(n_rows, dataset.units, dataset.n_rows, is_to_come=False)} from "
        f"{counted(len(dataset.features), 'feature')}{over}."
    ]
    for name, each in rows.items():
        if limits := each.limits.words(each.outcome.unit):
            words.append(f"{safe_label(name) if len(rows) > 1 else 'It'} is {safe_label(limits)}.")
    if dataset.density is not None:
        unit = dataset.features[dataset.index(dataset.parts[0])].unit
        words.append(
            f"{len(dataset.parts)} parts add up to {dataset.density.mean():,.5g} ± {dataset.density.std():,.3g} "
            f"{safe_label(unit)}, their density."
        )
    if dataset.labels:
        words.append(safe_label(_label_words(dataset)))
    st.markdown(" ".join(words))
    if dataset.filled:
        filled = [f"{gaps.feature} in {counted(gaps.n_cells, 'row')} with {gaps.value}" for gaps in dataset.filled]
        st.caption(f":material/format_color_fill: {safe_label(f'Filled in: {listed(filled)}.')}")
    if origin := cache.catalog().datasets.origin(dataset.digest):
        st.caption(f":material/science: {safe_label(origin)}")


def histograms_part(dataset: Dataset) -> None:
    """Draw the histogram of every column; many of them are scrolled, so that all else stays in place."""
    figure, alt = cache.histograms(dataset)
    height = int(figure.layout.height)
    with st.container(height=_HIGHEST if height > _HIGHEST else "content", border=False):
        show_chart("histograms", figure, alt)


def relations_tab(session: AppSession, dataset: Dataset) -> tuple[ConstraintSpec, ...]:
    """Draw what the columns say of each other; return the ticked ones, which are rules of every new run.

    Of the table in use they are rules of the run that is being set, too.
    """
    found = cache.found_rules(dataset)
    if not found:
        st.caption("No equation holds between the columns.")
        return ()
    st.markdown("**Relations between columns.** Ticked ones are rules: every result keeps them.")
    is_in_use = session.dataset is not None and session.dataset.digest == dataset.digest
    kept, chosen = session.data.rules if is_in_use else None, []
    for number, (rule, words, is_kept) in enumerate(found):
        before = is_kept if kept is None else rule in kept
        if st.checkbox(safe_label(words), before, key=f"relation-{dataset.digest[:12]}-{number}"):
            chosen.append(rule)
        if session.draft is not None and is_in_use:
            others = tuple(each for each in session.draft.constraints if each != rule)
            changed = (*others, rule) if rule in chosen else others
            if (rule in session.draft.constraints) != (rule in chosen) and before != (rule in chosen):
                session.draft = session.draft.revised(constraints=changed)
    return tuple(chosen)


def _label_words(dataset: Dataset) -> str:
    """What labels the rows, and what that is good for."""
    names = listed([label.name for label in dataset.labels])
    words = [f"Rows are labelled by {names.rstrip('.')}."]
    if dataset.group and keeps_batches(dataset):
        words.append(f"Rows of one {dataset.group} stay together when a model is checked.")
    elif dataset.group:
        words.append(f"{dataset.group} binds the rows into too few groups to hold some of them out.")
    if dataset.order:
        words.append(f"{dataset.order} tells their order.")
    return " ".join(words)


def left_out_tab(cleaned: CleanTable) -> None:
    """Say what was changed while a table was cleaned, and show the rows that were left out."""
    for notice in cleaned.notices:
        st.caption(f":material/info: {safe_label(notice)}")
    if len(cleaned.dropped):
        st.caption(f"{len(cleaned.dropped):,} of {cleaned.n_rows_read:,} rows were left out:")
        st.dataframe(cleaned.dropped, hide_index=True, width="stretch", alt="Rows left out, with the reason")
    elif not cleaned.notices:
        st.caption("Every row is used, as it was read.")
