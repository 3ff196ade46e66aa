import numpy as np
import pandas as pd
import pytest

from models import Dataset, Family
from services.jobs import JobKind
from services.papers.exports import to_csv
from services.papers.lab_sheet.table import lab_columns, lab_frame
from services.papers.measured.measurements import Measured, Measurement
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training

KEEP, TABLE, TRAIN = "Keep this value", "Make a new table with this value", "Train again on it"


def tiny_training(dataset):
    """A training that takes a second: a few trees."""
    ref = DatasetRef(name=dataset.name, digest=dataset.digest)
    return TrainingSpec(dataset=ref, family=Family.RANDOM_FOREST, forest={"n_trees": 10}, seed=3)


@pytest.fixture(scope="module")
def own_run(installation):
    """The id of a finished run over a small table of one's own, by a small forest; and that table."""
    from services.problems.defaults import default_spec
    from services.results.search import run_spec
    from ui.shared import cache

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"sand": rng.uniform(50, 70, 60), "water": rng.uniform(20, 40, 60)})
    frame["strength"] = 90 - (frame["sand"] - 60) ** 2 / 5 - (frame["water"] - 30) ** 2 / 5
    units = {"sand": "kg", "water": "kg", "strength": "MPa"}
    dataset = Dataset.from_frame(frame, name="mortar", outcome="strength", features=["sand", "water"], units=units)
    catalog = cache.catalog()
    catalog.datasets.save(dataset)
    trained = run_training(tiny_training(dataset), dataset)
    saved = catalog.models.save("mortar", trained.artifact, trained.card)
    ref = ModelRef(name="mortar", digest=saved.digest)
    model_data = catalog.pair(dataset, ref)
    spec = default_spec(model_data, dataset, ref, name="mortar").revised(budget={"evaluations": 2_000}, seed=5)
    spec = spec.revised(method={"name": "random_search"}, n_results=3, distinct=0.2)
    result = run_spec(spec, model_data, is_beside_random=False).result
    return installation.keep(result)


@pytest.fixture
def paper(installation, own_run):
    """Return what is kept of measured values; they are forgotten before and after the test."""
    store = installation.supervisor.store
    store.change_attachment(own_run, Measured.paper, lambda _: Measured().model_dump_json())
    yield lambda: Measured.of(store, own_run)
    store.change_attachment(own_run, Measured.paper, lambda _: Measured().model_dump_json())


@pytest.fixture
def page(open_app, own_run, paper):
    """The page once Measured values was opened, as a click does."""
    opened = open_app("results", run=own_run)
    opened.test.session_state[f"measured-fold-{own_run}"] = True
    return opened.run()


@pytest.fixture
def result(installation, own_run):
    return RunResult.model_validate_json(installation.supervisor.store.get(own_run).result)


def type_value(page, value, place=0):
    page.one("selectbox", "Result that was made").set_value(place)
    page.one("number_input", "Measured strength in MPa").set_value(value)
    return page.press(KEEP)


@pytest.fixture
def train_at_once(installation, monkeypatch):
    """Trainings are done where they are asked for, by the small forest's own settings."""
    supervisor = installation.supervisor

    def submit(kind, name, spec, story=""):
        from ui.shared import cache

        asked = TrainingSpec.model_validate_json(spec)
        assert (kind, asked.family, asked.forest.n_trees) == (JobKind.TRAINING, Family.RANDOM_FOREST, 10)
        trained = run_training(asked, cache.catalog().dataset(asked.dataset))
        told = {"result": trained.card.model_dump_json(), "artifact": trained.artifact}
        return installation.ended(kind, name, spec, **told)

    monkeypatch.setattr(supervisor, "submit", submit)


def test_a_typed_value_stands_beside_its_prediction_and_survives_a_reload(page, paper, result, open_app, own_run):
    assert page.says("Made some of these?", "markdown")
    type_value(page, 71.5, place=1)
    assert paper().rows == (Measurement(result=1, value=71.5),)
    assert any("Result 2" in box.value for box in page.test.success)
    assert page.says("Result 2: ", "caption") and page.says("the interval, predicted", "caption")
    assert page.says("of 1 measured values lie inside the interval", "markdown")
    again = open_app("results", run=own_run)
    assert again.says("of 1 measured values lie inside the interval", "markdown")
    assert page.one("number_input", "Measured strength in MPa").value is None


def test_nothing_typed_is_asked_for(page, paper):
    page.press(KEEP)
    assert page.says("Type the measured strength first.", "error")
    assert paper().rows == ()


def test_a_value_far_off_is_kept_but_asked_about(page, paper):
    type_value(page, 7.1e6)
    assert page.says("another unit?", "warning")
    assert len(paper().rows) == 1


def test_a_value_that_is_there_already_is_not_kept_twice(page, paper):
    type_value(type_value(page, 70.0), 70.0)
    assert page.says("This was kept already, with the same value: Result 1.", "success")
    assert len(paper().rows) == 1


def test_two_tabs_take_back_what_they_show(page, paper, open_app, own_run):
    type_value(type_value(page, 70.0), 60.0)
    other = open_app("results", run=own_run)
    page.press("Take it back")
    other.put("selectbox", "Value", Measurement(result=0, value=60.0)).press("Take it back")
    assert paper().rows == ()


def test_two_tabs_start_one_training(page, paper, open_app, own_run, train_at_once):
    type_value(page, 71.5).press(TABLE)
    other = open_app("results", run=own_run)
    page.press(TRAIN)
    first = paper().trainings
    other.press(TRAIN)
    assert first[""] and paper().trainings == first


def test_a_value_can_be_taken_back(page, paper):
    type_value(type_value(page, 70.0), 60.0)
    page.one("selectbox", "Value").set_value(paper().rows[0])
    page.press("Take it back")
    assert [row.value for row in paper().rows] == [60.0]
    page.press("Take it back")
    assert paper().rows == ()
    assert TABLE not in page.labels


def filled(result, values):
    frame = lab_frame(result, range(len(result.results)))
    frame[lab_columns(result).measured] = values + [None] * (len(frame) - len(values))
    return to_csv(frame)


def test_a_filled_sheet_is_taken_in_once(page, paper, result):
    data = filled(result, [70.5, 69.25])
    page.test.file_uploader[0].set_value(("filled.csv", data, "text/csv"))
    page.run().press("Keep the 2 values of this sheet")
    assert [row.value for row in paper().rows] == [70.5, 69.25]
    page.test.file_uploader[0].set_value(("filled.csv", data, "text/csv"))
    page.run()
    assert page.says("All of them are kept already.", "caption")
    assert page.one("button", "Keep the 0 values of this sheet").disabled


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"candidate,measured\nResult 9,4\n", "There is no Result 9"),
        (b"a,b\n1,2\n", "no column 'candidate'"),
        (b"\x00\x01\x02", ""),
    ],
)
def test_a_file_that_is_no_filled_sheet_says_why(page, paper, data, words):
    page.test.file_uploader[0].set_value(("filled.csv", data, "text/csv"))
    page.run()
    assert any(words in text for text in page.texts("error"))
    assert paper().rows == ()


def test_the_loop_goes_on(page, paper, result, installation, train_at_once, open_app, own_run):
    type_value(page, 71.5).press(TABLE)
    made = paper()
    assert made.is_joined and made.dataset_name == "mortar + 1 measured"
    assert page.says("mortar + 1 measured is kept, with 1 measured value in new rows.", "markdown")
    assert page.says("The same family and settings as before: Random forest, 10 trees.", "caption")
    page.press(TRAIN)
    assert page.says("A new model has learned from it: R² ", "markdown")
    later = open_app("results", run=own_run)  # as after F5, or in a colleague's browser
    later.press("Use it for the next search")
    assert later.title == "Optimize"
    session = later.session
    assert session.dataset.n_rows == 61 and session.dataset.digest == made.dataset
    assert session.dataset.y[-1] == 71.5
    assert session.model.name == "mortar 1 measured"
    assert session.draft.dataset.digest == made.dataset and session.draft.goal is result.goal
    assert session.draft.n_results == 3  # as the run before
    assert session.dataset.name == "mortar + 1 measured"
    later.go("data")
    assert later.says("1 measured results of the run", "caption")


def test_values_that_come_later_are_taken_in_by_a_table_made_anew(page, paper):
    type_value(page, 71.5).press(TABLE)
    first = paper().dataset
    type_value(page, 65.0, place=1)
    assert page.says("The measured values have changed since", "markdown")
    page.press("Make a new table with these 2 values")
    assert paper().is_joined and paper().dataset != first and paper().dataset_name == "mortar + 2 measured"


def test_a_table_that_is_gone_is_told_of(page, paper, own_run, installation):
    type_value(page, 71.5)
    folder = installation.home / "datasets"
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    try:
        for path in kept:
            path.unlink()
        page.press(TABLE)
        assert page.says("is neither saved here nor shipped", "error")
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
