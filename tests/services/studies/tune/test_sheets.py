import pytest

from services.studies.tune import TuneResult, TuneSpec, run_tune
from services.studies.tune.swept_settings import SweptSetting
from services.studies.tune.texts import curve_frame, sets_frame


@pytest.fixture(scope="module")
def mixed_spec(mixed_spec):
    """The small run with one dial on, that of the density, whatever a newcomer's run has on."""
    return mixed_spec.revised(plausibility=None, distance=None, risk_aversion=0.0)


@pytest.fixture(scope="module")
def tuned(mixed, mixed_spec):
    return run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.GATE, weights=(30.0, 0.0)), mixed)


def test_the_curve_has_a_row_for_every_setting_and_no_empty_columns(tuned):
    frame = curve_frame(tuned)
    assert list(frame.columns) == [
        "plausibility at least [%]",
        "results",
        "best predicted area [%·d]",
        "mean predicted area [%·d]",
        "density deviation [tolerances]",
        "plausibility [%]",
        "least plausibility [%]",
        "search [s]",
    ]
    assert frame["plausibility at least [%]"].tolist() == [0.0, 30.0]
    assert frame["mean predicted area [%·d]"].tolist() == [point.figures.mean for point in tuned.curve]
    assert frame["results"].tolist() == [len(point.result.results) for point in tuned.curve]


def test_all_sets_stand_below_one_another(tuned):
    frame = sets_frame(tuned)
    assert len(frame) == sum(len(point.result.results) for point in tuned.points)
    assert frame.columns[0] == "plausibility at least [%]"
    assert sorted(set(frame.iloc[:, 0])) == [0.0, 30.0]
    assert "sand [kg]" in frame.columns


def test_nothing_done_is_an_empty_table(tuned):
    nothing = TuneResult(spec=tuned.spec, points=())
    assert len(curve_frame(nothing)) == len(sets_frame(nothing)) == 0
