import pytest

from services.studies.tune.swept_settings import (
    SWEPT_SETTINGS,
    SweptSetting,
    default_settings,
    default_swept_setting,
    parse_settings,
    setting_words,
    swept_settings_of,
)


@pytest.mark.parametrize("dial", SweptSetting)
def test_a_dial_reads_what_it_was_turned_to_and_turns_nothing_else(mixed_spec, dial):
    info = SWEPT_SETTINGS[dial]
    for setting in info.settings:
        turned = info.apply(mixed_spec, setting)
        assert info.read(turned) == setting
        assert info.apply(turned, info.settings[1]) == info.apply(mixed_spec, info.settings[1])
        for other in set(SweptSetting) - {dial}:
            assert SWEPT_SETTINGS[other].read(turned) == SWEPT_SETTINGS[other].read(mixed_spec)


@pytest.mark.parametrize("dial", SweptSetting)
def test_the_settings_to_try_go_from_off_to_strong_with_the_present_one(mixed_spec, dial):
    info = SWEPT_SETTINGS[dial]
    assert info.settings[0] == 0
    assert list(info.settings) == sorted(set(info.settings))
    assert info.settings[-1] < info.highest
    turned = info.apply(mixed_spec, 1.7)
    assert default_settings(dial, turned) == tuple(sorted((*info.settings, 1.7)))
    assert info.read(info.apply(turned, info.highest)) == info.highest


def test_an_open_gate_is_no_gate(mixed_spec):
    assert SWEPT_SETTINGS[SweptSetting.GATE].apply(mixed_spec, 0.0).plausibility.at_least is None
    assert not SWEPT_SETTINGS[SweptSetting.GATE].apply(mixed_spec.revised(density=None), 0.0).is_penalised


def test_what_else_a_penalty_has_is_kept(mixed_spec):
    given = mixed_spec.revised(distance={"weight": 1.0, "threshold": 0.4, "left_out": ["temp"]})
    assert SWEPT_SETTINGS[SweptSetting.DISTANCE].apply(given, 3.0).distance.threshold == 0.4
    assert SWEPT_SETTINGS[SweptSetting.DISTANCE].apply(given, 3.0).distance.left_out == ("temp",)
    assert SWEPT_SETTINGS[SweptSetting.DENSITY].apply(given, 3.0).density.target == mixed_spec.density.target


def test_density_needs_parts_and_caution_a_model_that_knows_its_errors(mixed_spec):
    assert swept_settings_of(mixed_spec) == tuple(SweptSetting)
    assert SweptSetting.DENSITY not in swept_settings_of(mixed_spec.revised(density=None))
    assert SweptSetting.CAUTION not in swept_settings_of(mixed_spec, has_uncertainty=False)


def test_the_first_dial_is_one_that_is_on(mixed_spec):
    assert default_swept_setting(mixed_spec) is SweptSetting.DENSITY
    off = SWEPT_SETTINGS[SweptSetting.DENSITY].apply(mixed_spec, 0.0)
    assert default_swept_setting(off) is SweptSetting.DENSITY
    assert default_swept_setting(off.revised(risk_aversion=1.0)) is SweptSetting.CAUTION
    assert default_swept_setting(mixed_spec.revised(density=None)) is SweptSetting.DISTANCE


def test_settings_are_said_in_words():
    assert setting_words(SweptSetting.DENSITY, 0.5) == "density penalty 0.5"
    assert setting_words(SweptSetting.GATE, 20.0) == "plausibility at least 20 %"


@pytest.mark.parametrize("text", ["0, 0.5, 1", "1 0.5 0", "0;.5;1;1", " 1e0,0 , 5e-1,"])
def test_typed_settings_are_numbers_between_anything(text):
    assert parse_settings(text) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(("text", "words"), [("", "no setting"), (" , ;", "no setting"), ("0, a", "must be numbers")])
def test_what_is_no_setting_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        parse_settings(text)
