import numpy as np
import pytest

from models import Column, Dataset, Family
from services.jobs import JobKind, JobState
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training
from ui.model.leaderboard import with_article


@pytest.fixture(scope="module")
def model():
    """A model of a small table that was trained by Automatic, its intervals left out."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (20, 2))
    dataset = Dataset("t", (Column("a"), Column("b")), Column("y"), X, X[:, 0] + rng.normal(0, 0.1, 20))
    return run_training(TrainingSpec(dataset=DatasetRef(name="t", digest=dataset.digest)), dataset)


@pytest.fixture
def trained(app, installation, model):
    """The Model page with an automatic training that has ended."""
    page = app.use_table("concrete").go("model")
    spec = TrainingSpec(dataset=DatasetRef(name="t", digest=page.session.dataset.digest), seed=7, test_share=0.3)
    told = {"result": model.card.model_dump_json(), "artifact": model.artifact}
    page.session.training_id = installation.ended(JobKind.TRAINING, "t", spec.model_dump_json(), **told)
    return page.run()


def test_every_family_is_shown_with_its_evidence(trained, model):
    assert trained.says("Why this family", "markdown")
    for score in model.card.leaderboard.scores:
        assert trained.says(score.words, "caption")
        r2 = "" if score.r2 is None else f" R² {score.r2:.2f} ± {score.error:.2f}"
        assert trained.says(f"{score.family.words.label}{r2}", "markdown")
    assert trained.says("Families compared on 17 rows in 5 parts, dealt 4 times", "caption")


def test_a_small_table_is_judged_by_cross_validation_with_standard_errors(trained, model):
    metrics = model.card.metrics
    (shown,) = [metric for metric in trained.test.metric if metric.label == "R², cross-validated"]
    assert shown.value == f"{metrics.r2:.2f} ± {metrics.r2_error:.2f}" or f"± {metrics.r2_error:.3f}" in shown.value
    assert trained.says("Judged by cross-validation: all 20 rows in 5 parts, dealt 5 times", "caption")


def test_one_click_trains_another_family_with_the_same_rows_held_out(trained, installation, model, monkeypatch):
    submitted = []
    monkeypatch.setattr(installation.supervisor, "submit", lambda *asked: submitted.append(asked) or "next")
    offered = [label for label in trained.labels if label.endswith(" instead")]
    others = [score.family for score in model.card.leaderboard.scores if score.family is not model.card.family]
    assert offered == [f"Train {with_article(family)} instead" for family in others]
    trained.press("Train a random forest instead")
    kind, name, document = submitted.pop()
    spec = TrainingSpec.model_validate_json(document)
    assert (kind, name, spec.family) == (JobKind.TRAINING, "t", Family.RANDOM_FOREST)
    assert (spec.seed, spec.test_share, spec.dataset.digest) == (7, 0.3, trained.session.dataset.digest)
    assert trained.session.training_id == "next"


def test_a_model_whose_family_a_person_chose_has_no_leaderboard(trained, installation, model):
    card = model.card.model_copy(update={"leaderboard": None})
    spec = TrainingSpec(dataset=DatasetRef(name="t", digest="d"), family=Family.GAUSSIAN_PROCESS).model_dump_json()
    told = {"result": card.model_dump_json(), "artifact": model.artifact}
    trained.session.training_id = installation.ended(JobKind.TRAINING, "t", spec, **told)
    trained.run()
    assert not trained.says("Why this family")
    assert trained.one("button", "Save and use it")


def test_a_comparison_that_goes_on_says_what_was_found_and_how_much_is_done(trained, installation):
    store = installation.supervisor.store
    spec = TrainingSpec(dataset=DatasetRef(name="t", digest="d")).model_dump_json()
    told = store.add(JobKind.TRAINING, "t", spec)
    store.start(told, "server")
    store.set_progress(told, "Automatic, 40 %: Gaussian process R² 0.83; now gradient boosting")
    trained.session.training_id = told
    bar = trained.run().test.get("progress")[0]
    assert bar.proto.value == 40
    assert "Gaussian process R² 0" in bar.proto.text
    store.finish(told, JobState.CANCELLED)


@pytest.mark.parametrize(
    ("family", "words"),
    [
        (Family.BOOSTING, "gradient boosting"),
        (Family.GAUSSIAN_PROCESS, "a Gaussian process"),
        (Family.MLP, "a neural network"),
    ],
)
def test_a_family_is_named_within_a_sentence(family, words):
    assert with_article(family) == words
