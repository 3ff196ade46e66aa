"""The loop between search and laboratory: measured values come back, make a new table, and the next search uses it."""

import io

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from models import Dataset, Family, ModelStore
from services.catalog.datasets import DatasetLibrary
from services.catalog.loading import ModelWithData, with_confidence
from services.jobs import JobKind, JobState, RunStore
from services.papers.measured.measurements import Measured
from services.problems.defaults import default_spec
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training

pytestmark = pytest.mark.browser

KEEP = "Keep this value"


def _training(name, digest):
    return TrainingSpec(
        dataset=DatasetRef(name=name, digest=digest), family=Family.RANDOM_FOREST, forest={"n_trees": 10}
    )


@pytest.fixture
def store(server):
    opened = RunStore(f"sqlite:///{server.home / 'runs.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def run(server, store):
    """The id of a finished run over a small table, by a small forest, in the server's store."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"sand": rng.uniform(50, 70, 60), "water": rng.uniform(20, 40, 60)})
    frame["strength"] = 90 - (frame["sand"] - 60) ** 2 / 5 - (frame["water"] - 30) ** 2 / 5
    units = {"sand": "kg", "water": "kg", "strength": "MPa"}
    dataset = Dataset.from_frame(frame, name="mortar", outcome="strength", features=["sand", "water"], units=units)
    DatasetLibrary(server.home, server.home / "datasets").save(dataset)
    trained = run_training(_training("mortar", dataset.digest), dataset)
    saved = ModelStore(server.saved_models).save("mortar", trained.artifact, trained.card)
    ref = ModelRef(name="mortar", digest=saved.digest)
    model_data = with_confidence(ModelWithData(dataset, trained.predictor), saved.card)
    spec = default_spec(model_data, dataset, ref, name="mortar")
    spec = spec.revised(budget={"evaluations": 2_000}, method={"name": "random_search"}, n_results=3, distinct=0.2)
    result = run_spec(spec, model_data, is_beside_random=False).result
    job = store.add(JobKind.SEARCH, "mortar", spec.model_dump_json())
    store.finish(job, JobState.DONE, result=result.model_dump_json())
    return job


def test_what_the_lab_measured_makes_the_next_search_wiser(tab, server, store, run):
    tab.open(f"results?run={run}").page.get_by_text("Measured values", exact=True).click()
    tab.see("Made some of these?")
    tab.press(KEEP).see("Type the measured strength first.")
    tab.type("Measured strength in MPa", "71.5").see("Kept: Result 1.")  # Enter keeps it, too
    tab.see("of 1 measured values lie inside the interval")

    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Sheet to fill in (CSV)").click()
    sheet = pd.read_csv(waiting.value.path(), encoding="utf-8-sig")
    sheet.loc[1, "measured [MPa]"] = 70.25
    filled = io.BytesIO()
    sheet.to_csv(filled, index=False)
    file = {"name": "filled.csv", "mimeType": "text/csv", "buffer": filled.getvalue()}
    tab.page.locator('input[type="file"]').last.set_input_files(file)
    tab.press("Keep the 1 value of this sheet").see("of 2 measured values lie inside the interval")
    tab.press("Make a new table with these 2 values").see("mortar + 2 measured")

    paper = Measured.of(store, run)
    spec = _training(paper.dataset_name, paper.dataset)
    trained = run_training(spec, DatasetLibrary(server.home, server.home / "datasets").find(paper.dataset))
    job = store.add(JobKind.TRAINING, paper.dataset_name, spec.model_dump_json())  # its worker would load TensorFlow
    store.finish(job, JobState.DONE, result=trained.card.model_dump_json(), artifact=trained.artifact)
    store.change_attachment(run, Measured.paper, lambda _: paper.with_trainings({"": job}).model_dump_json())

    tab.open(f"results?run={run}").see("A new model has learned from it")  # nothing is lost on F5
    expect(tab.page.locator(".result-view tr.result").first).to_contain_text("71.5")
    tab.press("Use it for the next search").title_is("Optimize")
    tab.follow("Data").see("2 measured results of the run")
