"""Studies and trainings are jobs like a search: as from the command line, shown on the way, and kept when stopped."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from models import EpochRecord, Family, ModelCard, ModelStore, TrainingSettings
from models.cards.card import FamilyScore
from models.cards.settings import ForestOptions
from models.store import SHIPPED_FOLDER
from services.jobs import JobKind, JobState
from services.jobs.kinds import (
    HANDLERS,
    check_quality,
    compared_so_far,
    epochs_of,
    scores_of,
    share_done,
    steps_of,
    train,
    tuned_so_far,
)
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Piece, Progress
from services.problems.stories import story, story_spec
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.compare.methods import ComparisonResult, ComparisonSpec, run_comparison
from services.studies.proof import ProofResult, ProofSpec, run_proof
from services.studies.quality.check import run_quality
from services.studies.quality.report import QualityResult, QualitySpec
from services.studies.training import TrainingSpec
from services.studies.tune import SweptSetting, TuneResult, TuneSpec, run_tune

TINY = TrainingSettings(widths=(6,), epochs=6, n_members=2)
GONE = DatasetRef(name="gone", digest="0" * 64)


@pytest.fixture(scope="module")
def own_settings(module_settings, tmp_path_factory):
    """An installation that also has the model of the production line as if quickly trained, and for long."""
    folder = shutil.copytree(SHIPPED_FOLDER, tmp_path_factory.mktemp("models") / "saved")
    store = ModelStore(folder)
    shipped = store.load("production_yield")
    for name, settings in (("tiny", TINY), ("endless", replace(TINY, epochs=10_000, patience=None))):
        store.save(name, shipped.artifact, shipped.card.model_copy(update={"settings": settings}))
    return replace(module_settings, saved_models=folder)


@pytest.fixture(scope="module")
def supervisor(supervised, own_settings):
    with supervised(own_settings) as made:
        yield made


@pytest.fixture(scope="module")
def production(catalog):
    return catalog.datasets.load("production_yield")


@pytest.fixture(scope="module")
def ref(production):
    return DatasetRef(name=production.name, digest=production.digest)


@pytest.fixture(scope="module")
def training(ref):
    """A training of a second or so."""
    return TrainingSpec(dataset=ref, widths=(8,), epochs=12, seed=3)


@pytest.fixture(scope="module")
def quality_of(own_settings, ref):
    """Return a function that gives the check of a model on the production table."""

    def make(name):
        digest = ModelStore(own_settings.saved_models).load(name).digest
        return QualitySpec(dataset=ref, model=ModelRef(name=name, digest=digest), n_folds=3)

    return make


@pytest.fixture
def done(supervisor, watch):
    """Return a function that has a job done, and returns it."""

    def do(kind, spec, name="A job"):
        job = watch(supervisor, supervisor.submit(kind, name, spec.model_dump_json()))
        assert (job.state, job.error) == (JobState.DONE, "")
        return job

    return do


@pytest.fixture
def stopped(supervisor, watch):
    """Return a function that stops a job once it fulfils a condition, and returns it before and after."""

    def stop(kind, spec, condition):
        job_id = supervisor.submit(kind, "A job", spec.model_dump_json())
        before = watch(supervisor, job_id, condition)
        supervisor.stop(job_id)
        job = watch(supervisor, job_id)
        assert (job.state, job.error) == (JobState.CANCELLED, "")
        return before, job

    return stop


def test_every_kind_has_a_handler_and_those_that_need_tensorflow_the_worker_that_trains():
    assert set(HANDLERS) == set(JobKind)
    with_tensorflow = {JobKind.TRAINING, JobKind.JUDGEMENT, JobKind.QUALITY}
    assert {kind for kind in JobKind if kind.worker is JobKind.TRAINING} == with_tensorflow
    assert {kind for kind in JobKind if kind.worker is JobKind.SEARCH} == set(JobKind) - with_tensorflow


def test_a_comparison_of_the_page_is_that_of_the_command_line(supervisor, done, catalog, bumps_spec):
    run = bumps_spec.revised(budget={"evaluations": 300})
    spec = ComparisonSpec(run=run, methods=("lineages", "random_search"), n_seeds=2)
    job = done(JobKind.METHODS, spec)
    assert job.n_pieces == 4
    result = ComparisonResult.model_validate_json(job.result)
    assert compared_so_far(job.spec, supervisor.store.pieces(job.id)) == result
    assert compared_so_far(job.spec, []).entries == ()
    expected = run_comparison(spec, catalog.model_data(run))
    assert [entry.model_copy(update={"seconds": 0.0}) for entry in result.entries] == [
        entry.model_copy(update={"seconds": 0.0}) for entry in expected.entries
    ]


def test_a_stopped_comparison_keeps_the_searches_that_were_done(stopped, endless_spec):
    long = endless_spec.revised(budget={"evaluations": 10**9})
    spec = ComparisonSpec(run=long, methods=("bayesian", "lineages"))
    _, job = stopped(JobKind.METHODS, spec, lambda j: "of 2 done" in j.progress and "searching by" in j.progress)
    assert len(ComparisonResult.model_validate_json(job.result).entries) == job.n_pieces < 2


def test_a_tuning_of_the_page_is_the_tuning_of_the_command_line(supervisor, done, catalog, bumps_spec, untimed):
    run = bumps_spec.revised(budget={"evaluations": 600})
    spec = TuneSpec(run=run, dial=SweptSetting.DISTANCE, weights=(2.0, 0.0, 1.0))
    job = done(JobKind.TUNE, spec)
    assert job.n_pieces == 3
    result = TuneResult.model_validate_json(job.result)
    expected = run_tune(spec, catalog.model_data(spec.run))
    assert [untimed(p.result) for p in result.points] == [untimed(p.result) for p in expected.points]
    assert [p.figures for p in result.points] == [p.figures for p in expected.points]
    assert tuned_so_far(job.spec, supervisor.store.pieces(job.id)) == result
    assert [p.weight for p in tuned_so_far(job.spec, supervisor.store.pieces(job.id, at_most=2)).points] == [2.0, 0.0]
    assert tuned_so_far(job.spec, []).points == ()


def test_a_stopped_tuning_keeps_the_points_that_were_done(stopped, endless_spec):
    quick = endless_spec.revised(budget={"evaluations": 10**12, "seconds": 0.3})
    spec = TuneSpec(run=quick, dial=SweptSetting.DISTANCE, weights=tuple(range(25)))
    before, job = stopped(JobKind.TUNE, spec, lambda job: job.n_pieces >= 2)
    assert "distance penalty" in before.progress and "of 25" in before.progress
    assert 2 <= len(TuneResult.model_validate_json(job.result).points) == job.n_pieces < 25


def test_a_proof_of_the_page_is_the_proof_of_the_command_line(supervisor, done, catalog):
    plain = story_spec(story("production"), catalog).revised(plausibility=None, risk_aversion=0.0)
    spec = ProofSpec(run=plain.revised(goal="maximum", value=None))
    job = done(JobKind.PROOF, spec, "a run's id")
    result, expected = ProofResult.model_validate_json(job.result), run_proof(spec, catalog.model_data(spec.run))
    assert (result.sentence, result.last.limit, result.best) == (expected.sentence, expected.last.limit, expected.best)
    steps = steps_of(supervisor.store.pieces(job.id))
    assert len(steps) == job.n_pieces > 0
    assert steps[-1].boxes <= result.last.boxes
    assert all(step.limit >= result.last.limit for step in steps)
    assert supervisor.store.latest(JobKind.PROOF, "a run's id") == job
    assert supervisor.store.latest(JobKind.SEARCH, "a run's id") is None


def test_a_stopped_proof_keeps_its_limit(stopped, is_at_work, catalog):
    hard = story_spec(story("concrete"), catalog).revised(plausibility=None, risk_aversion=0.0)  # along a curve
    features = tuple(f.model_copy(update={"step": None}) for f in hard.features)
    endless = ProofSpec(run=hard.revised(features=features, distance={"weight": 4.0}), percent=1e-9, seconds=None)
    result = ProofResult.model_validate_json(stopped(JobKind.PROOF, endless, is_at_work)[1].result)
    assert not result.is_proven
    assert result.last.limit >= result.last.best


@pytest.mark.parametrize(
    ("kind", "spec_of", "words"),
    [
        (JobKind.METHODS, lambda run: ComparisonSpec(run=run.revised(risk_aversion=1.0)), "no uncertainty"),
        (JobKind.TUNE, lambda run: TuneSpec(run=run, dial=SweptSetting.CAUTION, weights=(1.0,)), "no uncertainty"),
        (JobKind.PROOF, lambda run: ProofSpec(run=run), "A proof needs a trained network"),
    ],
)
def test_what_cannot_be_studied_fails_in_words(supervisor, watch, bumps_spec, kind, spec_of, words):
    job = watch(supervisor, supervisor.submit(kind, "Bumps", spec_of(bumps_spec).model_dump_json()))
    assert job.state is JobState.FAILED
    assert words in job.error


def test_a_check_without_training_is_that_of_the_command_line(catalog):
    dataset = catalog.datasets.load("bumps")
    bumps = DatasetRef(name=dataset.name, digest=dataset.digest)
    spec, sent = QualitySpec(dataset=bumps, model=ModelRef(kind="function", name="bumps")), []
    result = check_quality(spec.model_dump_json(), JobContext("job", catalog, sent.append))[0]
    result, expected = QualityResult.model_validate_json(result), run_quality(spec, catalog)
    assert result.model_copy(update={"seconds": expected.seconds}) == expected
    progress = [message.words for message in sent if isinstance(message, Progress)]
    assert progress[0] == "Preparing"
    assert "Shuffling features" in progress


def test_epochs_are_read_from_the_pieces_of_a_trace():
    records = [EpochRecord(epoch, 1 / epoch, 2 / epoch, 1) for epoch in (1, 2, 3)]
    rows = [{name: getattr(r, name) for name in EpochRecord.__dataclass_fields__} for r in records]
    assert epochs_of([json.dumps(rows[:2]).encode(), json.dumps(rows[2:]).encode()]) == records
    assert epochs_of([]) == []


def test_scores_of_families_are_told_apart_from_epochs():
    epoch = json.dumps([{"epoch": 1, "train_loss": 1.0, "validation_loss": 1.0, "best_epoch": 1}]).encode()
    score = FamilyScore(family=Family.BOOSTING, r2=0.5, error=0.1, seconds=2.0, words="")
    pieces = [score.model_dump_json().encode(), epoch]
    assert scores_of(pieces) == [score]
    assert [record.epoch for record in epochs_of(pieces)] == [1]


def test_a_forest_goes_from_table_to_model_and_says_how_far_it_is(catalog, training, production, tmp_path):
    sent = []
    forest = training.model_copy(update={"family": Family.RANDOM_FOREST, "forest": ForestOptions(n_trees=40)})
    result, artifact = train(forest.model_dump_json(), JobContext("job", catalog, sent.append))
    progress = [message.words for message in sent if isinstance(message, Progress)]
    assert progress[0] == "Preparing"
    assert "Random forest: 40 of 40 trees" in progress
    assert not any(isinstance(message, Piece) for message in sent)
    card = ModelCard.from_json(result)
    assert (card.family, card.settings, card.history) == (Family.RANDOM_FOREST, forest.settings(), None)
    saved = ModelStore(tmp_path).save("mine", artifact, card)
    assert np.isfinite(saved.predictor.predict(production.X)).all()


def test_an_automatic_training_says_how_much_of_it_is_done(catalog):
    sent, bumps = [], catalog.datasets.load("bumps")
    spec = TrainingSpec(dataset=DatasetRef(name=bumps.name, digest=bumps.digest))
    result, _ = train(spec.model_dump_json(), JobContext("job", catalog, sent.append))
    progress = [message.words for message in sent if isinstance(message, Progress)]
    shares = [share for share in map(share_done, progress) if share is not None]
    assert shares == sorted(shares) and shares[0] == 0 and len(set(shares)) > 3
    assert shares[-1] >= 0.3 and any("Learning how far to trust the model" in words for words in progress)
    assert share_done("Random forest: 30 of 40 trees") == 0.75
    assert share_done("Training, epoch 1,200 of at most 1,000") == 1 and share_done("Preparing") is None
    assert ModelCard.from_json(result).leaderboard is not None


def test_a_forest_that_is_stopped_keeps_the_trees_it_has(catalog, training):
    forest = training.model_copy(update={"family": Family.RANDOM_FOREST, "forest": ForestOptions(n_trees=1_000)})
    context = JobContext("job", catalog, lambda message: None)
    context.stop()
    result, _ = train(forest.model_dump_json(), context)
    assert ModelCard.from_json(result).settings.n_trees == 25


@pytest.mark.tensorflow
class TestWithTensorFlow:
    def test_a_training_goes_from_table_to_model(self, supervisor, done, training, production, tmp_path):
        job = done(JobKind.TRAINING, training)
        card = ModelCard.from_json(job.result)
        epochs = epochs_of(supervisor.store.pieces(job.id))
        assert [record.epoch for record in epochs] == list(range(1, 13))
        assert card.history.train_loss == tuple(record.train_loss for record in epochs)
        assert card.settings == training.settings()
        assert card.dataset.digest == production.digest
        saved = ModelStore(tmp_path).save("mine", supervisor.store.artifact(job.id), card)
        assert ModelStore(tmp_path).names() == ["mine"]
        assert np.isfinite(saved.predictor.predict(production.X)).all()

    def test_a_stopped_training_keeps_the_best_so_far(self, supervisor, stopped, training, production, tmp_path):
        endless = training.model_copy(update={"epochs": 10_000, "patience": None})
        _, job = stopped(JobKind.TRAINING, endless, lambda job: job.n_pieces > 1)
        card = ModelCard.from_json(job.result)
        assert card.history.ended == "stopped"
        assert 0 < len(card.history.train_loss) < 10_000
        saved = ModelStore(tmp_path).save("stopped", supervisor.store.artifact(job.id), card)
        assert np.isfinite(saved.predictor.predict(production.X)).all()

    def test_a_check_goes_from_table_and_model_to_a_verdict(self, supervisor, done, quality_of):
        spec = quality_of("tiny")
        job = done(JobKind.QUALITY, spec, spec.key)
        result = QualityResult.model_validate_json(job.result)
        assert result.is_held_out and result.spec == spec
        assert sum(fold.n_rows for fold in result.folds) == len(result.measured) == 2_000
        assert result.verdict.headline.startswith("The model ")
        assert supervisor.store.latest(JobKind.QUALITY, spec.key) == job
        assert supervisor.store.latest(JobKind.QUALITY, quality_of("endless").key) is None

    def test_a_stopped_check_keeps_nothing(self, stopped, quality_of):
        _, job = stopped(JobKind.QUALITY, quality_of("endless"), lambda job: "epoch" in job.progress)
        assert job.result == ""

    def test_what_cannot_be_done_fails_with_words_for_the_user(self, supervisor, watch, training, quality_of):
        for kind, spec, words in (
            (JobKind.TRAINING, training.model_copy(update={"epochs": 0}), "The number of epochs has to be"),
            (JobKind.TRAINING, training.model_copy(update={"dataset": GONE}), "upload the table again"),
            (JobKind.QUALITY, quality_of("tiny").model_copy(update={"dataset": GONE}), "upload the table again"),
        ):
            job = watch(supervisor, supervisor.submit(kind, "A job", spec.model_dump_json()))
            assert job.state is JobState.FAILED
            assert words in job.error

    def test_trainings_go_one_by_one_while_searches_pass_them(self, supervised, settings, watch, training, bumps_spec):
        endless = training.model_copy(update={"epochs": 10_000, "patience": None}).model_dump_json()
        with supervised(replace(settings, n_parallel=3)) as supervisor:
            first, second = (supervisor.submit(JobKind.TRAINING, "A model", endless) for _ in range(2))
            search = supervisor.submit(JobKind.SEARCH, "Search", bumps_spec.model_dump_json())
            assert watch(supervisor, search).state is JobState.DONE
            assert supervisor.store.get(first).state is JobState.RUNNING
            assert supervisor.store.get(second).state is JobState.QUEUED
            supervisor.stop(second)
            supervisor.stop(first)  # perhaps while TensorFlow is being loaded
            assert watch(supervisor, first).state is JobState.CANCELLED
            assert watch(supervisor, second).state is JobState.CANCELLED

    def test_a_worker_for_trainings_waits_warm_where_that_is_wanted(self, supervised, settings, worker_pids):
        others = set(worker_pids())
        with supervised(replace(settings, is_training_warm=True)):
            assert len(set(worker_pids()) - others) == 2
