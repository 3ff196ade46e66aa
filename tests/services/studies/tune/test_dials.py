import pytest

from services.studies.tune.dials import (
    DIALS,
    Dial,
    default_dial,
    default_settings,
    dials_of,
    parse_settings,
    setting_words,
)


@pytest.fixture
def run(mixed_spec):
    """The small run with one dial on, that of the density, whatever a newcomer's run has on."""
    return mixed_spec.revised(plausibility=None, distance=None, caution=0.0)


@pytest.mark.parametrize("dial", Dial)
def test_a_dial_reads_what_it_was_turned_to_and_turns_nothing_else(run, dial):
    info = DIALS[dial]
    for setting in info.settings:
        turned = info.turn(run, setting)
        assert info.read(turned) == setting
        assert info.turn(turned, info.settings[1]) == info.turn(run, info.settings[1])
        for other in set(Dial) - {dial}:
            assert DIALS[other].read(turned) == DIALS[other].read(run)


@pytest.mark.parametrize("dial", Dial)
def test_the_settings_to_try_go_from_off_to_strong_with_the_present_one(run, dial):
    info = DIALS[dial]
    assert info.settings[0] == 0
    assert list(info.settings) == sorted(set(info.settings))
    assert info.settings[-1] < info.highest
    turned = info.turn(run, 1.7)
    assert default_settings(dial, turned) == tuple(sorted((*info.settings, 1.7)))
    assert info.read(info.turn(turned, info.highest)) == info.highest


def test_an_open_gate_is_no_gate(run):
    assert DIALS[Dial.GATE].turn(run, 0.0).plausibility.at_least is None
    assert not DIALS[Dial.GATE].turn(run.revised(density=None), 0.0).is_penalised


def test_what_else_a_penalty_has_is_kept(run):
    given = run.revised(distance={"weight": 1.0, "threshold": 0.4, "left_out": ["temp"]})
    assert DIALS[Dial.DISTANCE].turn(given, 3.0).distance.threshold == 0.4
    assert DIALS[Dial.DISTANCE].turn(given, 3.0).distance.left_out == ("temp",)
    assert DIALS[Dial.DENSITY].turn(given, 3.0).density.target == run.density.target


def test_density_needs_parts_and_caution_a_model_that_knows_its_errors(run):
    assert dials_of(run) == tuple(Dial)
    assert Dial.DENSITY not in dials_of(run.revised(density=None))
    assert Dial.CAUTION not in dials_of(run, has_uncertainty=False)


def test_the_first_dial_is_one_that_is_on(run):
    assert default_dial(run) is Dial.DENSITY
    off = DIALS[Dial.DENSITY].turn(run, 0.0)
    assert default_dial(off) is Dial.DENSITY
    assert default_dial(off.revised(caution=1.0)) is Dial.CAUTION
    assert default_dial(run.revised(density=None)) is Dial.DISTANCE


def test_settings_are_said_in_words():
    assert setting_words(Dial.DENSITY, 0.5) == "density penalty 0.5"
    assert setting_words(Dial.GATE, 20.0) == "plausibility at least 20 %"


@pytest.mark.parametrize("text", ["0, 0.5, 1", "1 0.5 0", "0;.5;1;1", " 1e0,0 , 5e-1,"])
def test_typed_settings_are_numbers_between_anything(text):
    assert parse_settings(text) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(("text", "words"), [("", "no setting"), (" , ;", "no setting"), ("0, a", "must be numbers")])
def test_what_is_no_setting_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        parse_settings(text)
