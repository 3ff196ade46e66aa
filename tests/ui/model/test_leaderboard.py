import numpy as np
import pytest

from models import Column, Dataset, Family
from models.cards.card import FamilyScore
from models.training.automatic import families_compared
from services.jobs import JobKind, JobState
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training
from ui.shared import cache


def small_table():
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (20, 2))
    return Dataset("t", (Column("a"), Column("b")), Column("y"), X, X[:, 0] + rng.normal(0, 0.1, 20))


@pytest.fixture(scope="module")
def model():
    """A model of a small table that was trained by Automatic, its intervals left out."""
    dataset = small_table()
    return run_training(TrainingSpec(dataset=DatasetRef(name="t", digest=dataset.digest)), dataset)


@pytest.fixture
def page(app, installation, model):
    """The Model page with the table of that model."""
    dataset = small_table()
    cache.catalog().datasets.save(dataset)
    app.session.use_dataset(dataset)
    return app.go("model")


@pytest.fixture
def trained(page, installation, model):
    """The Model page with an automatic training that has ended."""
    spec = TrainingSpec(dataset=DatasetRef(name="t", digest=page.session.dataset.digest), seed=7, test_share=0.3)
    told = {"result": model.card.model_dump_json(), "artifact": model.artifact}
    page.session.training_id = installation.ended(JobKind.TRAINING, "t", spec.model_dump_json(), **told)
    return page.run()


def table_of(page):
    """Return the leaderboard as rows of cells."""
    (text,) = [text for text in page.texts("markdown") if text.startswith("| Family")]
    return [[cell.replace("\u00a0", " ").strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]


def test_every_family_is_shown_with_its_score_and_the_taken_one_with_the_reason(trained, model):
    rows = {row[0].split(" :")[0]: row for row in table_of(trained)}
    for score in model.card.leaderboard.scores:
        row = rows[score.family.words.label]
        assert row[1] == ("–" if score.r2 is None else f"{score.r2:.2f} ± {score.error:.2f}")
        if score.family is model.card.family:
            assert row[0].endswith(":material/check:") and row[3] == score.words
    assert trained.says("Families compared on 17 rows in 5 parts, dealt 4 times", "caption")


def test_a_small_table_is_judged_by_cross_validation_with_standard_errors(trained, model):
    metrics = model.card.metrics
    (shown,) = [metric for metric in trained.test.metric if metric.label == "R², cross-validated"]
    assert shown.value == f"{metrics.r2:.2f} ± {metrics.r2_error:.2f}" or f"± {metrics.r2_error:.3f}" in shown.value
    assert trained.says("Judged by cross-validation: all 20 rows in 5 parts, dealt 5 times", "markdown")


def test_a_model_whose_family_a_person_chose_has_no_leaderboard(trained, installation, model):
    card = model.card.model_copy(update={"leaderboard": None})
    ref = DatasetRef(name="t", digest=trained.session.dataset.digest)
    spec = TrainingSpec(dataset=ref, family=Family.GAUSSIAN_PROCESS).model_dump_json()
    told = {"result": card.model_dump_json(), "artifact": model.artifact}
    trained.session.training_id = installation.ended(JobKind.TRAINING, "t", spec, **told)
    trained.run()
    assert not trained.says("| Family", "markdown")
    assert trained.one("button", "Next: Optimize")


def test_a_comparison_that_goes_on_says_how_much_is_done_and_shows_each_score_as_it_comes(page, installation):
    store, dataset = installation.supervisor.store, page.session.dataset
    spec = TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest)).model_dump_json()
    told = store.add(JobKind.TRAINING, "t", spec)
    store.start(told, "server")
    store.set_progress(told, "Automatic, 40 %: Gaussian process R² 0.83; now gradient boosting")
    page.session.training_id = told
    bar = page.run().test.get("progress")[0]
    assert bar.proto.value == 40 and "Gaussian process R² 0" in bar.proto.text
    names = [family.words.label for family in families_compared(dataset)]
    assert [row[:2] for row in table_of(page)] == [[name, "…"] for name in names]
    score = FamilyScore(family=Family.GAUSSIAN_PROCESS, r2=0.83, error=0.02, seconds=1.5, words="")
    store.add_piece(told, score.model_dump_json().encode())
    rows = table_of(page.run())
    assert rows[0] == ["Gaussian process", "0.83 ± 0.02", "1.5 s", "Best so far."]
    assert rows[1][1:] == ["…", "", "being compared"]
    store.finish(told, JobState.CANCELLED)
