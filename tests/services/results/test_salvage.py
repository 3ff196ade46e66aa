import numpy as np
import pytest

from optimizer import Events, Hooks, LineageState, StopReason
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.stories import LESSON
from services.results.salvage import archive_and_living, salvage
from services.results.search import run_spec
from services.specs.results import RunResult


def _stopped(spec, model_data, n):
    """Return the report of a run stopped after n generations."""
    asked = iter(range(n))
    return run_spec(spec, model_data, hooks=Hooks(should_stop=lambda: next(asked, None) is None))


@pytest.mark.parametrize("n", [1, 2, 7, 25])
def test_a_salvaged_result_is_that_of_a_run_stopped_there(mixed_spec, mixed, untimed, n):
    report = _stopped(mixed_spec, mixed, n)
    salvaged = salvage(mixed_spec, mixed, report.events, report.generations, seconds=1.5)
    assert untimed(salvaged) == untimed(report.result)
    assert salvaged.statistics.seconds == 1.5
    assert salvaged.unpenalised is None
    assert len(salvaged.results) > 0


def _salvaged_from_pieces(report, model_data):
    pieces = [TracePiece(report.events, report.generations).to_bytes()]
    joined = TracePiece.joined([TracePiece.from_bytes(piece) for piece in pieces])
    return salvage(report.result.spec, model_data, joined.events, joined.generations, seconds=0)


def test_the_lesson_s_result_can_be_salvaged_from_stored_pieces(catalog, bumps_spec, untimed):
    model_data = catalog.model_data(bumps_spec)
    report = _stopped(bumps_spec.revised(method=LESSON), model_data, 60)
    assert report.result.statistics.n_extinct > 0
    assert untimed(_salvaged_from_pieces(report, model_data)) == untimed(report.result)


def test_of_niches_the_optima_are_salvaged_but_not_what_else_was_good(catalog, bumps_spec):
    model_data = catalog.model_data(bumps_spec)
    report = _stopped(bumps_spec, model_data, 60)
    salvaged, statistics = _salvaged_from_pieces(report, model_data), report.result.statistics
    assert salvaged.results.outcomes[0] == pytest.approx(report.result.results.outcomes[0])
    assert statistics.n_merged > 0
    left_out = {"n_kept", "seconds", "overhead_share"}
    assert salvaged.statistics.model_dump(exclude=left_out) == statistics.model_dump(exclude=left_out)
    assert 0 < salvaged.statistics.n_kept <= statistics.n_kept


def test_archive_and_living_lineages_are_told_apart(mixed_spec, mixed):
    report = _stopped(mixed_spec, mixed, 20)
    archive, living = archive_and_living(report.events)
    assert len(archive) == report.result.statistics.n_extinct
    assert len(archive) + len(living) == report.result.statistics.n_lineages
    problem = build_problem(mixed_spec, mixed)
    for candidates in (archive, living):
        np.testing.assert_array_equal(problem.evaluate(candidates.X).scores, candidates.scores)


def test_an_empty_trace_gives_an_empty_result(mixed_spec, mixed):
    result = salvage(mixed_spec, mixed, Events.of([], 6), np.empty((0, 2)), seconds=0)
    assert len(result.results) == 0
    assert result.statistics.n_generations == 0
    assert result.statistics.stop_reason is StopReason.USER
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_merged_lineages_have_ended_and_leave_nothing_behind(mixed_spec, mixed):
    events = _stopped(mixed_spec, mixed, 20).events
    archive, living = archive_and_living(events)
    extinct = np.flatnonzero(events.states == LineageState.EXTINCT)
    assert len(extinct) > 1
    events.states[extinct[::2]] = LineageState.MERGED
    fewer, as_many = archive_and_living(events)
    np.testing.assert_array_equal(fewer.X, archive.X[1::2])
    np.testing.assert_array_equal(as_many.X, living.X)
    statistics = salvage(mixed_spec, mixed, events, np.array([[0, 10.0]]), seconds=1).statistics
    assert (statistics.n_merged, statistics.n_extinct) == (len(extinct[::2]), len(fewer))
    assert statistics.n_lineages == len(archive) + len(living)
