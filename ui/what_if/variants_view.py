"""Variants that were kept: a table beside the reference, names, deleting and having back, a file."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from services.catalog.files import file_stem
from services.jobs import Job
from services.papers.exports import to_csv
from services.specs.digits import common_decimals, label, number_words
from services.studies.what_if.starts import WhatIfStart
from services.studies.what_if.variants import ATTACHMENT, Variant, Variants, variants_frame
from services.texts.results import percent_words
from services.texts.tables import PLAUSIBILITY
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.web.profiler.message import WhatIfContext

Change = Callable[[Variants], Variants]


def kept_variants(session: AppSession, job: Job | None, n_features: int) -> Variants:
    """The variants of the shown run, or without one those of the session."""
    if job is None:
        return session.what_if.variants
    return Variants.of_text(cache.supervisor().store.attachment(job.id, ATTACHMENT), n_features)


def change_variants(session: AppSession, job: Job | None, n_features: int, change: Change) -> None:
    """Change the variants of the shown run as they are now, or without a run those of the session."""
    if job is None:
        session.what_if.variants = change(session.what_if.variants)
        return

    def changed(text: str | None) -> str:
        return change(Variants.of_text(text, n_features)).model_dump_json()

    cache.supervisor().store.change_attachment(job.id, ATTACHMENT, changed)


def keep_setting(session: AppSession, job: Job | None, n_features: int) -> None:
    """Keep the setting that is shown; for a button's callback."""
    setting = session.what_if.setting
    if setting is not None:
        change_variants(session, job, n_features, lambda variants: variants.keeping(setting))
        session.what_if.removed = None


def variants_view(session: AppSession, context: WhatIfContext, job: Job | None, variants: Variants) -> None:
    """Draw the variants beside reference and start, and what can be done with them."""
    st.subheader("Variants")
    n_features = len(context.explorer.axes)
    _undo_offer(session, job, n_features)
    if not variants.rows:
        st.caption("None yet. Move features, then press *Keep this variant*: each becomes a row here, to be compared.")
        return
    start = session.what_if.start
    rows = [(context.reference.name, context.reference.setting)]
    if start is not None and start.setting != context.reference.setting and start.name not in _names(variants):
        rows.append((start.name, start.setting))
    n_before = len(rows)
    rows += [(variant.name, variant.setting) for variant in variants.rows]
    frame = variants_frame(context.explorer, rows)
    key = f"variants:{len(variants.rows)}"
    chosen = st.dataframe(
        _styled(context, frame),
        hide_index=True,
        width="stretch",
        column_config={"variant": st.column_config.TextColumn(pinned=True)},
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        alt="Variants beside the reference and the start",
    )
    positions = [position - n_before for position in chosen.selection.rows if position >= n_before]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if positions and positions[0] < len(variants.rows):
            _change(session, job, n_features, variants.rows[positions[0]], positions[0])
        else:
            st.caption("Choose a variant by the box at its left to open, rename or delete it.")
        st.download_button(
            "Download CSV",
            to_csv(frame),
            f"{file_stem(context.explorer.spec.name)}-variants.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _names(variants: Variants) -> set[str]:
    return {variant.name for variant in variants.rows}


def _change(session: AppSession, job: Job | None, n_features: int, variant: Variant, position: int) -> None:
    key = f"variant-name:{position}:{variant.name}"

    def rename() -> None:
        name = st.session_state[key]
        change_variants(session, job, n_features, lambda variants: variants.renamed(variant.name, name))

    def remove() -> None:
        change_variants(session, job, n_features, lambda variants: variants.without(variant.name))
        session.what_if.removed = (position, variant)

    st.text_input("Name", variant.name, key=key, on_change=rename, max_chars=60, width=260)
    st.button(
        "Open",
        icon=":material/open_in_full:",
        help="Show it above and move on from there.",
        on_click=session.explore,
        args=(WhatIfStart(variant.name, variant.setting),),
    )
    st.button("Delete", icon=":material/delete:", on_click=remove)


def _undo_offer(session: AppSession, job: Job | None, n_features: int) -> None:
    if session.what_if.removed is None:
        return
    position, variant = session.what_if.removed

    def undo() -> None:
        change_variants(session, job, n_features, lambda variants: variants.with_back(position, variant))
        session.what_if.removed = None

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Deleted: {safe_label(variant.name)}.", width="content")
        st.button("Undo", icon=":material/undo:", on_click=undo)


def _styled(context: WhatIfContext, frame: pd.DataFrame) -> Styler:
    """The table with numbers as they are read; its cells stay numbers."""
    own = {label(axis.name, axis.unit): axis.decimals for axis in context.explorer.axes}
    name = label(f"predicted {context.explorer.short}", context.explorer.objective[1])
    predicted = common_decimals(frame[name].tolist())
    formats: dict[Any, Any] = {}
    for header in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[header]):
            continue
        if header == PLAUSIBILITY:
            formats[header] = percent_words
        else:
            decimals = own.get(header.removesuffix(" (feature)"))
            is_ours = header == name or header.startswith(("low ", "high "))
            formats[header] = _reader(predicted if is_ours or decimals is None else decimals)
    return frame.style.format(formats, na_rep="–")


def _reader(decimals: int) -> Callable[[Any], str]:
    return lambda value: number_words(value, decimals)
