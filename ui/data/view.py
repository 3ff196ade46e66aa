"""What the dataset in use holds."""

import streamlit as st

from models import Dataset
from models.data.split import keeps_batches
from optimizer.constraints.constraint import listed
from services.intake.tables.cleaning import CleanTable
from services.specs.digits import counted
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart, show_table_notes


def dataset_view(session: AppSession, dataset: Dataset) -> None:
    """Draw what the dataset in use holds, and what was left out on the way to it."""
    st.header(f"In use: {safe_label(dataset.name)}")
    limits = dataset.limits.words(dataset.outcome.unit)
    outcome = f"outcome {dataset.outcome.label}{', ' if limits else ''}{limits}"
    words = [f"{dataset.n_rows:,} complete rows", safe_label(outcome)]
    if dataset.sweep:
        words.append(f"curve over {safe_label(dataset.sweep)}")
    if dataset.density is not None:
        unit = dataset.features[dataset.index(dataset.parts[0])].unit
        words.append(
            f"{len(dataset.parts)} parts adding up to {dataset.density.mean():,.5g} ± {dataset.density.std():,.3g} "
            f"{safe_label(unit)}"
        )
    st.caption(" · ".join(words))
    if dataset.labels:
        st.caption(f":material/label: {safe_label(_label_words(dataset))}")
    if dataset.filled:
        words = [f"{gaps.feature} in {counted(gaps.n_cells, 'row')} with {gaps.value}" for gaps in dataset.filled]
        st.caption(f":material/format_color_fill: {safe_label(f'Filled in: {listed(words)}.')}")
    if origin := cache.catalog().datasets.origin(dataset.digest):
        st.caption(f":material/science: {safe_label(origin)}")
    show_table_notes(dataset)
    _relations(session, dataset)
    if session.data.cleaned is not None:
        _left_out(session.data.cleaned)
    show_chart("histograms", *cache.histograms(dataset))


def _relations(session: AppSession, dataset: Dataset) -> None:
    """Draw what the columns say of each other; what is ticked is a rule of every new run, and of the one being set."""
    found = cache.found_rules(dataset)
    if not found:
        return
    st.markdown("**Relations between columns.** Ticked ones are rules: every result keeps them.")
    kept, chosen = session.data.rules, []
    for number, (rule, words, is_kept) in enumerate(found):
        before = is_kept if kept is None else rule in kept
        if st.checkbox(safe_label(words), before, key=f"relation-{dataset.digest[:12]}-{number}"):
            chosen.append(rule)
        if session.draft is not None and session.dataset is dataset:
            others = tuple(each for each in session.draft.constraints if each != rule)
            changed = (*others, rule) if rule in chosen else others
            if (rule in session.draft.constraints) != (rule in chosen) and before != (rule in chosen):
                session.draft = session.draft.revised(constraints=changed)
    session.data.rules = tuple(chosen)


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


def _left_out(cleaned: CleanTable) -> None:
    for notice in cleaned.notices:
        st.caption(f":material/info: {safe_label(notice)}")
    if len(cleaned.dropped):
        with st.expander(f"{len(cleaned.dropped):,} of {cleaned.n_rows_read:,} rows were left out"):
            st.dataframe(cleaned.dropped, hide_index=True, width="stretch", alt="Rows left out, with the reason")
