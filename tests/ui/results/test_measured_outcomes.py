"""Measured values of two outcomes: kept, joined, both models trained again, and the next search with both."""

import numpy as np
import pytest

from models import Column, Dataset, Family
from models.data.dataset import OtherOutcome
from services.jobs import JobKind, JobState
from services.papers.measured.measurements import Measured
from services.specs.outcomes import ModelRef, OutcomeSpec
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training
from ui.shared import cache

KEEP, TABLE, TRAIN = "Keep this value", "Make a new table with these 2 values", "Train again on it"


@pytest.fixture
def own_run(installation):
    """The id of a finished run for a high yield with little impurity, and its models, which go with it."""
    from services.problems.defaults import default_spec
    from services.results.search import run_spec

    X = np.random.default_rng(3).uniform(0, 10, (40, 2))
    others = (OtherOutcome(Column("impurity", unit="%"), X[:, 1] ** 2 / 10 + 1),)
    features = (Column("temp"), Column("time"))
    dataset = Dataset("batches", features, Column("yield"), X, 3 * X[:, 0] + X[:, 1], other_outcomes=others)
    catalog, models = cache.catalog(), {}
    catalog.datasets.save(dataset)
    for name in dataset.outcome_names:
        rows = dataset.for_outcome(name)
        asked = TrainingSpec(dataset=DatasetRef(name="batches", digest=rows.digest), family=Family.QUADRATIC)
        made = run_training(asked, rows)
        saved = catalog.models.save(f"batches {name}", made.artifact, made.card)
        models[name] = ModelRef(name=saved.name, digest=saved.digest)
    outcomes = (
        OutcomeSpec(name="yield", model=models["yield"], goal="maximum"),
        OutcomeSpec(name="impurity", model=models["impurity"], at_most=6.0),
    )
    own = catalog.pair(dataset, models["yield"])
    spec = default_spec(own, dataset, models["yield"], name="batches")
    spec = spec.revised(budget={"evaluations": 2_000}, seed=5, outcomes=outcomes, n_results=3)
    job = installation.keep(run_spec(spec, catalog.models_of(dataset, spec), is_beside_random=False).result)
    yield job
    for path in installation.saved_models.glob("batches*"):
        path.unlink()


@pytest.fixture
def page(open_app, own_run):
    opened = open_app("results", run=own_run)
    opened.test.session_state[f"measured-fold-{own_run}"] = True
    return opened.run()


@pytest.fixture
def train_at_once(installation, monkeypatch):
    """Trainings are done where they are asked for, but for those of outcomes that are told to fail."""
    failing: set[str] = set()

    def submit(kind, name, spec, story=""):
        asked = TrainingSpec.model_validate_json(spec)
        rows = cache.catalog().dataset(asked.dataset)
        if rows.outcome.name in failing:
            return installation.ended(kind, name, spec, state=JobState.FAILED, error="no room on the disk")
        made = run_training(asked, rows)
        return installation.ended(
            JobKind.TRAINING, name, spec, result=made.card.model_dump_json(), artifact=made.artifact
        )

    monkeypatch.setattr(installation.supervisor, "submit", submit)
    return failing


def keep_both(page):
    page.one("number_input", "Measured yield").set_value(31.5)
    page.one("number_input", "Measured impurity in %").set_value(5.5)
    return page.press(KEEP).press(TABLE)


def test_both_models_learn_and_search_next(page, train_at_once):
    keep_both(page)
    assert page.says(
        "A model each for yield (Quadratic response surface); impurity (Quadratic response surface).", "caption"
    )
    page.press(TRAIN)
    for name in ("yield", "impurity"):
        assert page.says(f"A new model of {name} has learned from it: R² ", "markdown")
    page.press("Use them for the next search")
    assert page.title == "Optimize"
    draft = page.session.draft
    assert [(each.name, each.model.name) for each in draft.outcomes] == [
        ("yield", "batches 1 measured yield"),
        ("impurity", "batches 1 measured impurity"),
    ]
    assert draft.outcomes[1].at_most == 6.0 and page.session.dataset.n_rows == 41


def test_a_training_that_failed_is_begun_again_alone(page, train_at_once, installation, own_run):
    train_at_once.add("impurity")
    keep_both(page).press(TRAIN)
    assert page.says("no room on the disk", "error")
    assert "Use them for the next search" not in page.labels
    first = Measured.of(installation.supervisor.store, own_run).trainings
    train_at_once.clear()
    page.press(TRAIN)
    now = Measured.of(installation.supervisor.store, own_run).trainings
    assert now["yield"] == first["yield"] and now["impurity"] != first["impurity"]
    assert "Use them for the next search" in page.labels
