import math

import numpy as np
import pytest

from services.studies.tune import SweptSetting, TuneFigures, TuneResult, TuneSpec
from ui.charts.price import Against, label_groups, price_alt, price_axes, price_figure, price_info

SETTINGS = (2.0, 0.0, 0.5, 1.0)


@pytest.fixture
def tuned(result, tuned_of):
    """Four settings of the density penalty, tried in no order; those at 1 and 2 lie side by side."""
    return tuned_of(result, SETTINGS, means=(40.0, 60.0, 50.0, 41.0), deviations=(0.1, 9.0, 3.0, 0.11))


def without(tuned, setting, **figures):
    """Return the tuning with other figures at one setting."""
    points = tuple(
        p.model_copy(update={"figures": TuneFigures(**figures)}) if p.weight == setting else p for p in tuned.points
    )
    return tuned.model_copy(update={"points": points})


def test_the_curve_goes_from_the_lowest_setting_to_the_highest(tuned, result):
    info = price_info(tuned, Against.DENSITY, chosen=0.5)
    np.testing.assert_array_equal(info.settings, [0, 0.5, 1, 2])
    np.testing.assert_array_equal(info.costs, [9, 3, 0.11, 0.1])
    np.testing.assert_array_equal(info.means, [60, 50, 41, 40])
    np.testing.assert_array_equal(info.bests, [62, 52, 43, 42])
    np.testing.assert_array_equal(info.n_results, [2, 2, 2, 2])
    assert (info.present, info.chosen) == (2.0, 0.5)
    assert info.best_recorded == result.best_recorded.outcomes[0]
    assert (info.dial, info.name, info.unit) == (SweptSetting.DENSITY, "area of strength", "MPa·days")
    np.testing.assert_array_equal(price_info(tuned, Against.PLAUSIBILITY).costs, 50 - 5 * info.costs)


def test_what_is_in_use_may_be_another_setting_than_the_runs(tuned):
    assert price_info(tuned, Against.DENSITY, present=0.0).present == 0.0
    assert math.isnan(price_info(tuned, Against.DENSITY, present=7.0).present)
    assert math.isnan(price_info(tuned, Against.DENSITY, chosen=7.0).chosen)


def test_a_setting_without_results_has_no_point(tuned):
    info = price_info(without(tuned, 0.0), Against.DENSITY)
    np.testing.assert_array_equal(info.settings, [0.5, 1, 2])
    none = tuned.model_copy(update={"points": ()})
    assert price_info(none, Against.DENSITY) is None
    assert price_axes(none) == ()


@pytest.mark.parametrize(
    ("dial", "order"),
    [
        (SweptSetting.DENSITY, (Against.DENSITY, Against.PLAUSIBILITY, Against.INTERVAL)),
        (SweptSetting.GATE, (Against.PLAUSIBILITY, Against.DENSITY, Against.INTERVAL)),
        (SweptSetting.CAUTION, (Against.INTERVAL, Against.PLAUSIBILITY, Against.DENSITY)),
    ],
)
def test_what_the_dial_is_about_comes_first_and_only_what_is_known(tuned, dial, order):
    spec = TuneSpec(run=tuned.spec.run, dial=dial, weights=SETTINGS)
    sure = without(tuned.model_copy(update={"spec": spec}), 0.0, mean=1, best=1, interval_width=3.0)
    assert price_axes(sure) == order
    assert set(price_axes(tuned)) == {Against.DENSITY, Against.PLAUSIBILITY}


def test_every_point_tells_its_setting_when_it_is_clicked(tuned):
    figure = price_figure(price_info(tuned, Against.DENSITY, chosen=0.5))
    traces = {trace.name: trace for trace in figure.data}
    assert set(traces) == {"best recorded", "best result", "mean of results", "in use", "shown"}
    assert list(traces["mean of results"].customdata) == [0, 0.5, 1, 2]
    assert list(traces["best result"].customdata) == [0, 0.5, 1, 2]
    assert list(traces["in use"].customdata) == [2]
    assert (list(traces["shown"].x), list(traces["shown"].y)) == ([3.0], [50.0])
    assert list(traces["best recorded"].y) == [31.0, 31.0]
    low, high = figure.layout.yaxis.range
    assert low < 31 < 62 < high


def test_points_that_lie_side_by_side_share_a_label(tuned):
    info = price_info(tuned, Against.DENSITY)
    assert label_groups(info) == [[0], [1], [2, 3]]
    texts = [annotation.text for annotation in price_figure(info).layout.annotations]
    assert texts == ["0", "0.5", "1, 2"]


def test_labels_stand_where_the_best_of_the_set_does_not(tuned):
    info = price_info(tuned, Against.DENSITY)
    assert all(label.yshift < 0 for label in price_figure(info).layout.annotations)
    upside_down = info._replace(bests=info.means - 2)  # a minimum is searched for
    assert all(label.yshift > 0 for label in price_figure(upside_down).layout.annotations)


def test_a_gate_is_labelled_in_percent(tuned):
    spec = TuneSpec(run=tuned.spec.run, dial=SweptSetting.GATE, weights=(20.0,))
    point = tuned.points[0].model_copy(update={"weight": 20.0})
    info = price_info(TuneResult(spec=spec, points=(point,)), Against.PLAUSIBILITY)
    assert "plausibility at least 20 %, 2 results" in price_figure(info).data[2].hovertext


def test_equal_sets_still_make_a_picture(tuned):
    point = tuned.points[0]
    same = tuple(point.model_copy(update={"weight": setting}) for setting in SETTINGS)
    figure = price_figure(price_info(tuned.model_copy(update={"points": same}), Against.DENSITY))
    low, high = figure.layout.xaxis.range
    assert low < 0.1 < high
    assert [annotation.text for annotation in figure.layout.annotations] == ["0, 0.5, 1, 2"]


@pytest.mark.parametrize(("against", "span"), [(Against.DENSITY, 1.0), (Against.PLAUSIBILITY, 10.0)])
def test_differences_that_nobody_cares_for_do_not_look_large(tuned, against, span):
    info = price_info(tuned, against)._replace(costs=np.array([0.001, 0.002, 0.003, 0.002]))
    figure = price_figure(info)
    low, high = figure.layout.xaxis.range
    assert high - low >= span
    *upper, lowest = figure.layout.annotations
    assert all(label.xshift > 0 and label.yshift is None for label in upper)  # the line goes straight down from them
    assert lowest.yshift < 0


def test_the_sentence_has_both_ends_of_the_curve(tuned):
    assert price_alt(price_info(tuned, Against.PLAUSIBILITY)) == (
        "Mean predicted area of strength of 4 sets of results: 60 MPa·days at density penalty 0 (mean plausibility "
        "5 %) to 40 MPa·days at density penalty 2 (mean plausibility 49.5 %); the best recorded row has 31 MPa·days."
    )
    one = tuned.model_copy(update={"points": tuned.points[:1]})
    assert "1 set of results: 40 MPa·days at density penalty 2" in price_alt(price_info(one, Against.DENSITY))
