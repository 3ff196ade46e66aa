import json

import pytest

from services.jobs import JobKind, JobState
from services.studies.training import TrainingSpec


@pytest.fixture
def page(app):
    """The Model page with the shipped concrete table."""
    return app.use_table("concrete").go("model")


@pytest.fixture
def training(page, installation):
    """The id of a training that goes on, which the session watches."""
    spec = TrainingSpec(dataset={"name": "Concrete mixes", "digest": page.session.dataset.digest})
    store = installation.supervisor.store
    job = store.add(JobKind.TRAINING, "Concrete mixes", spec.model_dump_json())
    store.start(job, "server")
    page.session.training_id = job
    return job


@pytest.fixture
def end(training, installation):
    """Return a function that ends the training; the shipped model stands for what it made."""
    saved, store = installation.saved_models, installation.supervisor.store

    def finish():
        losses = [{"epoch": n, "train_loss": 1 / n, "validation_loss": 1.1 / n, "best_epoch": n} for n in range(1, 9)]
        store.add_piece(training, json.dumps(losses).encode())
        card, network = (saved / "concrete.json").read_text("utf-8"), (saved / "concrete.keras").read_bytes()
        store.finish(training, JobState.DONE, result=card, artifact=network)

    return finish


@pytest.fixture
def trained(page, end):
    """The Model page with a training that has ended."""
    end()
    return page.run()


@pytest.fixture
def cleanup(installation):
    """Take models that a test saved away again."""
    yield
    for path in installation.saved_models.glob("*.*"):
        if path.stem not in ("concrete", "production_yield"):
            path.unlink()


def test_saved_models_say_how_good_they_are_and_whether_they_fit(page):
    assert page.says("Predicts compressive strength, R² 0.", "caption")
    assert [expander.label for expander in page.test.expander if "another" in expander.label] == [
        "1 model of another table"
    ]
    assert page.says("The model predicts 'ProductionYield', but the outcome", "caption")
    assert page.labels.count("Use it") == 1


def test_a_model_that_needs_a_feature_which_the_table_lacks_says_which(app, csv):
    columns = {"cement": [1, 2, 3, 4], "age": [1, 2, 3, 5], "compressive strength": [4, 5, 7, 9]}
    app.go("data").upload("small.csv", csv(columns)).take_table().go("model")
    assert "Use it" not in app.labels
    assert app.says("water", "caption")


def test_a_picked_model_is_in_use_and_leads_on(page):
    page.press_key("use-model-concrete")
    assert "Next: Optimize" in page.labels
    assert page.session.model.name == "concrete"
    assert page.session.draft.density is not None
    assert page.go("optimize").labels == ["Start search"]


def test_another_table_drops_the_model(page):
    page.press_key("use-model-concrete").go("data")
    assert page.press_key("use-production_yield").session.model is None
    assert page.go("optimize").says("There is no model for Production yield yet")


def test_a_damaged_model_says_so_and_leaves_the_others(page, installation, cleanup):
    (installation.saved_models / "bad.keras").write_bytes(b"not a model")
    (installation.saved_models / "bad.json").write_text("{}")
    page.run()
    assert page.says("bad", "caption")
    assert page.says("side file cannot be used", "caption")
    assert page.labels.count("Use it") == 1


def test_a_training_that_ended_shows_its_quality_and_is_in_use_under_the_name_of_the_table(
    trained, installation, cleanup
):
    labels = [metric.label for metric in trained.test.metric]
    assert labels == ["R² on held-out rows", "RMSE", "MAE"]
    assert "MPa" in trained.test.metric[1].value
    assert trained.says("Rows that differ only in age stayed on one side.", "markdown")
    assert len(trained.figures) == 2
    assert trained.session.model.name == "Concrete mixes" and trained.session.draft is not None
    assert (installation.saved_models / "Concrete mixes.keras").is_file()
    assert trained.press("Next: Optimize").title == "Optimize"


def test_a_training_is_saved_once_whoever_looks_at_it(trained, installation, open_app, cleanup):
    other = open_app("model", training=trained.session.training_id)
    assert other.session.model == trained.session.model
    assert not (installation.saved_models / "Concrete mixes 2.keras").exists()


def test_another_model_that_was_chosen_since_stays_chosen(trained, cleanup):
    trained.press_key("use-model-concrete").go("start").go("model")
    assert trained.session.model.name == "concrete"


def test_a_model_is_renamed_and_what_names_it_still_finds_it(trained, installation, open_app, cleanup):
    before, draft = trained.session.model, trained.session.draft
    trained.put("text_input", "New name", " my mixes ").press("Rename")
    assert trained.session.model == before.model_copy(update={"name": "my mixes"})
    assert (installation.saved_models / "my mixes.keras").is_file()
    other = open_app("model", training=trained.session.training_id)
    assert other.session.model.name == "my mixes"
    other.session.use_draft(draft)
    assert other.go("optimize").labels == ["Start search"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("concrete", "already"), ("../escape", "name"), ("", "name"), ("a/b", "name"), ("[x](http://e)", "name")],
)
def test_a_name_that_cannot_be_used_is_refused_in_words(trained, installation, cleanup, name, words):
    before = sorted(installation.saved_models.parent.rglob("*.keras"))
    trained.put("text_input", "New name", name).press("Rename")
    assert trained.says(words, "error")
    assert sorted(installation.saved_models.parent.rglob("*.keras")) == before
    assert trained.session.model.name == "Concrete mixes"


def test_a_model_of_ones_own_can_be_deleted_but_one_that_ships_not(trained, installation, cleanup):
    assert trained.labels.count("Delete it for good") == 1
    trained.press("Delete it for good")
    assert not (installation.saved_models / "Concrete mixes.keras").exists()
    assert trained.session.model is None
    assert trained.go("optimize").says("There is no model for Concrete mixes yet")


def test_the_address_forgets_the_training_of_a_deleted_model_which_would_bring_it_back(trained, cleanup):
    assert trained.test.query_params["training"] in (trained.session.training_id, [trained.session.training_id])
    trained.press("Delete it for good")
    assert "training" not in trained.test.query_params


def test_optimize_waits_for_a_model_that_is_being_trained_and_goes_on_with_it(page, end, cleanup):
    page.go("optimize")
    assert page.says("A model for Concrete mixes is being trained.")
    assert not page.says("There is no model")
    end()
    assert page.run().labels == ["Start search"]
    assert page.session.model.name == "Concrete mixes"


def test_a_training_waits_visibly_behind_a_run_with_the_settings_on_screen(page, installation):
    supervisor = installation.supervisor
    spec = open_spec(page)
    run = supervisor.submit(JobKind.SEARCH, "long", spec.revised(budget={"evaluations": 50_000_000}).model_dump_json())
    page.put("selectbox", "Family", "mlp").put("number_input", "Hidden layers", 2).put(
        "number_input", "Neurons per layer", 16
    )
    page.put("number_input", "Epochs at most", 7).put("slider", "Held-out rows [%]", 30).press("Train so")
    training = page.session.training_id
    asked = TrainingSpec.model_validate_json(supervisor.store.get(training).spec)
    assert (asked.widths, asked.epochs, asked.test_share) == ((16, 16), 7, 0.3)
    assert asked.dataset.digest == page.session.dataset.digest
    assert page.one("button", "Train so").disabled
    assert page.says("Queued: 1 job is before this one.", "caption")
    page.press("Stop and keep the best")
    assert page.says("You stopped the training before it had learned anything to keep.", "info")
    assert not page.one("button", "Train so").disabled
    supervisor.stop(run)
    installation.wait(run)


def open_spec(page):
    return page.press_key("use-model-concrete").session.draft


def test_a_failed_training_says_why_and_offers_another_try(page, installation):
    told = {"error": "The table has 4 rows, [x](y) needs 15."}
    dataset = page.session.dataset
    spec = TrainingSpec(dataset={"name": dataset.name, "digest": dataset.digest}).model_dump_json()
    page.session.training_id = installation.ended("training", "t", spec, "failed", **told)
    page.run()
    assert page.says("The training did not succeed: The table has 4 rows, [x](y) needs 15.", "error")
    assert not page.one("button", "Train").disabled
    assert page.session.model is None


def test_training_settings_are_kept_through_another_page(page):
    page.put("selectbox", "Family", "mlp").put("number_input", "Hidden layers", 5).go("start").go("model")
    assert page.one("number_input", "Hidden layers").value == 5
