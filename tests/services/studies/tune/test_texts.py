import pytest

from services.studies.tune.swept_settings import SweptSetting
from services.studies.tune.texts import curve_frame, price_sentence, sets_frame, tune_plan, tune_seconds
from services.studies.tune.tuning import TuneFigures, TuneResult, TuneSpec, run_tune


@pytest.fixture(scope="module")
def point(mixed, mixed_spec):
    return run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(2.0,)), mixed).points[0]


def with_figures(point, weight, **figures):
    return point.model_copy(update={"weight": weight, "figures": TuneFigures(**figures)})


def test_a_plan_counts_every_search_once_without_its_comparison(mixed_spec):
    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(0.0, 1.0, 2.0))
    assert spec.run.is_compared
    assert tune_seconds(spec, 0.01) == pytest.approx(3 * 1_500 * 0.01)
    assert tune_plan(spec, 45.0) == (
        "3 searches, one after the other, of 1,500 evaluations at most each. This takes about 45 seconds."
    )


def test_a_price_is_said_against_the_present_setting(point):
    now = with_figures(point, 2.0, mean=1000.0, density_deviation=0.001, plausibility=30.0)
    other = with_figures(point, 0.5, mean=1100.0, density_deviation=1.204, plausibility=30.2)
    assert price_sentence(SweptSetting.DENSITY, other, now) == (
        "With density penalty 0.5 the results promise 1,100 %·d on average, 10.0 % more than at the present setting 2. "
        "They lie 1.2 tolerances from the usual density (there less than 0.1) and are 30 % plausible."
    )
    assert price_sentence(SweptSetting.DENSITY, now, now) == (
        "With density penalty 2 the results promise 1,000 %·d on average. They lie less than 0.1 tolerances from the "
        "usual density and are 30 % plausible."
    )


def test_a_price_names_what_it_knows_alone(point):
    same, now = with_figures(point, 0.0, mean=1000.2, interval_width=12.0), with_figures(point, 2.0, mean=1000.0)
    assert price_sentence(SweptSetting.DENSITY, same, now) == (
        "With density penalty 0 the results promise 1,000 %·d on average, as much as at the present setting 2. "
        "They have intervals 12 %·d wide."
    )
    assert price_sentence(SweptSetting.DENSITY, with_figures(point, 0.0, mean=5.0), None).endswith(
        "promise 5.00 %·d on average."
    )
    assert price_sentence(SweptSetting.GATE, with_figures(point, 90.0), now) == (
        "With plausibility at least 90 % nothing good enough was found."
    )


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
