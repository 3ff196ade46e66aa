"""A comparison of methods is a job like a search: a piece for every search that is done, a stop that keeps them."""

import pytest

from services.jobs import JobKind, JobState
from services.jobs.kinds.methods import so_far
from services.studies.compare.methods import ComparisonResult, ComparisonSpec, run_comparison


@pytest.fixture(scope="module")
def supervisor(supervised, module_settings):
    with supervised(module_settings) as made:
        yield made


def _submit(supervisor, spec):
    return supervisor.submit(JobKind.METHODS, "Bumps", spec.model_dump_json())


def test_a_comparison_of_the_page_is_that_of_the_command_line(supervisor, watch, catalog, bumps_spec):
    run = bumps_spec.revised(budget={"evaluations": 300})
    spec = ComparisonSpec(run=run, methods=("lineages", "random_search"), n_seeds=2)
    job = watch(supervisor, _submit(supervisor, spec))
    assert (job.state, job.error, job.n_pieces) == (JobState.DONE, "", 4)
    result = ComparisonResult.model_validate_json(job.result)
    assert so_far(job.spec, supervisor.store.pieces(job.id)) == result
    assert so_far(job.spec, []).entries == ()
    expected = run_comparison(spec, catalog.model_data(run))
    assert [entry.model_copy(update={"seconds": 0.0}) for entry in result.entries] == [
        entry.model_copy(update={"seconds": 0.0}) for entry in expected.entries
    ]


def test_a_stopped_comparison_keeps_the_searches_that_were_done(supervisor, watch, endless_spec):
    long = endless_spec.revised(budget={"evaluations": 10**9})
    spec = ComparisonSpec(run=long, methods=("bayesian", "lineages"))
    job_id = _submit(supervisor, spec)
    job = watch(supervisor, job_id, lambda job: "of 2 done" in job.progress and "searching by" in job.progress)
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    assert len(ComparisonResult.model_validate_json(job.result).entries) == job.n_pieces < 2


def test_what_cannot_be_searched_fails_in_words(supervisor, watch, bumps_spec):
    job = watch(supervisor, _submit(supervisor, ComparisonSpec(run=bumps_spec.revised(risk_aversion=1.0))))
    assert job.state is JobState.FAILED
    assert "no uncertainty" in job.error
