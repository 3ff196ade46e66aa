"""What if: where to begin, the profiler, what to do with the setting that was found, and kept variants."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from models import Dataset, DatasetError
from models.data.dataset import decode
from optimizer import Goal, SpaceError
from services.catalog.loading import ModelWithData
from services.jobs import Job
from services.papers.exports import file_stem, to_csv
from services.papers.variants import Variant, Variants
from services.problems.reference import suggested_row, typed_reference, with_reference
from services.specs.digits import common_decimals, label, number_words
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.studies.what_if.improving import best_with_the_others
from services.studies.what_if.settings import (
    WhatIfStart,
    objective_header,
    other_ends,
    other_header,
    start_of_recorded,
    variants_frame,
    what_if_starts,
)
from services.texts.distance import distance_level
from services.texts.tables import PLAUSIBILITY
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.web.profiler.component import SettingChange, WhatIfContext, profiler

KEY = "profiler"
A_ROW = "A recorded row …"
Change = Callable[[Variants], Variants]


def what_if_context(
    spec: RunSpec, model_data: ModelWithData, job: Job | None, result: RunResult | None
) -> WhatIfContext:
    """What answers, made once for each run and model.

    Raises:
        SpaceError: the settings cannot be explored.
        DatasetError: the settings and the table do not fit together.
    """
    document = f"{spec.model_dump_json()}{model_data.dataset.digest}{job.id if job and result else ''}"
    return cache.what_if(hashlib.sha256(document.encode()).hexdigest()[:16], spec, model_data, result)


def start_choice(
    session: AppSession, context: WhatIfContext, result: RunResult | None, kept: tuple[Variant, ...]
) -> None:
    """Draw where to begin from; begin at the first result, or at the reference, where nothing was begun yet."""
    explorer = context.explorer
    found = what_if_starts(explorer, result, [WhatIfStart(one.name, one.setting) for one in kept])
    _begin_somewhere(session, found, len(explorer.axes))
    start = session.what_if.start
    assert start is not None
    is_row = _row_number(start) is not None
    by_name = {one.name: one for one in reversed([*found, *([] if is_row else [start])])}
    options = [*dict.fromkeys(one.name for one in found), A_ROW]
    if not is_row and start.name not in options:  # a variant that was deleted since
        options.insert(-1, start.name)
    key = f"begin-from:{session.what_if.revision}"  # whoever begins elsewhere finds that chosen here

    def begin() -> None:
        name = st.session_state[key]
        best = suggested_row(explorer.spec, explorer.rows_within_limits)
        session.explore(by_name[name] if name in by_name else start_of_recorded(explorer.table, best))

    st.selectbox(
        "Begin from",
        options,
        index=len(options) - 1 if is_row else options.index(start.name),
        key=key,
        on_change=begin,
        width=330,
        help="The start: what is moved away from. Choosing again begins anew.",
    )
    if is_row:
        _choose_row(session, explorer.table, start)


def _begin_somewhere(session: AppSession, found: list[WhatIfStart], n_features: int) -> None:
    """Make sure that there is a setting of this model and run, and a start that it came from."""
    explored, start = session.what_if.setting, session.what_if.start
    if explored is None or len(explored) != n_features:
        session.explore(found[0])
    elif start is None:
        known = next((one for one in found if one.setting == explored), None)
        session.explore(known or WhatIfStart("As it came", explored))
    elif session.what_if.run_id != session.run_id:
        session.explore(found[0])


def _choose_row(session: AppSession, dataset: Dataset, start: WhatIfStart) -> None:
    key = f"begin-row:{session.what_if.revision}"
    numbers = dataset.numbers

    def begin() -> None:
        try:
            session.explore(start_of_recorded(dataset, int(st.session_state[key])))
        except DatasetError as error:
            st.toast(safe_label(str(error)), icon=":material/error:")

    st.number_input(
        "Recorded row",
        min_value=int(numbers.min()),
        max_value=int(numbers.max()),
        value=_row_number(start),
        key=key,
        on_change=begin,
        width=150,
    )


def _row_number(start: WhatIfStart) -> int | None:
    """The number of the recorded row that a start was chosen as, or None where it is anything else."""
    words = start.name.removeprefix("Row ")
    return int(words) if start.number is None and words.isdigit() else None


def show_profiler(session: AppSession, context: WhatIfContext) -> None:
    """Draw the profiler; whatever is moved in it runs this part of the page alone."""
    st.fragment(_answer)(context)


def _answer(context: WhatIfContext) -> None:
    session = AppSession.current()
    explorer, page = context.explorer, session.what_if
    start = page.start
    if session.what_if.setting is None or start is None:
        return

    def move(moved: SettingChange) -> None:
        if moved.times != page.revision:
            return  # sent before the page began elsewhere
        try:
            session.what_if.setting = tuple(explorer.within(moved.setting).tolist())
        except SpaceError:
            return
        page.locked = tuple(position for position in moved.locked if position < len(explorer.axes))

    start_outcome = float(explorer.outcomes(np.array([start.setting])).mean[0])
    answer = explorer.answer(session.what_if.setting)
    profiler(context, answer, start, start_outcome, _locked(session, context), page.revision, key=KEY, on_move=move)


def _locked(session: AppSession, context: WhatIfContext) -> tuple[int, ...]:
    """The features that cannot be moved: at first those that the run freezes."""
    if session.what_if.locked is not None:
        return session.what_if.locked
    return tuple(j for j, axis in enumerate(context.explorer.axes) if axis.is_frozen and not axis.is_swept)


def goal_choice(context: WhatIfContext) -> str | None:
    """Draw which goal of a front is improved next, and give its name; nothing, and None, where there is one goal."""
    goals = context.explorer.others.goals if context.explorer.others is not None else ()
    if not goals:
        return None
    labels = {info.name: info.label for info in goals}
    return st.selectbox(
        "Improve",
        list(labels),
        format_func=lambda name: labels[name],
        key="what-if-goal",
        persist_state="session",
        width=220,
        help="What *Best with the others* improves. No other goal gets worse on the way.",
    )


def improve_others(session: AppSession, context: WhatIfContext, goal: str | None = None) -> None:
    """Move all features that are not locked to where they do best, by a search of a second or two.

    Args:
        goal: of a front, the outcome that is improved.
    """
    setting = np.array(session.what_if.setting, dtype=float)
    text = "Searching for the best with the others …"
    bar = st.progress(0.0, text)
    try:
        best = best_with_the_others(
            context.explorer, setting, _locked(session, context), lambda share: bar.progress(share, text), goal=goal
        )
    except USER_ERRORS as error:
        st.toast(safe_label(str(error)), icon=":material/error:")
        return
    finally:
        bar.empty()
    if np.array_equal(best, setting):
        st.toast(
            f"Nothing better was found that keeps {_kept_words(context)}: it stays as it is.", icon=":material/check:"
        )
        return
    session.what_if.setting = tuple(best.tolist())
    session.what_if.revision += 1


def _kept_words(context: WhatIfContext) -> str:
    """What an improvement keeps."""
    others = context.explorer.others
    if others is None:
        return "the rules"
    if others.goals:
        return "rules and limits and the other goals at least as good"
    return "rules and limits" if others.limits else "the rules"


def start_over(session: AppSession) -> None:
    """Go back to where What if began."""
    if session.what_if.start is not None:
        session.explore(session.what_if.start)


def search_from_here(session: AppSession, context: WhatIfContext) -> None:
    """Make the setting the reference of the run that Optimize shows, and go there.

    Raises:
        DatasetError: the setting does not fit the run.
    """
    dataset = context.explorer.dataset
    assert session.what_if.setting is not None and session.draft is not None
    values = {
        column.name: decode(column, np.array([value]))[0]
        for column, value in zip(dataset.features, session.what_if.setting, strict=True)
    }
    plain = {name: value if isinstance(value, str) else float(value) for name, value in values.items()}
    start = session.what_if.start
    name = f"What if from {start.name.partition(':')[0]}" if start else "What if"
    session.draft = with_reference(session.draft, typed_reference(session.draft, dataset, plain, name))
    session.renew_forms()
    st.switch_page(frame.OPTIMIZE)


def kept_variants(session: AppSession, job: Job | None, n_features: int) -> Variants:
    """The variants of the shown run, or without one those of the session."""
    if job is None:
        return session.what_if.variants
    return Variants.of(cache.supervisor().store, job.id).of_features(n_features)


def change_variants(session: AppSession, job: Job | None, n_features: int, change: Change) -> None:
    """Change the variants of the shown run as they are now, or without a run those of the session."""
    if job is None:
        session.what_if.variants = change(session.what_if.variants)
    else:
        Variants.change(cache.supervisor().store, job.id, lambda kept: change(kept.of_features(n_features)))


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
        st.caption("None yet. Move a feature and press *Keep this variant*.")
        return
    start = session.what_if.start
    rows = [(context.reference.name, context.reference.setting)]
    if (
        start is not None
        and start.setting != context.reference.setting
        and start.name not in [one.name for one in variants.rows]
    ):
        rows.append((start.name, start.setting))
    n_before = len(rows)
    rows += [(variant.name, variant.setting) for variant in variants.rows]
    frame = variants_frame(context.explorer, rows)
    key = f"variants:{len(variants.rows)}"
    chosen = st.dataframe(
        _styled(context, frame),
        hide_index=True,
        width="stretch",
        column_config={"variant": st.column_config.TextColumn(pinned=True), **_labels(context, frame)},
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


def _labels(context: WhatIfContext, frame: pd.DataFrame) -> dict[str, Any]:
    """What the columns are called on the page; files keep the names that programs know."""
    goal, unit = context.explorer.spec.goal, context.explorer.objective[1]
    ends = {"low": "at least", "high": "up to"} if goal is not Goal.MINIMUM else {"low": "down to", "high": "at most"}
    names = {PLAUSIBILITY: "distance from records"}
    for header in map(str, frame.columns):
        first = header.partition(" ")[0]
        if first in ends and header.removeprefix(f"{first} ")[:1].isdigit():
            names[header] = label(ends[first], unit)
        elif header == objective_header(context.explorer):
            names[header] = label("expect" if context.explorer.others is None else context.explorer.short, unit)
    for info in context.explorer.others.infos if context.explorer.others is not None else ():
        low, high = other_ends(info, context.explorer.spec.level)
        sides = ("down to", "at most") if info.goal is Goal.MINIMUM else ("at least", "up to")
        names[other_header(info)] = label(info.label, info.unit)
        names |= {low: label(f"{info.label} {sides[0]}", info.unit), high: label(f"{info.label} {sides[1]}", info.unit)}
    return {header: st.column_config.Column(name) for header, name in names.items() if header in frame.columns}


def _styled(context: WhatIfContext, frame: pd.DataFrame) -> Styler:
    """The table with numbers as they are read; its cells stay numbers."""
    own = {label(axis.name, axis.unit): axis.decimals for axis in context.explorer.axes}
    name = objective_header(context.explorer)
    predicted = common_decimals(frame[name].tolist())
    formats: dict[Any, Any] = {}
    others = _decimals_of_others(context, frame)
    for header in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[header]):
            continue
        if header == PLAUSIBILITY:
            formats[header] = distance_level
        elif header in others:
            formats[header] = partial(number_words, decimals=others[header])
        else:
            decimals = own.get(header.removesuffix(" (feature)"))
            is_ours = header == name or header.startswith(("low ", "high "))
            formats[header] = partial(number_words, decimals=predicted if is_ours or decimals is None else decimals)
    return frame.style.format(formats, na_rep="–")


def _decimals_of_others(context: WhatIfContext, frame: pd.DataFrame) -> dict[str, int]:
    """How many decimals the columns of the other outcomes are read with."""
    explorer, found = context.explorer, dict[str, int]()
    for info in explorer.others.infos if explorer.others is not None else ():
        header = other_header(info)
        decimals = common_decimals(frame[header].tolist())
        found |= dict.fromkeys((header, *other_ends(info, explorer.spec.level)), decimals)
    return found
