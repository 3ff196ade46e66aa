import pytest

from services.problems.extrapolation import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    LEVEL_SETTINGS,
    ExtrapolationLevel,
    extrapolation_level_of,
    with_extrapolation_level,
)


@pytest.mark.parametrize("extrapolation_level", list(ExtrapolationLevel))
def test_a_position_that_was_set_is_read_again(plain_spec, extrapolation_level):
    for has_confidence in (True, False):
        assert (
            extrapolation_level_of(
                with_extrapolation_level(plain_spec, extrapolation_level, has_confidence=has_confidence)
            )
            is extrapolation_level
        )


def test_without_intervals_there_is_no_risk_aversion(plain_spec):
    assert with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=False).risk_aversion == 0
    assert with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=True).risk_aversion > 0


def test_positions_go_farther_one_by_one():
    reaches = [
        position.plausibility.extrapolation_limit for position in LEVEL_SETTINGS.values() if position.plausibility
    ]
    assert reaches[1:] == sorted(reaches[1:])
    assert list(LEVEL_SETTINGS) == list(ExtrapolationLevel)
    assert DEFAULT_EXTRAPOLATION_LEVEL in LEVEL_SETTINGS


def test_settings_of_ones_own_are_no_position(plain_spec):
    run = with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=True)
    assert extrapolation_level_of(run.revised(risk_aversion=1.7)) is None


def test_nothing_else_of_the_run_changes(plain_spec):
    run = with_extrapolation_level(plain_spec, ExtrapolationLevel.FAR, has_confidence=True)
    assert run.revised(plausibility=plain_spec.plausibility, risk_aversion=plain_spec.risk_aversion) == plain_spec
