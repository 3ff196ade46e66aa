"""A proof is a job like a search: it goes on without the page, shows how far it is, and can be stopped."""

import pytest

from services.jobs import JobKind, JobState
from services.jobs.kinds.proof import steps_of
from services.problems.stories import story, story_spec
from services.studies.proof import ProofResult, ProofSpec, run_proof


@pytest.fixture(scope="module")
def supervisor(supervised, module_settings):
    with supervised(module_settings) as made:
        yield made


@pytest.fixture(scope="module")
def run(catalog):
    plain = story_spec(story("production"), catalog).revised(plausibility=None, risk_aversion=0.0)
    return plain.revised(goal="maximum", value=None)


@pytest.fixture(scope="module")
def hard(catalog):
    """The run of an ensemble along a curve, which takes long to prove."""
    return story_spec(story("concrete"), catalog).revised(plausibility=None, risk_aversion=0.0)


def _submit(supervisor, spec):
    return supervisor.submit(JobKind.PROOF, "a run's id", spec.model_dump_json())


def test_a_proof_of_the_page_is_the_proof_of_the_command_line(supervisor, watch, catalog, run):
    spec = ProofSpec(run=run)
    job = watch(supervisor, _submit(supervisor, spec))
    assert (job.state, job.error) == (JobState.DONE, "")
    result, expected = ProofResult.model_validate_json(job.result), run_proof(spec, catalog.model_data(run))
    assert (result.sentence, result.last.limit, result.best) == (expected.sentence, expected.last.limit, expected.best)
    steps = steps_of(supervisor.store.pieces(job.id))
    assert len(steps) == job.n_pieces > 0
    assert steps[-1].boxes <= result.last.boxes
    assert all(step.limit >= result.last.limit for step in steps)
    assert supervisor.store.latest(JobKind.PROOF, "a run's id") == job
    assert supervisor.store.latest(JobKind.SEARCH, "a run's id") is None


def test_a_stopped_proof_keeps_its_limit(supervisor, watch, is_at_work, hard):
    features = tuple(f.model_copy(update={"step": None}) for f in hard.features)
    endless = ProofSpec(run=hard.revised(features=features, distance={"weight": 4.0}), percent=1e-9, seconds=None)
    job_id = _submit(supervisor, endless)
    watch(supervisor, job_id, is_at_work)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    result = ProofResult.model_validate_json(job.result)
    assert not result.is_proven
    assert result.last.limit >= result.last.best


def test_what_cannot_be_proven_fails_in_words(supervisor, watch, bumps_spec):
    job = watch(supervisor, _submit(supervisor, ProofSpec(run=bumps_spec)))
    assert job.state is JobState.FAILED
    assert "A proof needs a trained network" in job.error
