"""The Model page of a table with several outcomes: a training, a model and saved models for each."""

from dataclasses import replace

import numpy as np
import pytest

from models import Column, Dataset, DatasetError, Family
from models.data.dataset import OtherOutcome
from optimizer import Goal
from services.jobs import JobKind, JobState
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.report import QualitySpec
from services.studies.training import TrainingSpec, run_training
from ui.shared import cache, frame
from ui.shared.trained import model_name


def reactor(n=40):
    """Return rows with a yield, an impurity with gaps, and a colour that was measured five times."""
    X = np.random.default_rng(3).uniform(0, 10, (n, 2))
    few = np.where(np.arange(n) < 5, X[:, 0], np.nan)
    impurity = np.where(np.arange(n) % 4 > 0, X[:, 1] ** 2, np.nan)
    others = (OtherOutcome(Column("impurity", unit="%"), impurity), OtherOutcome(Column("colour"), few))
    return Dataset(
        *("batches", (Column("temp"), Column("time")), Column("yield"), X, 3 * X[:, 0] + X[:, 1]),
        other_outcomes=others,
    )


@pytest.fixture(scope="module")
def trained_models():
    """What trainings of both outcomes make, by outcome."""
    dataset, made = reactor(), {}
    for name in ("yield", "impurity"):
        rows = dataset.for_outcome(name)
        spec = TrainingSpec(dataset=DatasetRef(name="batches", digest=rows.digest), family=Family.QUADRATIC)
        made[name] = spec, run_training(spec, rows)
    return made


@pytest.fixture
def page(app):
    """The Model page with such a table."""
    dataset = reactor()
    cache.catalog().datasets.save(dataset)
    app.session.use_dataset(dataset)
    return app.go("model")


@pytest.fixture(autouse=True)
def cleanup(installation):
    """Take models that a test saved away again."""
    yield
    for path in installation.saved_models.glob("*.*"):
        if path.stem not in ("concrete", "production_yield"):
            path.unlink()


@pytest.fixture
def end(page, installation, trained_models):
    """Return a function that ends a training of an outcome, which the session watches."""

    def finish(name):
        spec, made = trained_models[name]
        told = {"result": made.card.model_dump_json(), "artifact": made.artifact}
        job = installation.ended(JobKind.TRAINING, f"batches: {name}", spec.model_dump_json(), **told)
        frame.watch_training(page.session, job)
        return job

    return finish


@pytest.fixture
def both(page, end):
    """The page with both models trained."""
    end("yield"), end("impurity")
    return page.run()


def choice(page):
    return page.one("segmented_control", "Outcome")


def states(page):
    """Return what the choice says of each outcome."""
    return list(choice(page).options)


def outcomes(page):
    return [(each.name, each.goal, each.model.name) for each in page.session.draft.outcomes]


def test_a_table_with_one_outcome_has_no_choice(app):
    app.use_table("concrete").go("model")
    assert not app.all("segmented_control", "Outcome")


def test_every_outcome_says_whether_it_has_a_model(page):
    assert states(page) == ["yield: no model", r"impurity \[%\]: no model", "colour: too few rows"]
    assert page.says("There is no model for yield of batches yet.", "markdown")
    page.put("segmented_control", "Outcome", "impurity")
    assert page.says("There is no model for impurity of batches yet.", "markdown")
    page.put("segmented_control", "Outcome", "colour")
    assert page.says("'colour' was measured in 5 rows; a model needs at least 15.", "warning")
    assert page.one("button", "Train so").disabled


def test_models_are_saved_by_table_and_outcome_and_the_first_is_the_goal(both, installation):
    assert outcomes(both) == [
        ("yield", Goal.MAXIMUM, "batches yield"),
        ("impurity", None, "batches impurity"),
    ]
    assert list(both.session.models) == ["yield", "impurity"] and both.session.model.name == "batches yield"
    assert (installation.saved_models / "batches impurity.json").is_file()
    assert [words.split(":")[0] for words in states(both)] == ["yield", r"impurity \[%\]", "colour"]
    assert "R² " in states(both)[0]
    assert both.says("batches yield", "subheader")
    both.put("segmented_control", "Outcome", "impurity")
    assert both.says("batches impurity", "subheader") and "%" in both.test.metric[1].value


def test_the_order_in_which_trainings_end_does_not_matter_while_nothing_was_set(page, end):
    end("impurity")
    assert outcomes(page.run()) == [("impurity", Goal.MAXIMUM, "batches impurity")]
    end("yield")
    assert [name for name, *_ in outcomes(page.run())] == ["yield", "impurity"]
    assert page.session.draft.goal is Goal.MAXIMUM and page.session.draft.objective.name == "yield"


def test_what_was_set_stays_when_another_model_comes(page, end):
    end("impurity")
    page.run()
    page.session.draft = page.session.draft.revised(goal=Goal.MINIMUM, seed=7)
    end("yield")
    assert [(name, goal) for name, goal, _ in outcomes(page.run())] == [("impurity", Goal.MINIMUM), ("yield", None)]
    assert page.session.draft.seed == 7


def test_the_address_names_all_trainings(both, open_app):
    ids = ",".join(both.session.training_ids)
    assert both.test.query_params["training"] in (ids, [ids])
    other = open_app("model", training=ids)
    assert other.session.dataset.digest == both.session.dataset.digest
    assert other.session.models == both.session.models
    assert choice(other).value == "yield"


def test_another_saved_model_changes_the_outcome_that_it_predicts(both, trained_models):
    _, made = trained_models["impurity"]
    cache.catalog().models.save("other impurity", made.artifact, made.card.model_copy(update={"leaderboard": None}))
    both.run()
    assert "Use it" not in both.labels  # of the outcome that is not looked at
    draft = both.session.draft
    both.session.draft = draft.revised(seed=5)
    both.put("segmented_control", "Outcome", "impurity")
    assert both.says("Saved models that predict impurity", "subheader")
    both.press("Use it")
    assert [model for *_, model in outcomes(both)] == ["batches yield", "other impurity"]
    assert both.session.draft.seed == 5


def test_a_deleted_model_leaves_the_others(both):
    both.put("segmented_control", "Outcome", "impurity").press("Delete it for good")
    assert outcomes(both) == [("yield", Goal.MAXIMUM, "batches yield")]
    assert len(both.session.training_ids) == 1
    both.put("segmented_control", "Outcome", "yield").press("Delete it for good")
    assert both.session.model is None and both.session.models == {}


def test_a_model_that_was_renamed_is_known_by_its_name_in_the_run(both):
    both.put("segmented_control", "Outcome", "impurity")
    both.put("text_input", "New name", "purity of May").press("Rename")
    assert [model for *_, model in outcomes(both)] == ["batches yield", "purity of May"]
    assert both.session.models["impurity"].name == "purity of May"


def test_a_run_that_is_opened_brings_its_models(both, installation, open_app):
    spec = both.session.draft
    run = installation.ended("search", "both", spec.model_dump_json())
    other = open_app("optimize", run=run)
    assert other.session.models == both.session.models
    assert choice(other.go("model")).value == "yield"


def test_a_model_that_optimize_does_not_look_at_says_so(both):
    both.session.draft = both.session.draft.revised(outcomes=both.session.draft.outcomes[:1])
    both.put("segmented_control", "Outcome", "impurity")
    assert both.says("Optimize does not look at impurity: add it to the outcomes there.", "info")


def test_the_check_is_of_the_rows_of_the_outcome(both, installation):
    both.put("segmented_control", "Outcome", "impurity")
    rows = cache.outcome_rows(both.session.dataset)["impurity"]
    spec = QualitySpec(dataset=DatasetRef(name="batches", digest=rows.digest), model=both.session.models["impurity"])
    check = installation.ended(JobKind.QUALITY, spec.key, spec.model_dump_json(), "failed", error="no")
    both.go("start")
    both.session.outcome = "yield"
    frame._show_quality(both.session, check, spec)
    assert (both.session.outcome, both.session.dataset.n_rows) == ("impurity", 40)


def test_all_outcomes_are_trained_one_after_another_and_used(page, installation):
    page.put("selectbox", "Family", "quadratic").press("Train all 2 outcomes so")
    asked = [installation.supervisor.store.get(job) for job in page.session.training_ids]
    assert [job.name for job in asked] == ["batches: yield", "batches: impurity"]
    rows = cache.outcome_rows(page.session.dataset)
    specs = [TrainingSpec.model_validate_json(job.spec) for job in asked]
    assert [spec.dataset.digest for spec in specs] == [rows["yield"].digest, rows["impurity"].digest]
    for job in page.session.training_ids:
        assert installation.wait(job).state is JobState.DONE
    assert [name for name, *_ in outcomes(page.run())] == ["yield", "impurity"]
    page.go("optimize")
    assert not page.test.error and not page.one("button", "Start search").disabled


def test_what_the_other_trainings_do_is_said(page, installation, trained_models):
    store = installation.supervisor.store
    for name in ("yield", "impurity"):
        job = store.add(JobKind.TRAINING, name, trained_models[name][0].model_dump_json())
        frame.watch_training(page.session, job)
        if name == "yield":
            store.start(job, "server")
    page.run()
    assert states(page)[:2] == ["yield: training", r"impurity \[%\]: queued"]
    assert page.says("Training yield on batches", "subheader")
    assert page.put("segmented_control", "Outcome", "impurity").says("yield Starting …", "caption")
    page.put("segmented_control", "Outcome", "yield")
    for job in page.session.training_ids:
        store.finish(job, JobState.FAILED, error="no rows")
    assert states(page.run())[0] == "yield: no model"
    assert page.says("The training did not succeed: no rows", "error")


def test_a_long_name_of_a_table_leaves_room_for_the_outcome():
    dataset = replace(reactor(), name="x" * 60)
    assert model_name(dataset, "impurity") == "x" * 41 + " impurity"
    assert model_name(dataset.for_outcome("yield"), "yield") == "x" * 60


def test_a_model_of_another_outcome_is_not_taken(page):
    with pytest.raises(DatasetError, match="The model predicts 'compressive strength'"):
        frame.take_model(page.session, page.session.dataset, ModelRef(name="concrete"))
    assert page.session.models == {}
