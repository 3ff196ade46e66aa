"""A tuning is a job like a search: a piece for every setting that is done, a stop that keeps them."""

import pytest

from services.jobs import JobKind, JobState
from services.jobs.kinds.tune import so_far
from services.studies.tune import SweptSetting, TuneResult, TuneSpec, run_tune


@pytest.fixture(scope="module")
def supervisor(supervised, module_settings):
    with supervised(module_settings) as made:
        yield made


def _submit(supervisor, spec):
    return supervisor.submit(JobKind.TUNE, "Bumps", spec.model_dump_json())


def test_a_tuning_of_the_page_is_the_tuning_of_the_command_line(supervisor, watch, catalog, bumps_spec, untimed):
    spec = TuneSpec(
        run=bumps_spec.revised(budget={"evaluations": 600}), dial=SweptSetting.DISTANCE, weights=(2.0, 0.0, 1.0)
    )
    job = watch(supervisor, _submit(supervisor, spec))
    assert (job.state, job.error, job.n_pieces) == (JobState.DONE, "", 3)
    result = TuneResult.model_validate_json(job.result)
    expected = run_tune(spec, catalog.model_data(spec.run))
    assert [untimed(p.result) for p in result.points] == [untimed(p.result) for p in expected.points]
    assert [p.figures for p in result.points] == [p.figures for p in expected.points]
    assert so_far(job.spec, supervisor.store.pieces(job.id)) == result
    assert [p.weight for p in so_far(job.spec, supervisor.store.pieces(job.id, at_most=2)).points] == [2.0, 0.0]
    assert so_far(job.spec, []).points == ()


def test_a_stopped_tuning_keeps_the_points_that_were_done(supervisor, watch, endless_spec):
    quick = endless_spec.revised(budget={"evaluations": 10**12, "seconds": 0.3})
    spec = TuneSpec(run=quick, dial=SweptSetting.DISTANCE, weights=tuple(range(25)))
    job_id = _submit(supervisor, spec)
    job = watch(supervisor, job_id, lambda job: job.n_pieces >= 2)
    assert "distance penalty" in job.progress
    assert "of 25" in job.progress
    supervisor.stop(job_id)
    job = watch(supervisor, job_id)
    assert (job.state, job.error) == (JobState.CANCELLED, "")
    points = TuneResult.model_validate_json(job.result).points
    assert 2 <= len(points) == job.n_pieces < 25


def test_what_cannot_be_tuned_fails_in_words(supervisor, watch, bumps_spec):
    job = watch(supervisor, _submit(supervisor, TuneSpec(run=bumps_spec, dial=SweptSetting.CAUTION, weights=(1.0,))))
    assert job.state is JobState.FAILED
    assert "no uncertainty" in job.error
