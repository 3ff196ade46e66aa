"""Addresses that name a run, a training, a tuning or a quality check: F5, a second tab or a restart show it again."""

import streamlit as st

from services.jobs import Job, JobKind
from services.problems.defaults import default_spec
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from services.studies.compare.methods import ComparisonSpec
from services.studies.quality.report import QualitySpec
from services.studies.training import TrainingSpec
from services.studies.tune import TuneSpec
from ui.shared import cache
from ui.shared.session import AppSession, TunePage
from ui.shared.widgets import safe_label

RUN, TRAINING, LESSON, TUNE, QUALITY = "run", "training", "lesson", "tune", "quality"
COMPARE, METHODS_LINK = "compare", "methods"
_KINDS = {TRAINING: JobKind.TRAINING, TUNE: JobKind.TUNE, QUALITY: JobKind.QUALITY, METHODS_LINK: JobKind.METHODS}
_WORDS = {TUNE: "tuning", QUALITY: "quality check", METHODS_LINK: "comparison of methods"}


def follow_link(session: AppSession, name: str) -> None:
    """Show the job that the address names under ``name``, and name the shown one in the address.

    A name is followed once: what the user chose since then counts more than an address that still holds it.
    """
    wanted = st.query_params.get(name)
    if wanted and wanted != session.links.get(name):
        session.links[name] = wanted
        if wanted != _shown(session, name):
            _show(session, name, wanted)
    name_in_address(session, name)
    if name != COMPARE:
        _undo_offer(_shown(session, name))


def _undo_offer(job_id: str | None) -> None:
    """Say of a job that is shown but was deleted that it was, and offer to restore it."""
    store = cache.supervisor().store
    if job_id and store.is_deleted(job_id):
        words, way = st.columns([5, 1], vertical_alignment="center")
        words.warning("This was deleted. It is removed for good 30 days after that.", icon=":material/delete:")
        way.button("Restore", icon=":material/restore_from_trash:", on_click=store.restore, args=([job_id],))


def name_in_address(session: AppSession, name: str) -> None:
    """Make the address hold what is shown under ``name``, and nothing under it where nothing is."""
    shown = _shown(session, name)
    if shown:
        session.links[name] = shown
        st.query_params[name] = shown
    elif name in st.query_params:
        del st.query_params[name]


def _shown(session: AppSession, name: str) -> str | None:
    return {
        RUN: session.run_id,
        TRAINING: session.training_id,
        LESSON: session.lesson_id,
        TUNE: session.tune.job_id,
        QUALITY: session.quality_id,
        COMPARE: ",".join(session.compare.runs or ()) or None,
        METHODS_LINK: session.compare.methods_id,
    }[name]


def _show(session: AppSession, name: str, job_id: str) -> None:
    if name == COMPARE:
        _compare(session, job_id.split(","))
        return
    job = cache.job(job_id)
    if job is None or job.kind is not _KINDS.get(name, JobKind.SEARCH):
        what = _WORDS.get(name, name)
        st.warning(f"The link names a {what} that is not kept here. It may have been made on another computer.")
        return
    try:
        _take(session, name, job)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)))


def _compare(session: AppSession, job_ids: list[str]) -> None:
    store = cache.supervisor().store
    found = [job for job_id in dict.fromkeys(job_ids) if (job := store.get(job_id)) and job.kind is JobKind.SEARCH]
    session.compare.runs = tuple(job.id for job in found if job.result)
    session.renew_forms()
    if len(session.compare.runs) < len(set(job_ids)):
        st.warning("Some runs that the link names are not kept here, or have no results.")


def show_job(session: AppSession, job: Job) -> None:
    """Make a job the one that the session looks at, with the table and the model that it works with.

    Raises:
        USER_ERRORS: these are gone, or have changed.
    """
    _take(session, next((name for name, kind in _KINDS.items() if kind is job.kind), RUN), job)


def _take(session: AppSession, name: str, job: Job) -> None:
    if name == LESSON:
        session.lesson_id = job.id
    elif name == TRAINING:
        session.use_dataset(cache.catalog().dataset(TrainingSpec.model_validate_json(job.spec).dataset))
        session.training_id = job.id
    elif name == TUNE:
        _use_run(session, TuneSpec.model_validate_json(job.spec).run)
        session.tune = TunePage(job.id)
    elif name == METHODS_LINK:
        _use_run(session, ComparisonSpec.model_validate_json(job.spec).run)
        session.compare.methods_id = job.id
    elif name == QUALITY:
        _show_quality(session, job.id, QualitySpec.model_validate_json(job.spec))
    else:
        spec = RunSpec.model_validate_json(job.spec)
        session.show_run(job.id, cache.catalog().dataset(spec.dataset), spec)


def _use_run(session: AppSession, run: RunSpec) -> None:
    """Work with the table, model and settings of the run that a study repeats."""
    session.use_dataset(cache.catalog().dataset(run.dataset))
    session.use_model(run.model, run)


def _show_quality(session: AppSession, job_id: str, spec: QualitySpec) -> None:
    dataset = cache.catalog().dataset(spec.dataset)
    if session.dataset is None or session.dataset.digest != dataset.digest:
        session.use_dataset(dataset)
    if session.model != spec.model:
        model_data = cache.model_data(dataset, spec.model)
        session.use_model(spec.model, default_spec(model_data, dataset, spec.model, name=dataset.name))
    session.quality_id = job_id
