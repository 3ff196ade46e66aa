"""Everything that is kept between reruns: each two lines around the function that does the work."""

import atexit

import streamlit as st

from models import Dataset, ModelCard
from optimizer import Problem
from services.estimate import time_evaluation
from services.material import Material, Shelves
from services.methodspec import MethodSpec
from services.results import RunResult
from services.runs import RunStore, Supervisor
from services.runs.feed import Course, TraceFeed
from services.runspec import ModelRef, RunSpec
from services.settings import Settings
from services.tables import Dialect, RawTable, read_table
from ui.drawn import DrawnTrace
from ui.live_view import Scene, event_width
from ui.scenes import SceneRows, build_scene


@st.cache_resource
def supervisor() -> Supervisor:
    """Return the server's one supervisor, with its workers warm."""
    settings = Settings.from_environment()
    made = Supervisor(settings, RunStore(settings.database))
    made.start()
    atexit.register(made.close)
    return made


@st.cache_resource
def shelves() -> Shelves:
    """Return where datasets and models are found."""
    return Shelves.of(Settings.from_environment())


@st.cache_resource(max_entries=20)
def material(dataset_digest: str, model: str, _dataset: Dataset, _model: ModelRef) -> Material:
    """Return a table together with a model; both are named by their digests."""
    return shelves().pair(_dataset, _model)


@st.cache_data(max_entries=50)
def seconds_per_evaluation(key: str, _problem: Problem, _method: MethodSpec) -> float:
    """Return how long an evaluation takes; ``key`` names table, model, curve and method."""
    return time_evaluation(_problem, _method)


@st.cache_resource(max_entries=20)
def course(run_id: str) -> Course:
    """Return how the best of a run got better."""
    return Course(TraceFeed(supervisor().store, run_id))


@st.cache_resource(max_entries=20)
def scene(run_id: str, _spec: RunSpec) -> tuple[Scene, SceneRows]:
    """Return what stays the same while a run is watched, and what turns its trace into rows."""
    return build_scene(run_id, _spec, shelves().material(_spec))


@st.cache_resource(max_entries=8)
def drawn_trace(run_id: str, _spec: RunSpec) -> DrawnTrace:
    """Return the growing trace of a run as rows for the live view."""
    drawn, rows = scene(run_id, _spec)
    return DrawnTrace(TraceFeed(supervisor().store, run_id), rows, event_width(len(drawn.features)))


@st.cache_resource(max_entries=50)
def result(run_id: str) -> RunResult | None:
    """Return the result of a run that has ended (only then ask), or None where it has none."""
    job = supervisor().store.get(run_id)
    return RunResult.model_validate_json(job.result) if job and job.result else None


@st.cache_resource(max_entries=20)
def trained_card(job_id: str) -> ModelCard | None:
    """Return the card of a training that has ended (only then ask), or None where it made no model."""
    job = supervisor().store.get(job_id)
    return ModelCard.from_json(job.result) if job and job.result else None


@st.cache_resource(max_entries=4, ttl=1800)
def raw_table(digest: str, filename: str, dialect: Dialect | None, _data: bytes) -> RawTable:
    """Return an uploaded file as a table."""
    return read_table(_data, filename, dialect)
