"""The frame of every page: navigation, what a page begins with, starts of jobs, ways from a run to its page.

Addresses name a run, a training, a tuning or a quality check: F5, a second tab or a restart show it again.
"""

import functools
import gc
from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st
from pydantic import ValidationError
from streamlit.navigation.page import StreamlitPage

from models import Dataset
from models.data.split import MINIMUM_ROWS
from services.catalog.loading import take_same_features
from services.jobs import Job, JobKind
from services.problems.defaults import default_spec_of, with_models
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef, RunSpec
from services.studies.compare.methods import ComparisonSpec
from services.studies.quality.report import QualitySpec
from services.studies.training import TrainingSpec
from services.studies.tune import TuneSpec
from ui.shared import cache
from ui.shared.session import AppSession, RunsPart, TunePage, models_in
from ui.shared.widgets import safe_label

START = "pages/start.py"
DATA = "pages/data.py"
MODEL = "pages/model.py"
OPTIMIZE = "pages/optimize.py"
RESULTS = "pages/results.py"
WHAT_IF = "pages/what_if.py"
RUNS = "pages/runs.py"
HOW_IT_WORKS = "pages/how_it_works.py"
_NAMES = {
    OPTIMIZE: ("run", "tune"),
    RESULTS: ("run",),
    WHAT_IF: ("run",),
    MODEL: ("training", "quality"),
    RUNS: ("compare", "methods"),
    HOW_IT_WORKS: ("lesson",),
}
"""What the address of a page names."""
_KINDS = {
    "training": JobKind.TRAINING,
    "tune": JobKind.TUNE,
    "quality": JobKind.QUALITY,
    "methods": JobKind.METHODS,
}
_WORDS = {"tune": "tuning", "quality": "quality check", "methods": "comparison of methods"}
_FRAME = "frame_has_run"
_WANTED = "wanted_page"
# a file: Streamlit fetches named icons for the browser's tab from the web
ICON = str(Path(__file__).parent / "icon.png")
_PAGES = {_KINDS[name]: page for page, names in _NAMES.items() for name in names if name in _KINDS}


@functools.cache
def set_modules_aside(page: str) -> None:
    """Take what is loaded when a page is drawn for the first time out of what garbage collection looks through.

    Streamlit collects garbage at the end of every run, and the browser is sent the rest of the page after that only. To
    look through the 200,000 objects of the modules, which stay anyhow, took 0.1 s at every click. Once for every
    page in the life of a server, for each brings modules of its own.
    """
    gc.freeze()


_MOVED = {"quality": MODEL, "tune": OPTIMIZE, "compare": RUNS}
"""Addresses of pages that were, and the page that each is a part of now."""
_WORDMARK = Path(__file__).with_name("wordmark.svg").read_text("utf-8")


def show_name() -> None:
    """Draw the name of the product beside the navigation, in the colour of the theme's text; it leads to Start."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(_WORDMARK.replace("currentColor", str(st.get_option(f"theme.{theme}.textColor"))), size="large")


def pages() -> list[StreamlitPage]:
    """The pages in the order of the work, and the addresses that lead to them; only seven stand in the navigation."""
    return [*_shown_pages(), *(_lead_on(address, page) for address, page in _MOVED.items())]


def _lead_on(address: str, page: str) -> StreamlitPage:
    """A page that is none any more: its address leads to the page that it became a part of, which is told so."""

    def go() -> None:
        AppSession.current().former = address
        st.switch_page(page, query_params=dict(st.query_params))

    return st.Page(go, title=address, url_path=address, visibility="hidden")


def _shown_pages() -> list[StreamlitPage]:
    return [
        st.Page(
            START, title="Start", icon=":material/home:", help="What this is, and four stories to try.", default=True
        ),
        st.Page(DATA, title="Data", icon=":material/table_chart:", help="Upload a table, or pick one that ships."),
        st.Page(MODEL, title="Model", icon=":material/model_training:", help="Train a model, or pick a saved one."),
        st.Page(
            OPTIMIZE, title="Optimize", icon=":material/travel_explore:", help="Set the goal and watch the search."
        ),
        st.Page(RESULTS, title="Results", icon=":material/grading:", help="Different, believable candidates."),
        st.Page(WHAT_IF, title="What if", icon=":material/instant_mix:", help="Move features, see what changes."),
        st.Page(RUNS, title="Runs", icon=":material/history:", help="All runs: find, compare, continue, tidy up."),
        st.Page(
            HOW_IT_WORKS,
            title="How it works",
            icon=":material/school:",
            help="The search on one feature, to play with.",
            visibility="hidden",
        ),
    ]


def remember_frame(page: StreamlitPage) -> None:
    """Note that the frame has run, and go on to the page that a cold link asked for."""
    st.session_state[_FRAME] = True
    wanted = st.session_state.pop(_WANTED, None)
    if wanted:
        st.switch_page(wanted, query_params=dict(st.query_params))


def enter_page(path: str) -> AppSession:
    """The session; the first line of every page.

    The first visit to a page's own address after the server started runs that page without the frame, because a
    folder named ``pages`` also is Streamlit's older way to make pages. The frame is run first then.
    """
    if not st.session_state.get(_FRAME):
        st.session_state[_WANTED] = path
        st.switch_page("app.py", query_params=dict(st.query_params))
    cache.supervisor()
    set_modules_aside(path)
    session = AppSession.current()
    session.enter(path)
    if path not in (OPTIMIZE, HOW_IT_WORKS):
        session.live.started = None
    for name in _NAMES.get(path, ()):
        _follow_link(session, name)
    return session


def begin_training(
    session: AppSession, dataset: Dataset, spec: TrainingSpec | None = None, outcomes: Iterable[str] | None = None
) -> None:
    """Start a training for outcomes of a table, and show them.

    Args:
        spec: what is trained, for each outcome alike; by default the family that predicts best.
        outcomes: by default all that were measured in as many rows as a model needs, or the one that there is.
    """
    rows = cache.outcome_rows(dataset)
    for outcome in trainable(dataset) if outcomes is None else outcomes:
        ref = DatasetRef(name=dataset.name, digest=rows[outcome].digest)
        asked = TrainingSpec(dataset=ref) if spec is None else spec.model_copy(update={"dataset": ref})
        name = f"{dataset.name}: {outcome}" if dataset.other_outcomes else dataset.name
        watch_training(session, cache.supervisor().submit(JobKind.TRAINING, name, asked.model_dump_json()))


def trainable(dataset: Dataset) -> list[str]:
    """The outcomes that were measured in as many rows as a model needs; of a table with one outcome, this one."""
    if not dataset.other_outcomes:
        return [dataset.outcome.name]
    return [name for name, rows in cache.outcome_rows(dataset).items() if rows.n_rows >= MINIMUM_ROWS]


def watch_training(session: AppSession, job_id: str) -> None:
    """Show a training, in the place of the one of the same outcome, beside those of the other outcomes."""
    digest = _trained_on(job_id)
    others = [each for each in session.training_ids if each != job_id and _trained_on(each) != digest]
    session.training_ids = (*others, job_id)


def forget_training(session: AppSession, rows: Dataset) -> None:
    """Show no training on the rows of an outcome any more: an address that names it would bring its model back."""
    session.training_ids = tuple(each for each in session.training_ids if _trained_on(each) != rows.digest)


def _trained_on(job_id: str) -> str:
    """The digest of the rows of a training, "" where it is not kept."""
    job = cache.job(job_id)
    return TrainingSpec.model_validate_json(job.spec).dataset.digest if job is not None else ""


def submit(session: AppSession, spec: RunSpec, story: str = "") -> str:
    """Start a run, of a story perhaps, and return its id."""
    run_id = cache.supervisor().submit(JobKind.SEARCH, spec.name, spec.model_dump_json(), story)
    session.live.started = run_id
    return run_id


def submit_run(session: AppSession, spec: RunSpec, story: str = "") -> None:
    """Start a run, of a story perhaps, and show it."""
    session.run_id = submit(session, spec, story)
    session.draft = spec


def open_job(session: AppSession, job_id: str, page: str | None = None) -> None:
    """Show a job on a page, by default that of its results, or where it is watched; warn where its material is gone."""
    job = cache.job(job_id)
    if job is None:
        st.warning("This run is not kept any more.", icon=":material/warning:")
        return
    if _shown(session, job):
        default = RESULTS if job.result else OPTIMIZE
        st.switch_page(page or _PAGES.get(job.kind, default))


def draft_of(session: AppSession, job_id: str) -> None:
    """Take the settings of a run as a draft to Optimize, where nothing runs yet."""
    job = cache.job(job_id)
    if job is not None and _shown(session, job):
        spec = RunSpec.model_validate_json(job.spec)
        session.draft = spec.revised(name=f"Copy of {job.name}"[:200])
        session.run_id = None
        st.switch_page(OPTIMIZE)


def _shown(session: AppSession, job: Job) -> bool:
    """Make a job the one that the session looks at; return whether that could be done, and say why not."""
    return _taken(session, next((name for name, kind in _KINDS.items() if kind is job.kind), "run"), job)


def _taken(session: AppSession, name: str, job: Job) -> bool:
    try:
        _take(session, name, job)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)), icon=":material/warning:")
        return False
    return True


def _follow_link(session: AppSession, name: str) -> None:
    """Show the job that the address names under ``name``, and name the shown one in the address.

    A name is followed once: what the user chose since then counts more than an address that still holds it.
    """
    wanted = st.query_params.get(name)
    if wanted and wanted != session.links.get(name):
        session.links[name] = wanted
        if wanted != _named(session, name):
            _show(session, name, wanted)
    name_in_address(session, name)
    if name != "compare":
        _undo_offer(_named(session, name))


def _undo_offer(job_id: str | None) -> None:
    """Say of a job that is shown but was deleted that it was, and offer to restore it."""
    store = cache.supervisor().store
    deleted = [each for each in (job_id or "").split(",") if each and store.is_deleted(each)]
    if deleted:
        words, way = st.columns([5, 1], vertical_alignment="center")
        words.warning("This was deleted. It is removed for good 30 days after that.", icon=":material/delete:")
        way.button("Restore", icon=":material/restore_from_trash:", on_click=store.restore, args=(deleted,))


def name_in_address(session: AppSession, name: str) -> None:
    """Make the address hold what is shown under ``name``, and nothing under it where nothing is."""
    shown = _named(session, name)
    if shown:
        session.links[name] = shown
        st.query_params[name] = shown
    else:
        session.links.pop(name, None)  # an address that names it again is followed again
        if name in st.query_params:
            del st.query_params[name]


def _named(session: AppSession, name: str) -> str | None:
    return {
        "run": session.run_id,
        "training": ",".join(session.training_ids) or None,
        "lesson": session.lesson_id,
        "tune": session.tune.job_id if session.tune.is_open else None,
        "quality": session.quality_id,
        "compare": (session.runs.part is RunsPart.RUNS and ",".join(session.compare.runs or ())) or None,
        "methods": (session.runs.part is RunsPart.METHODS and session.compare.methods_id) or None,
    }[name]


def _show(session: AppSession, name: str, job_id: str) -> None:
    if name == "compare":
        _compare(session, job_id.split(","))
        return
    if name == "training" and "," in job_id:
        for each in reversed(job_id.split(",")):  # the outcome of the first one is shown
            _show(session, name, each)
        session.training_ids = tuple(reversed(session.training_ids))
        return
    job = cache.job(job_id)
    if job is None or job.kind is not _KINDS.get(name, JobKind.SEARCH):
        what = _WORDS.get(name, name)
        st.warning(f"The link names a {what} that is not kept here. It may have been made on another computer.")
        return
    _taken(session, name, job)


def _compare(session: AppSession, job_ids: list[str]) -> None:
    store = cache.supervisor().store
    found = [job for job_id in dict.fromkeys(job_ids) if (job := store.get(job_id)) and job.kind is JobKind.SEARCH]
    kept = [job.id for job in found if job.result]
    session.compare_runs(kept)
    if len(kept) < len(set(job_ids)):
        st.warning("Some runs that the link names are not kept here, or have no results.")


def _take(session: AppSession, name: str, job: Job) -> None:
    if name == "lesson":
        session.lesson_id = job.id
    elif name == "training":
        digest = TrainingSpec.model_validate_json(job.spec).dataset.digest
        session.use_dataset(_table_of(session, digest))
        watch_training(session, job.id)
        session.outcome = _outcome_of(session, digest)
    elif name == "tune":
        use_run(session, TuneSpec.model_validate_json(job.spec).run)
        session.tune = TunePage(job.id, is_open=True)
    elif name == "methods":
        use_run(session, ComparisonSpec.model_validate_json(job.spec).run)
        session.compare.methods_id, session.runs.part = job.id, RunsPart.METHODS
    elif name == "quality":
        _show_quality(session, job.id, QualitySpec.model_validate_json(job.spec))
    else:
        spec = RunSpec.model_validate_json(job.spec)
        session.show_run(job.id, cache.catalog().dataset(spec.dataset), spec)


def _table_of(session: AppSession, digest: str) -> Dataset:
    """The table that rows with this digest are, or are of: the one in use where that is so."""
    dataset = session.dataset
    if dataset is not None and digest in (dataset.digest, *(rows.digest for rows in _rows_of(dataset))):
        return dataset
    return cache.catalog().datasets.table_of(digest)


def _rows_of(dataset: Dataset) -> Iterable[Dataset]:
    return cache.outcome_rows(dataset).values()


def _outcome_of(session: AppSession, digest: str) -> str:
    """Which outcome of the table in use rows with this digest are of, "" for none."""
    assert session.dataset is not None
    return next((rows.outcome.name for rows in _rows_of(session.dataset) if rows.digest == digest), "")


def use_run(session: AppSession, run: RunSpec) -> None:
    """Work with the table, models and settings of a run, such as that of a story or the one that a study repeats."""
    session.use_dataset(cache.catalog().dataset(run.dataset))
    session.use_draft(run)


def _show_quality(session: AppSession, job_id: str, spec: QualitySpec) -> None:
    dataset = _table_of(session, spec.dataset.digest)
    if session.dataset is None or session.dataset.digest != dataset.digest:
        session.use_dataset(dataset)
    if spec.model not in session.models.values():
        take_model(session, dataset, spec.model)
    session.outcome = next(name for name, model in session.models.items() if model == spec.model)
    session.quality_id = job_id


def take_model(session: AppSession, dataset: Dataset, ref: ModelRef) -> None:
    """Work with a model of the table in use, for the outcome that it predicts.

    A run of several outcomes that the user has set stays what it is but for this model; else the run is the one that
    the table suggests with its models.
    """
    name, draft = cache.model_data(dataset, ref).dataset.outcome.name, session.draft
    models = session.models | {name: ref}
    is_alone = draft is None or (not draft.has_several_outcomes and name in session.models)
    if draft is None or is_alone or _is_as_suggested(session, draft, dataset):
        draft = suggested_draft(session, dataset, models)
    else:
        draft = _with_model(session, draft, dataset, name, models)
    session.use_draft(draft, models)


def _is_as_suggested(session: AppSession, draft: RunSpec, dataset: Dataset) -> bool:
    """Whether nobody has changed anything of a run since the models in use suggested it."""
    try:
        return draft == suggested_draft(session, dataset, session.models)
    except USER_ERRORS:  # a model is gone
        return False


def _with_model(
    session: AppSession, draft: RunSpec, dataset: Dataset, name: str, models: Mapping[str, ModelRef]
) -> RunSpec:
    """A run with the model of an outcome, where that takes the features that its other models take."""
    others = [ref for each, ref in models_in(draft, dataset).items() if each != name]
    own = cache.model_data(dataset, models[name]).dataset
    if all(take_same_features(own, cache.model_data(dataset, ref).dataset) for ref in others):
        return with_models(draft, dataset, {name: models[name]})
    return suggested_draft(session, dataset, models)


def drop_model(session: AppSession, dataset: Dataset, ref: ModelRef) -> None:
    """Work without a model that is gone; the run that is being set is without its outcome then."""
    rows = cache.outcome_rows(dataset)
    for name in [name for name, model in session.models.items() if model == ref]:
        forget_training(session, rows[name])
        del session.models[name]
    draft = session.draft
    if draft is None or not session.models:
        session.draft = None
        return
    kept = tuple(outcome for outcome in draft.outcomes if outcome.model != ref)
    try:
        session.draft = draft.revised(outcomes=kept)
    except ValidationError:  # nothing that is searched for is left
        session.draft = suggested_draft(session, dataset, session.models)


def suggested_draft(session: AppSession, dataset: Dataset, models: Mapping[str, ModelRef]) -> RunSpec:
    """The run that the table in use suggests with the models of its outcomes."""
    return default_spec_of(dataset, models, cache.model_data, dataset.name, session.data.rules)
