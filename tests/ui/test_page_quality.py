from dataclasses import replace

import pytest

from models import ModelStore, TrainingSettings
from services.jobs import JobKind, JobState
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.check import run_quality
from services.studies.quality.report import QualityResult, QualitySpec


def opened(page):
    """Open the part of the Model page that checks the model, as a click does."""
    page.test.session_state[page.session.forms.key("quality")] = True
    return page.run()


TINY = TrainingSettings(widths=(4,), epochs=4, n_members=1)


@pytest.fixture(scope="module")
def _models(installation):
    """A model of the production line as if quickly trained, and one that was not trained here."""
    store = ModelStore(installation.saved_models)
    shipped = store.load("production_yield")
    network = (installation.saved_models / "production_yield.keras").read_bytes()
    for name, settings in (("tiny", TINY), ("brought", None), ("named", replace(TINY, seed=1))):
        store.save(name, network, shipped.card.model_copy(update={"settings": settings}), overwrite=True)


@pytest.fixture
def use(app, _models):
    """Return a function that takes the production table and one of its models, and opens its check."""

    def take(name):
        app.use_table("production_yield").go("model").press_key(f"use-model-{name}")
        return opened(app)

    return take


@pytest.fixture
def spec_of(installation, _models):
    """Return a function that gives the check of a model on the production table."""
    from ui.shared import cache

    def make(name):
        dataset = cache.catalog().datasets.load("production_yield")
        digest = cache.catalog().models.load(name).digest
        ref = DatasetRef(name=dataset.name, digest=dataset.digest)
        return QualitySpec(dataset=ref, model=ModelRef(name=name, digest=digest))

    return make


@pytest.fixture
def checked(installation, spec_of):
    """The id of a check that has ended, of the model that was brought along."""
    from ui.shared import cache

    spec = spec_of("brought")
    result = run_quality(spec, cache.catalog()).model_dump_json()
    return installation.ended("quality", spec.key, spec.model_dump_json(), result=result)


def test_without_a_table_or_a_model_there_is_nothing_to_check(app):
    assert app.go("model").links == ["Bring a table", "Begin with a story"]
    app.use_table("production_yield").go("model")
    assert app.says("There is no model for Production yield yet")
    assert "How good is it? Check it on all rows" not in [part.label for part in app.test.expander]


def test_before_a_check_one_button_says_what_it_does_and_how_long_it_takes(use):
    page = use("named")
    assert "Check this model" in page.labels
    assert page.says("dealt into 5 parts")
    assert page.says("Takes ", "caption")
    assert "quality" not in page.test.query_params


def test_a_model_of_another_table_is_said_to_be(use, app, csv):
    rows = range(40)
    columns = {"Pressure": rows, "Temperature": [i % 7 for i in rows], "Speed": [i % 5 for i in rows]}
    columns["ProductionYield"] = [i % 11 for i in rows]
    app.go("data").upload("other.csv", csv(columns)).take_table().go("model")
    page = opened(app.press_key("use-model-tiny"))
    assert page.says("It was trained on Production yield, another table than this one.")


@pytest.mark.tensorflow
def test_a_check_runs_in_a_worker_and_is_shown_when_it_has_ended(use, installation, open_app):
    page = use("tiny").press("Check this model")
    job_id = page.session.quality_id
    assert page.says("The check goes on.") or page.figures
    assert installation.wait(job_id).state is JobState.DONE
    page.run()
    result = QualityResult.model_validate_json(installation.supervisor.store.get(job_id).result)
    shown = [box.value for kind in ("success", "info", "warning", "error") for box in getattr(page.test, kind)]
    assert len(shown) == 1
    assert page.says(result.verdict.sentences[0])
    stated = [] if result.coverage is None else ["In the 90 % interval"]
    assert [metric.label for metric in page.test.metric][3:] == ["R²", "RMSE", "MAE", *stated]
    assert len(page.figures) >= 3
    assert page.says("2,000 rows in 5 parts", "caption")
    assert page.test.query_params["quality"] in (job_id, [job_id])


def test_an_address_shows_a_check_in_a_session_that_knew_nothing(open_app, checked):
    page = open_app("model", quality=checked)
    assert page.session.model.name == "brought"
    assert page.session.dataset.name == "Production yield"
    assert page.session.draft is not None
    assert page.says("flatter it")
    assert len(page.figures) >= 3
    assert "Part by part" not in [expander.label for expander in page.test.expander]


def test_whoever_works_with_table_and_model_finds_the_check(use, checked):
    page = use("brought")
    assert page.session.quality_id == checked
    assert page.says("flatter it")


def test_the_feature_of_the_errors_is_chosen(open_app, checked):
    page = open_app("model", quality=checked)
    box = page.one("selectbox", "Feature")
    assert box.options == ["Pressure", "Temperature", "Speed", "the prediction itself"]
    page.put("selectbox", "Feature", "Temperature")
    assert any("against Temperature" in figure.proto.alt for figure in page.figures)


def test_another_model_has_no_check_yet(use, open_app, checked):
    page = use("brought")
    opened(page.press_key("use-model-named"))
    assert page.session.quality_id is None
    assert "Check this model" in page.labels


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.CANCELLED, "You stopped the check."),
        (JobState.FAILED, "The check did not succeed: The [disk](x)"),
    ],
)
def test_a_check_that_found_nothing_says_why_and_may_be_tried_again(use, installation, spec_of, state, words):
    spec, error = spec_of("named"), "" if state is JobState.CANCELLED else "The [disk](x) is full"
    installation.ended("quality", spec.key, spec.model_dump_json(), state, result="", error=error)
    page = use("named")
    assert page.says(words)
    assert "Check this model" in page.labels
    assert not any("[disk](x)" in text for text in page.raw_texts())


def test_a_check_that_waits_says_so_and_can_be_stopped(use, installation, spec_of):
    store, spec = installation.supervisor.store, spec_of("brought")
    job = store.add(JobKind.QUALITY, spec.key, spec.model_dump_json())
    page = use("brought")
    assert page.says("The check goes on.")
    assert page.says("Queued: 0 jobs are before this one.", "caption")
    page.press("Stop")
    assert store.get(job).state is JobState.CANCELLED
    assert page.run().says("You stopped the check.")


@pytest.mark.parametrize("job", ["nothing", "x" * 4_000])
def test_a_link_to_a_check_that_is_not_kept_says_so(open_app, job):
    page = open_app("model", quality=job)
    assert page.says("The link names a quality check that is not kept here.", "warning")
    assert page.says("There is no table yet")


def test_the_address_of_the_former_page_opens_the_check(app, _models):
    page = app.use_table("production_yield").go("model").press_key("use-model-named")
    assert "Check this model" not in page.labels
    page.session.former = "quality"
    assert "Check this model" in page.go("start").go("model").labels
    assert page.session.former == ""
