import pytest

from services.problems.extrapolation import DEFAULT_BOLDNESS, POSITIONS, Boldness, boldness_of, with_boldness


@pytest.mark.parametrize("boldness", list(Boldness))
def test_a_position_that_was_set_is_read_again(plain_spec, boldness):
    for has_confidence in (True, False):
        assert boldness_of(with_boldness(plain_spec, boldness, has_confidence=has_confidence)) is boldness


def test_without_intervals_there_is_no_caution(plain_spec):
    assert with_boldness(plain_spec, Boldness.NEAR, has_confidence=False).caution == 0
    assert with_boldness(plain_spec, Boldness.NEAR, has_confidence=True).caution > 0


def test_positions_go_farther_one_by_one():
    reaches = [position.plausibility.reach for position in POSITIONS.values() if position.plausibility]
    assert reaches[1:] == sorted(reaches[1:])
    assert list(POSITIONS) == list(Boldness)
    assert DEFAULT_BOLDNESS in POSITIONS


def test_settings_of_ones_own_are_no_position(plain_spec):
    run = with_boldness(plain_spec, Boldness.NEAR, has_confidence=True)
    assert boldness_of(run.revised(caution=1.7)) is None


def test_nothing_else_of_the_run_changes(plain_spec):
    run = with_boldness(plain_spec, Boldness.FAR, has_confidence=True)
    assert run.revised(plausibility=plain_spec.plausibility, caution=plain_spec.caution) == plain_spec
