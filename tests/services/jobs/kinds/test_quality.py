"""A quality check is a job of the worker that trains: it goes on without the page, and is found by table and model."""

from dataclasses import replace

import pytest

from models import ModelStore, TrainingSettings
from models.store import SHIPPED_FOLDER
from services.jobs import JobKind, JobState
from services.jobs.kinds.quality import handle
from services.jobs.workers.job_context import JobContext
from services.specs.run import DatasetRef, ModelRef
from services.studies.quality.check import run_quality
from services.studies.quality.spec import QualityResult, QualitySpec

TINY = TrainingSettings(widths=(6,), epochs=6, n_members=2)


@pytest.fixture(scope="module")
def own_settings(module_settings, tmp_path_factory):
    """An installation whose models are the shipped one of the production line, as if quickly trained, and for long."""
    folder = tmp_path_factory.mktemp("models")
    shipped, store = ModelStore(SHIPPED_FOLDER).load("production_yield"), ModelStore(folder)
    network = (SHIPPED_FOLDER / "production_yield.keras").read_bytes()
    for name, settings in (("tiny", TINY), ("endless", replace(TINY, epochs=10_000, patience=None))):
        store.save(name, network, shipped.card.model_copy(update={"settings": settings}))
    return replace(module_settings, saved_models=folder)


@pytest.fixture(scope="module")
def spec_of(own_settings, catalog):
    """Return a function that gives the check of a model on the production table."""
    dataset = catalog.datasets.load("production_yield")

    def make(name):
        digest = ModelStore(own_settings.saved_models).load(name).digest
        ref = DatasetRef(name=dataset.name, digest=dataset.digest)
        return QualitySpec(dataset=ref, model=ModelRef(name=name, digest=digest), n_folds=3)

    return make


@pytest.fixture(scope="module")
def supervisor(supervised, own_settings):
    with supervised(own_settings) as made:
        yield made


def _submit(supervisor, spec):
    return supervisor.submit(JobKind.QUALITY, spec.key, spec.model_dump_json())


@pytest.mark.tensorflow
def test_a_check_goes_from_table_and_model_to_a_verdict(supervisor, watch, spec_of):
    spec = spec_of("tiny")
    job = watch(supervisor, _submit(supervisor, spec))
    assert (job.state, job.error) == (JobState.DONE, "")
    result = QualityResult.model_validate_json(job.result)
    assert result.is_held_out and result.spec == spec
    assert sum(fold.n_rows for fold in result.folds) == len(result.measured) == 2_000
    assert result.verdict.headline.startswith("The model ")
    assert supervisor.store.latest(JobKind.QUALITY, spec.key) == job
    assert supervisor.store.latest(JobKind.QUALITY, spec_of("endless").key) is None


@pytest.mark.tensorflow
def test_a_stopped_check_keeps_nothing(supervisor, watch, spec_of):
    job_id = _submit(supervisor, spec_of("endless"))
    watch(supervisor, job_id, lambda job: "epoch" in job.progress)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error, job.result) == (JobState.CANCELLED, "", "")


@pytest.mark.tensorflow
def test_a_check_that_cannot_be_done_fails_with_words_for_the_user(supervisor, watch, spec_of):
    gone = spec_of("tiny").model_copy(update={"dataset": DatasetRef(name="gone", digest="0" * 64)})
    job = watch(supervisor, _submit(supervisor, gone))
    assert job.state is JobState.FAILED
    assert "upload the table again" in job.error


def test_a_check_without_training_is_that_of_the_command_line(catalog):
    dataset = catalog.datasets.load("bumps")
    ref = DatasetRef(name=dataset.name, digest=dataset.digest)
    spec, sent = QualitySpec(dataset=ref, model=ModelRef(kind="function", name="bumps")), []
    context = JobContext("job", catalog, sent.append)
    result = QualityResult.model_validate_json(handle(spec.model_dump_json(), context)[0])
    expected = run_quality(spec, catalog)
    assert result.model_copy(update={"seconds": expected.seconds}) == expected
    progress = [message.words for message in sent]
    assert progress[0] == "Preparing"
    assert "Shuffling features" in progress


def test_checks_are_done_by_the_worker_that_trains():
    assert JobKind.QUALITY.worker is JobKind.TRAINING
