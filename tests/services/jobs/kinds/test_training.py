import json
from dataclasses import replace

import numpy as np
import pytest

from models import EpochRecord, Family, ModelCard, ModelStore
from models.cards.settings import ForestOptions
from services.jobs import JobKind, JobState
from services.jobs.kinds.training import epochs_of, handle
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Piece, Progress
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec


@pytest.fixture(scope="module")
def production(catalog):
    return catalog.datasets.load("production_yield")


@pytest.fixture(scope="module")
def spec(production):
    """A training of a second or so."""
    ref = DatasetRef(name=production.name, digest=production.digest)
    return TrainingSpec(dataset=ref, widths=(8,), epochs=12, seed=3)


@pytest.fixture(scope="module")
def supervisor(supervised, module_settings):
    with supervised(module_settings) as made:
        yield made


def _submit(supervisor, spec):
    return supervisor.submit(JobKind.TRAINING, "A model", spec.model_dump_json())


def test_epochs_are_read_from_the_pieces_of_a_trace():
    records = [EpochRecord(epoch, 1 / epoch, 2 / epoch, 1) for epoch in (1, 2, 3)]
    rows = [{name: getattr(r, name) for name in EpochRecord.__dataclass_fields__} for r in records]
    assert epochs_of([json.dumps(rows[:2]).encode(), json.dumps(rows[2:]).encode()]) == records
    assert epochs_of([]) == []


def test_a_forest_goes_from_table_to_model_and_says_how_far_it_is(catalog, spec, production, tmp_path):
    sent = []
    forest = spec.model_copy(update={"family": Family.RANDOM_FOREST, "forest": ForestOptions(n_trees=40)})
    result, artifact = handle(forest.model_dump_json(), JobContext("job", catalog, sent.append))
    progress = [message.words for message in sent if isinstance(message, Progress)]
    assert progress[0] == "Preparing"
    assert "Random forest: 40 of 40 trees" in progress
    assert not any(isinstance(message, Piece) for message in sent)
    card = ModelCard.from_json(result)
    assert (card.family, card.settings, card.history) == (Family.RANDOM_FOREST, forest.settings(), None)
    saved = ModelStore(tmp_path).save("mine", artifact, card)
    assert np.isfinite(saved.predictor.predict(production.X)).all()


def test_a_forest_that_is_stopped_keeps_the_trees_it_has(catalog, spec):
    forest = spec.model_copy(update={"family": Family.RANDOM_FOREST, "forest": ForestOptions(n_trees=1_000)})
    context = JobContext("job", catalog, lambda message: None)
    context.stop()
    result, _ = handle(forest.model_dump_json(), context)
    assert ModelCard.from_json(result).settings.n_trees == 25


@pytest.mark.tensorflow
def test_a_training_goes_from_table_to_model(supervisor, watch, spec, production, tmp_path):
    job = watch(supervisor, _submit(supervisor, spec))
    assert (job.state, job.error) == (JobState.DONE, "")
    card = ModelCard.from_json(job.result)
    epochs = epochs_of(supervisor.store.pieces(job.id))
    assert [record.epoch for record in epochs] == list(range(1, 13))
    assert card.history.train_loss == tuple(record.train_loss for record in epochs)
    assert card.settings == spec.settings()
    assert card.dataset.digest == production.digest
    saved = ModelStore(tmp_path).save("mine", supervisor.store.artifact(job.id), card)
    assert ModelStore(tmp_path).names() == ["mine"]
    assert np.isfinite(saved.predictor.predict(production.X)).all()


@pytest.mark.tensorflow
def test_a_stopped_training_keeps_the_best_so_far(supervisor, watch, spec, production, tmp_path):
    endless = spec.model_copy(update={"epochs": 10_000, "patience": None})
    job_id = _submit(supervisor, endless)
    watch(supervisor, job_id, lambda job: job.n_pieces > 1)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    card = ModelCard.from_json(job.result)
    assert card.history.ended == "stopped"
    assert 0 < len(card.history.train_loss) < 10_000
    saved = ModelStore(tmp_path).save("stopped", supervisor.store.artifact(job_id), card)
    assert np.isfinite(saved.predictor.predict(production.X)).all()


@pytest.mark.tensorflow
def test_a_training_that_cannot_be_done_fails_with_words_for_the_user(supervisor, watch, spec):
    job = watch(supervisor, _submit(supervisor, spec.model_copy(update={"epochs": 0})))
    assert job.state is JobState.FAILED
    assert job.error.startswith("The number of epochs has to be")
    gone = spec.model_copy(update={"dataset": DatasetRef(name="gone", digest="0" * 64)})
    assert "upload the table again" in watch(supervisor, _submit(supervisor, gone)).error


@pytest.mark.tensorflow
def test_trainings_go_one_by_one_while_searches_pass_them(supervised, settings, watch, spec, bumps_spec, tmp_path):
    endless = spec.model_copy(update={"epochs": 10_000, "patience": None})
    with supervised(replace(settings, n_parallel=3)) as supervisor:
        first, second = _submit(supervisor, endless), _submit(supervisor, endless)
        search = supervisor.submit(JobKind.SEARCH, "Search", bumps_spec.model_dump_json())
        assert watch(supervisor, search).state is JobState.DONE
        assert supervisor.store.get(first).state is JobState.RUNNING
        assert supervisor.store.get(second).state is JobState.QUEUED
        supervisor.stop(second)
        supervisor.stop(first)  # perhaps while TensorFlow is being loaded
        assert watch(supervisor, first).state is JobState.CANCELLED
        assert watch(supervisor, second).state is JobState.CANCELLED


@pytest.mark.tensorflow
def test_a_worker_for_trainings_waits_warm_where_that_is_wanted(supervised, settings, worker_pids):
    others = set(worker_pids())
    with supervised(replace(settings, is_training_warm=True)):
        assert len(set(worker_pids()) - others) == 2
