"""The proof on the Results page: started by a button, kept with the run, told in a sentence."""

import pytest

from services.jobs import JobKind, JobState
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.studies.proof import ProofResult, ProofSpec
from ui.results.proof import TITLE
from ui.shared import cache


@pytest.fixture
def store(installation):
    return installation.supervisor.store


@pytest.fixture(scope="module")
def whole(installation):
    """A run for the highest yield without realism, which is proven in no time."""
    catalog = cache.catalog()
    spec = story_spec(story("production"), catalog).revised(
        goal="maximum", value=None, plausibility=None, risk_aversion=0.0
    )
    spec = spec.revised(budget={"evaluations": 3_000}, floor={"kind": "best share", "amount": 1.0})
    return run_spec(spec, catalog.model_data(spec)).result


@pytest.fixture
def result(whole):
    """The last result of a run alone, so that there is something better to come upon."""
    last = {name: values[-1:] for name, values in dict(whole.results).items() if values is not None}
    return whole.model_copy(update={"results": whole.results.model_copy(update=last), "valleys": ()})


@pytest.fixture
def run(installation, result):
    """A finished run of its own, so that no test sees the proof of another."""
    return installation.keep(result)


def test_a_proof_is_made_by_a_button_and_kept_with_the_run(open_app, installation, store, run, result):
    page = open_app("results", run=run)
    assert [fold.proto.expanded for fold in page.all("expander", TITLE)] == [False]
    page.press("Prove it")
    job = store.latest(JobKind.PROOF, run)
    assert ProofSpec.model_validate_json(job.spec) == ProofSpec.of(result)
    assert installation.wait(job.id).state is JobState.DONE
    proven = ProofResult.model_validate_json(store.get(job.id).result)
    for shown in (page.run(), open_app("results", run=run)):  # in this session, and in a new one
        assert proven.sentence in shown.texts("success")
        metrics = {metric.label: metric.value.replace("\\", "") for metric in shown.test.metric}
        assert metrics["None can be better"] == f"{proven.last.limit:,.6g} %"
        assert metrics["Gap"] == "0.01 %"
        assert "Prove it again" in shown.labels
        assert [fold.proto.expanded for fold in shown.all("expander", TITLE)] == [True]
    assert proven.is_better_found  # of a small search
    settings = shown.test.dataframe[-1].value
    assert settings["Pressure"][0] == pytest.approx(proven.best[0])


def test_a_proof_that_goes_on_shows_its_limit_and_can_be_stopped(open_app, installation, store, run, result):
    features = tuple(f.model_copy(update={"step": None}) for f in result.spec.features)
    hard = result.spec.revised(features=features, distance={"weight": 4.0})
    spec = ProofSpec(run=hard, known=result.results.X, percent=1e-9, seconds=None)
    job = installation.supervisor.submit(JobKind.PROOF, run, spec.model_dump_json())
    installation.wait_for(job, lambda job: job.n_pieces > 0)
    page = open_app("results", run=run)
    assert page.all("button", "Prove it again")[0].disabled
    assert {metric.label for metric in page.test.metric} >= {"Best known", "None can be better", "Gap"}
    page.press("Stop and keep the limit")
    assert installation.wait(job).state is JobState.CANCELLED
    page.run()
    assert page.says("You stopped it; the limit that it had reached until then is kept.", "caption")
    assert page.says("No candidate within these bounds", "info")


def test_why_nothing_could_be_proven_is_said(open_app, installation, run):
    installation.ended("proof", run, "{}", "failed", error="A proof is offered for **ReLU** networks only.")
    page = open_app("results", run=run)
    assert "A proof is offered for **ReLU** networks only." in page.texts("error")
    assert "Prove it again" in page.labels


def test_a_known_function_has_no_proof(open_app, installation, result):
    spec = result.spec.revised(model={"kind": "function", "name": "bumps"})
    page = open_app("results", run=installation.keep(result.model_copy(update={"spec": spec})))
    assert page.all("expander", TITLE) == []
