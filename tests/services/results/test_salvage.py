import numpy as np
import pytest

from optimizer import Events, LineageState, StopReason
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.stories import LESSON
from services.results.salvage import archive_and_living, salvage
from services.results.search import run_spec
from services.specs.results import RunResult


def _stopped(spec, material, n):
    """Return the report of a run stopped after n generations."""
    asked = iter(range(n))
    return run_spec(spec, material, should_stop=lambda: next(asked, None) is None)


@pytest.mark.parametrize("n", [1, 2, 7, 25])
def test_a_salvaged_result_is_that_of_a_run_stopped_there(mixed_spec, mixed, untimed, n):
    report = _stopped(mixed_spec, mixed, n)
    salvaged = salvage(mixed_spec, mixed, report.events, report.generations, seconds=1.5)
    assert untimed(salvaged) == untimed(report.result)
    assert salvaged.tally.seconds == 1.5
    assert salvaged.unpenalised is None
    assert len(salvaged.results) > 0


def _salvaged_from_pieces(report, material):
    pieces = [TracePiece(report.events, report.generations).to_bytes()]
    joined = TracePiece.joined([TracePiece.from_bytes(piece) for piece in pieces])
    return salvage(report.result.spec, material, joined.events, joined.generations, seconds=0)


def test_the_lesson_s_result_can_be_salvaged_from_stored_pieces(shelves, bumps_spec, untimed):
    material = shelves.material(bumps_spec)
    report = _stopped(bumps_spec.revised(method=LESSON), material, 60)
    assert report.result.tally.n_extinct > 0
    assert untimed(_salvaged_from_pieces(report, material)) == untimed(report.result)


def test_of_niches_the_optima_are_salvaged_but_not_what_else_was_good(shelves, bumps_spec):
    material = shelves.material(bumps_spec)
    report = _stopped(bumps_spec, material, 60)
    salvaged, tally = _salvaged_from_pieces(report, material), report.result.tally
    assert salvaged.results.outcomes[0] == pytest.approx(report.result.results.outcomes[0])
    assert tally.n_merged > 0
    left_out = {"n_kept", "seconds", "overhead_share"}
    assert salvaged.tally.model_dump(exclude=left_out) == tally.model_dump(exclude=left_out)
    assert 0 < salvaged.tally.n_kept <= tally.n_kept


def test_archive_and_living_lineages_are_told_apart(mixed_spec, mixed):
    report = _stopped(mixed_spec, mixed, 20)
    archive, living = archive_and_living(report.events)
    assert len(archive) == report.result.tally.n_extinct
    assert len(archive) + len(living) == report.result.tally.n_lineages
    problem = build_problem(mixed_spec, mixed)
    for candidates in (archive, living):
        np.testing.assert_array_equal(problem.evaluate(candidates.X).scores, candidates.scores)


def test_an_empty_trace_gives_an_empty_result(mixed_spec, mixed):
    result = salvage(mixed_spec, mixed, Events.of([], 6), np.empty((0, 2)), seconds=0)
    assert len(result.results) == 0
    assert result.tally.n_generations == 0
    assert result.tally.stop_reason is StopReason.USER
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
    tally = salvage(mixed_spec, mixed, events, np.array([[0, 10.0]]), seconds=1).tally
    assert (tally.n_merged, tally.n_extinct) == (len(extinct[::2]), len(fewer))
    assert tally.n_lineages == len(archive) + len(living)
