"""Everything that is kept between reruns: each two lines around the function that does the work."""

import atexit
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
import streamlit as st

from models import Dataset, ModelCard
from models.cards.mapping import Mapping
from optimizer import Feature, FrontProblem, Objective, Plausibility, Problem
from services.catalog.datasets import CsvMarks
from services.catalog.loading import Catalog, ModelWithData, curve_bands
from services.catalog.settings import Settings
from services.intake.roles.proposal import Roles
from services.intake.tables.cleaning import CleanTable
from services.intake.tables.reading import Choices, RawTable, Reading, found_choices, read_table
from services.intake.uploads.upload import VERSIONS, Forward, Upload, evaluated_card, read_upload, suggest_mapping
from services.jobs import Job, RunStore, Supervisor
from services.jobs.kinds import compared_so_far, tuned_so_far
from services.jobs.workers.traces import RunTrace
from services.papers.measured.measurements import Measured
from services.problems.building import build_front, build_problem, constraints_error, has_more_outcomes
from services.problems.estimate import time_evaluation
from services.problems.found_rules import FoundRule, found_rules as find_rules
from services.problems.outcomes.objective import objective_scale
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.plausibility import PlausibilityCheck, build_plausibility, plausibility_key
from services.specs.errors import USER_ERRORS
from services.specs.method import MethodSpec
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.studies.compare.methods import ComparisonResult
from services.studies.quality.report import QualityResult
from services.studies.tune import TuneResult
from ui.charts.histograms import histograms_alt, histograms_figure, histograms_info
from ui.charts.thumbnail import thumbnail
from ui.web.live_view.component import Scene
from ui.web.profiler.component import WhatIfContext
from ui.web.result_view.component import RunBackground, result_message as message_of
from ui.web.scenes import LiveTrace, RowMaker, build_scene
from ui.web.settings_board.component import feature_summaries as summarise_features

_WAIT = "One moment …"  # what is said while something is made for the first time, rather than its function's name
_HASHES: dict[str | type, Callable[[Any], object]] = {
    Dataset: lambda dataset: dataset.digest,
    Job: lambda job: (job.id, job.state.is_final),  # a run that goes on may have results, but not all that they have
    ModelRef: lambda model: model.model_dump_json(),
    Mapping: lambda mapping: mapping.model_dump_json(),
    Measured: lambda measured: measured.model_dump_json(),
    RunSpec: lambda spec: spec.model_dump_json(),
}
"""What tells arguments of these types apart."""


@st.cache_resource(show_spinner=False)  # also asked for where no page is drawn
def supervisor() -> Supervisor:
    """The server's one supervisor, with its workers warm."""
    settings = Settings.from_environment()
    made = Supervisor(settings, RunStore(settings.database))
    made.start()
    atexit.register(made.close)
    return made


@st.cache_resource(show_spinner=_WAIT)
def catalog() -> Catalog:
    """Where datasets and models are found."""
    return Catalog.of(Settings.from_environment())


def marks_of(spec: RunSpec) -> CsvMarks:
    """How CSV files for whoever brought the table of a run are written."""
    return catalog().datasets.marks(spec.dataset.digest)


def job(job_id: str | None) -> Job | None:
    """A job of the store, or None where it is not kept or ``job_id`` names none."""
    return supervisor().store.get(job_id) if job_id else None


@st.cache_resource(max_entries=20, hash_funcs=_HASHES, show_spinner=_WAIT)
def model_data(dataset: Dataset, model: ModelRef) -> ModelWithData:
    """A table together with a model."""
    return catalog().pair(dataset, model)


def models_of(dataset: Dataset, spec: RunSpec) -> ModelWithData:
    """A table together with the models of all outcomes of a run; nobody may change it."""
    if not spec.has_several_outcomes:
        return model_data(dataset, spec.model)
    return _models_of(dataset, [(each.name, each.model) for each in spec.outcomes if each.model], spec.model, spec)


@st.cache_resource(max_entries=20, hash_funcs=_HASHES, show_spinner=_WAIT)
def _models_of(
    dataset: Dataset, outcomes: Sequence[tuple[str, ModelRef]], objective: ModelRef, _spec: RunSpec
) -> ModelWithData:
    return catalog().models_of(dataset, _spec)


def saved_card(model: ModelRef) -> ModelCard | None:
    """The card of a saved model, or None for what was not trained here or is gone."""
    try:
        return catalog().saved_model(model).card if model.kind == "saved" else None
    except USER_ERRORS:
        return None


def card_of(model: ModelRef) -> ModelCard | None:
    """The card of a saved model or of one of the operator's; None for what has none or is gone."""
    try:
        return catalog().operator.load(model.name).card if model.kind == "operator" else saved_card(model)
    except USER_ERRORS:
        return None


@st.cache_resource(max_entries=8, hash_funcs=_HASHES, show_spinner=_WAIT)
def problem(spec: RunSpec, _model_data: ModelWithData) -> Problem:
    """The problem of a run, built once for all pages that ask for it; errors as `build_problem`."""
    return build_problem(spec, _model_data, plausibility, _scale_of(spec))


@st.cache_resource(max_entries=8, hash_funcs=_HASHES, show_spinner=_WAIT)
def front(spec: RunSpec, _model_data: ModelWithData) -> FrontProblem:
    """The problem of a run whose several goals make a front, built once; errors as `build_front`."""
    return build_front(spec, _model_data, plausibility)


def outcomes(spec: RunSpec, model_data: ModelWithData) -> RunOutcomes | None:
    """All outcomes of a run together; None for one without limits, and before its models are loaded.

    Raises:
        FormulaError: a formula does not fit the table.
        SpaceError: a curve cannot be built.
    """
    if not has_more_outcomes(spec) or model_data.is_deferred:
        return None
    key = f"{spec.dataset.digest}|{spec.combine}|{[each.model_dump_json() for each in spec.outcomes]}"
    return _outcomes(key, spec, model_data)


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def _outcomes(key: str, _spec: RunSpec, _model_data: ModelWithData) -> RunOutcomes:
    return RunOutcomes.of(_spec, _model_data)


@st.cache_data(max_entries=50, show_spinner=_WAIT)
def limit_notes(key: str, _outcomes: RunOutcomes) -> tuple[str, ...]:
    """Which limits no recorded row meets; ``key`` names table, models and limits."""
    return _outcomes.limit_notes()


def _scale_of(spec: RunSpec) -> Callable[[Objective, ModelWithData], float]:
    """What gives the unit of scores, found once for all runs with this table, model, goal and curve."""
    parts = (spec.dataset.digest, spec.combine, *(outcome.model_dump_json() for outcome in spec.outcomes))
    return partial(_objective_scale, str(parts))


@st.cache_data(max_entries=50, show_spinner=_WAIT)
def _objective_scale(key: str, _objective: Objective, _model_data: ModelWithData) -> float:
    return objective_scale(_objective, _model_data)


@st.cache_data(max_entries=50, show_spinner=_WAIT)
def seconds_per_evaluation(key: str, _problem: Problem | FrontProblem, _method: MethodSpec) -> float:
    """How long an evaluation takes; ``key`` names table, model, curve and method."""
    return time_evaluation(_problem, _method)


def plausibility(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> Plausibility:
    """How plausible candidates of a run are: one for all runs in which the same counts of the same table."""
    return _plausibility(plausibility_key(spec, dataset), spec, dataset, features)


@st.cache_resource(max_entries=8, show_spinner=_WAIT)
def _plausibility(key: str, _spec: RunSpec, _dataset: Dataset, _features: Sequence[Feature]) -> Plausibility:
    return build_plausibility(_spec, _dataset, _features)


def plausibility_check(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> PlausibilityCheck:
    """The judges of a run: the same for all runs in which the same counts of the same table."""
    return _plausibility_check(plausibility_key(spec, dataset), spec, dataset, features)


@st.cache_resource(max_entries=8, show_spinner=_WAIT)
def _plausibility_check(key: str, _spec: RunSpec, _dataset: Dataset, _features: Sequence[Feature]) -> PlausibilityCheck:
    return PlausibilityCheck.of(_spec, _dataset, _features, plausibility)


@st.cache_data(max_entries=100, show_spinner=_WAIT)
def constraints_refusal(key: str, _spec: RunSpec, _dataset: Dataset) -> str:
    """Why rules cannot be met, or ""; ``key`` names table, features, curve and rules."""
    return constraints_error(_spec, _dataset)


@st.cache_resource(max_entries=20, hash_funcs=_HASHES, show_spinner=_WAIT)
def feature_summaries(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """What stays the same of every feature while it is edited."""
    return summarise_features(dataset)


@st.cache_resource(max_entries=8, hash_funcs=_HASHES, show_spinner=_WAIT)
def found_rules(dataset: Dataset) -> tuple[FoundRule, ...]:
    """What the rows of a table say of each other, as rules; see `services.problems.found_rules`."""
    return find_rules(dataset)


@st.cache_resource(max_entries=40, show_spinner=False)
def chart(key: str, _draw: Callable[[], tuple[Any, str]]) -> tuple[Any, str]:
    """A figure, which nobody may change, and what it shows in words; ``key`` names all that is drawn."""
    return _draw()


@st.cache_resource(max_entries=8, hash_funcs=_HASHES, show_spinner=_WAIT)
def outcome_rows(dataset: Dataset) -> dict[str, Dataset]:
    """The rows of each outcome of a table that was measured at all, as a dataset of its own, by the outcome's name."""
    measured = [name for name in dataset.outcome_names if np.isfinite(dataset.measured(name)).any()]
    return {name: dataset.for_outcome(name) for name in measured}


def histograms(dataset: Dataset) -> tuple[Any, str]:
    """The histograms of a table as a figure, which nobody may change, and in words."""

    def draw() -> tuple[Any, str]:
        infos = histograms_info(dataset)
        return histograms_figure(infos), histograms_alt(infos)

    return chart(f"histograms {dataset.digest}", draw)


@st.cache_resource(max_entries=8, show_spinner=_WAIT)
def what_if(key: str, _spec: RunSpec, _material: ModelWithData, _result: RunResult | None) -> WhatIfContext:
    """What answers What if for a run, or for settings that were never run; ``key`` names these and the model."""
    return WhatIfContext.of(key, _spec, _material, _result, plausibility_check)


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def course(run_id: str) -> RunTrace:
    """How the best of a run got better."""
    return RunTrace(supervisor().store, run_id)


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def scene(run_id: str, _spec: RunSpec) -> tuple[Scene, RowMaker]:
    """What stays the same while a run is watched, and what turns its trace into rows."""
    return build_scene(run_id, _spec, catalog().model_data(_spec), _scale_of(_spec))


def waiting_scene(spec: RunSpec) -> Scene:
    """What is drawn before there is a run of a specification."""
    of_scene = {"dataset", "outcomes", "combine", "features", "density", "constraints"}
    digest = sha256(spec.model_dump_json(include=of_scene).encode()).hexdigest()[:16]
    drawn, _ = scene(f"waiting {digest}", spec)
    return replace(drawn, budget=spec.budget.evaluations, is_penalised=spec.is_penalised)


@st.cache_resource(max_entries=8, show_spinner=_WAIT)
def live_trace(run_id: str, _spec: RunSpec) -> LiveTrace:
    """The growing trace of a run as rows for the live view."""
    drawn, rows = scene(run_id, _spec)
    return LiveTrace(supervisor().store, run_id, rows, len(drawn.features))


def result(run: Job | None) -> RunResult | None:
    """The result of a run as far as it is there, or None."""
    return None if run is None or not run.result else _result(run, run.result)


@st.cache_resource(max_entries=50, hash_funcs=_HASHES, show_spinner=_WAIT)
def _result(run: Job, _document: str) -> RunResult:
    return RunResult.model_validate_json(_document)


@st.cache_data(max_entries=100, show_spinner=_WAIT)
def run_thumbnail(run_id: str) -> str:
    """A small picture of what a run found that has ended (only then ask), as SVG; "" where it found nothing."""
    found = result(job(run_id))
    return thumbnail(found) if found is not None and len(found.results) else ""


@st.cache_resource(max_entries=20, hash_funcs=_HASHES, show_spinner=_WAIT)
def result_message(
    run: Job, _result: RunResult, dataset: Dataset, left_out: tuple[int, ...], measured: Measured
) -> dict[str, Any]:
    """What the result view draws of a run with results; the view's alone, nobody may change it."""
    spec = _result.spec
    draw = partial(message_of, _result, dataset, left_out=left_out, kept=measured.rows)
    try:
        background = RunBackground(*scene(run.id, spec), live_trace(run.id, spec).read())
        bands = curve_bands(_result, catalog().model_data(spec))
    except USER_ERRORS:  # table or model are not what they were: no map and no intervals
        return draw()
    return draw(background, bands)


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def tuning(job_id: str, n_pieces: int) -> TuneResult | None:
    """What a tuning has after so many points, or None where there is no such job."""
    found = job(job_id)
    return tuned_so_far(found.spec, supervisor().store.pieces(job_id, at_most=n_pieces)) if found else None


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def comparison(job_id: str, n_pieces: int) -> ComparisonResult | None:
    """What a comparison of methods has after so many pieces, or None where there is no such job."""
    found = job(job_id)
    return compared_so_far(found.spec, supervisor().store.pieces(job_id, at_most=n_pieces)) if found else None


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def trained_card(job_id: str) -> ModelCard | None:
    """The card of a training that has ended (only then ask), or None where it made no model."""
    found = job(job_id)
    return ModelCard.from_json(found.result) if found and found.result else None


@st.cache_resource(max_entries=20, show_spinner=_WAIT)
def quality(job_id: str) -> QualityResult | None:
    """What a quality check found that has ended (only then ask), or None where it was stopped or failed."""
    found = job(job_id)
    return QualityResult.model_validate_json(found.result) if found and found.result else None


@st.cache_resource(max_entries=8, ttl=1800, show_spinner=_WAIT)
def upload(digest: str, _files: tuple[tuple[str, bytes], ...]) -> Upload:
    """The model in uploaded files."""
    return read_upload(_files)


@st.cache_resource(max_entries=20, ttl=1800, hash_funcs=_HASHES, show_spinner=_WAIT)
def suggested_mapping(
    digest: str, dataset: Dataset, _n_inputs: int, _predict: Forward, _vocabularies: Sequence[Sequence[str]] = ()
) -> Mapping | None:
    """What the inputs of a model from elsewhere, of which ``digest`` is, seem to be."""
    return suggest_mapping(dataset, _n_inputs, _predict, _vocabularies)


@st.cache_resource(max_entries=50, ttl=1800, hash_funcs=_HASHES, show_spinner=_WAIT)
def judged_upload(digest: str, mapping: Mapping, _upload: Upload, dataset: Dataset) -> ModelCard:
    """How an uploaded model agrees with the recorded rows under a mapping."""
    return evaluated_card(mapping, dataset, _upload.n_inputs, _upload.forward, VERSIONS)


@st.cache_resource(max_entries=4, ttl=1800, show_spinner=_WAIT)
def raw_table(digest: str, filename: str, reading: Reading | None, _data: bytes) -> RawTable:
    """An uploaded file as a table, read as the user has chosen."""
    return read_table(_data, filename, reading)


@st.cache_resource(max_entries=20, ttl=1800, show_spinner=_WAIT)
def proposed_roles(key: str, _propose: Callable[[], Roles]) -> Roles:
    """What each column of an uploaded table is probably for; ``key`` names the table with its types and units."""
    return _propose()


@st.cache_resource(max_entries=4, ttl=1800, show_spinner=_WAIT)
def cleaned_table(key: str, _clean: Callable[[], CleanTable]) -> CleanTable:
    """The dataset that an uploaded table makes; ``key`` names the table and all that was chosen."""
    return _clean()


@st.cache_resource(max_entries=4, ttl=1800, show_spinner=_WAIT)
def reading_choices(digest: str, _data: bytes) -> Choices:
    """What can be chosen about the reading of an uploaded file, also where it cannot be read."""
    return found_choices(_data)
