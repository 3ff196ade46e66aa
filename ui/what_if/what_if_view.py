"""What if on a page: where to begin, the profiler, and what to do with the setting that was found."""

import hashlib

import numpy as np
import streamlit as st

from models import Dataset, DatasetError
from models.data.dataset import decode
from optimizer import SpaceError
from services.catalog.loading import ModelWithData
from services.jobs import Job
from services.problems.reference import suggested_row, typed_reference, with_reference
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.studies.what_if.best import best_with_the_others
from services.studies.what_if.starts import WhatIfStart, start_of_recorded, what_if_starts
from services.studies.what_if.variants import Variant
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.web.profiler.component import SettingChange, deliver, profiler
from ui.web.profiler.message import WhatIfContext

KEY = "profiler"
A_ROW = "A recorded row …"


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
    spec, dataset = context.explorer.spec, context.explorer.dataset
    found = what_if_starts(spec, dataset, result, kept)
    _begin_somewhere(session, found, len(context.explorer.axes))
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
        session.explore(by_name[name] if name in by_name else start_of_recorded(dataset, suggested_row(spec, dataset)))

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
        _choose_row(session, dataset, start)


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
    deliver(key="profiler-code")


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


def improve_others(session: AppSession, context: WhatIfContext) -> None:
    """Move all features that are not locked to where they do best, by a search of half a second."""
    setting = np.array(session.what_if.setting, dtype=float)
    with st.spinner("Searching for the best with the others …"):
        try:
            best = best_with_the_others(context.explorer, setting, _locked(session, context))
        except USER_ERRORS as error:
            st.toast(safe_label(str(error)), icon=":material/error:")
            return
    if np.array_equal(best, setting):
        st.toast("Nothing better was found: this is the best with the others.", icon=":material/check:")
        return
    session.what_if.setting = tuple(best.tolist())
    session.what_if.revision += 1


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
