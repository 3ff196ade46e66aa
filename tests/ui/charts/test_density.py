import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from services.studies.tune import TuneResult
from ui.charts.density import (
    density_check_alt,
    density_check_figure,
    density_check_info,
    density_multiples_alt,
    density_multiples_figure,
    density_multiples_info,
    side_steps,
)


def test_strips_hold_the_densities_of_each_set(result):
    info = density_check_info(result)
    assert [strip.label for strip in info.strips] == ["Best recorded", "Without penalty", "With penalty"]
    np.testing.assert_allclose(info.strips[0].densities, [2310, 2450, 2360])
    np.testing.assert_allclose(info.strips[1].densities, [3240, 3120])
    np.testing.assert_allclose(info.strips[2].densities, [2340, 2360])
    assert info.strips[0].names == ("Row 17", "Row 3", "Row 120")
    assert info.strips[2].names == ("Result 1", "Result 2")
    assert [strip.marks["symbol"] == "x-thin" for strip in info.strips] == [False, True, False]
    assert (info.density.target, info.density.tolerance) == (2340, 60.4)


def test_the_axis_shows_everything(result):
    info = density_check_info(result)
    assert info.low < info.bins.edges[0]
    assert info.high > 3240


def test_without_comparison_there_are_two_strips(result):
    info = density_check_info(result.model_copy(update={"unpenalised": None}))
    assert [strip.label for strip in info.strips] == ["Best recorded", "With penalty"]


@pytest.mark.parametrize("weight", [None, 0.0])
def test_with_the_penalty_off_results_are_just_results(result, weight):
    density = result.spec.density.model_copy(update={"weight": weight}) if weight is not None else None
    spec = result.spec.model_copy(update={"density": density})
    info = density_check_info(result.model_copy(update={"spec": spec, "unpenalised": None}))
    assert info.strips[-1].label == "Results"


def test_a_table_without_parts_has_no_density_check(result):
    assert density_check_info(result.model_copy(update={"density": None})) is None


def test_all_recorded_rows_alike_still_make_a_picture(result):
    density = result.density.model_copy(update={"recorded": (2340.0,) * 9, "std": 0.0})
    info = density_check_info(result.model_copy(update={"density": density}))
    assert info.bins.shares.tolist() == [1]
    assert density_check_figure(info).data


def test_the_figure_has_a_histogram_and_a_trace_per_strip(result):
    figure = density_check_figure(density_check_info(result))
    assert [trace.type for trace in figure.data] == ["bar", "scatter", "scatter", "scatter"]
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert "usual: 2,340 ± 60 kg/m³" in texts
    assert "3,120–3,240" in texts


def test_the_sentence_tells_the_trap(result):
    text = density_check_alt(density_check_info(result))
    assert "without penalty 3,120–3,240 kg/m³" in text
    assert "with penalty 2,340–2,360 kg/m³" in text
    assert "2,340 ± 60 kg/m³" in text


@given(arrays(float, st.integers(1, 12), elements=st.floats(0, 100)), st.floats(0.1, 10))
def test_near_marks_are_kept_apart(values, near):
    steps = side_steps(values, near)
    assert (np.abs(steps) <= 0.34).all()
    for i in range(len(values)):
        for j in range(i):
            assert abs(values[i] - values[j]) >= near or steps[i] != steps[j]


@pytest.fixture
def tuned(result, tuned_of):
    """Three settings; what the lineages of two of them weigh is known."""
    made = tuned_of(result, (2.0, 0.0, 0.5), means=(40.0, 60.0, 50.0), deviations=(0.1, 9.0, 3.0))
    weighed = {2.0: (2340.0, 2350.0, 2350.0, 2400.0), 0.0: (2800.0, 2900.0), 0.5: ()}
    points = tuple(point.model_copy(update={"densities": weighed[point.weight]}) for point in made.points)
    return made.model_copy(update={"points": points})


def test_there_is_a_row_per_setting_on_one_axis(tuned, result):
    info = density_multiples_info(tuned, 2.0)
    assert [(row.setting, row.is_chosen) for row in info.rows] == [("0", False), ("0.5", False), ("2", True)]
    assert [row.shares.sum() for row in info.rows] == pytest.approx([1.0, 0.0, 1.0])
    for row in info.rows:
        np.testing.assert_array_equal(row.densities, result.results.densities)
    assert info.low < min(result.density.recorded)
    assert info.high > 2900
    assert info.density == result.density


def test_the_figure_stacks_the_rows_with_the_recorded_ones_below(tuned):
    info = density_multiples_info(tuned, 2.0)
    figure = density_multiples_figure(info)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [trace.base for trace in bars] == [0, 3, 1]  # recorded, then the settings whose lineages are known
    assert all(max(trace.y) <= 1 for trace in bars)
    assert list(figure.layout.yaxis.ticktext) == ["0", "0.5", "<b>2</b>", "All<br>recorded"]
    marks = [trace for trace in figure.data if trace.type == "scatter"]
    assert len(marks) == 3
    assert marks[0].y[0] > marks[1].y[0] > marks[2].y[0]


def test_without_parts_that_add_up_there_is_no_picture(tuned):
    bare = tuple(p.model_copy(update={"result": p.result.model_copy(update={"density": None})}) for p in tuned.points)
    assert density_multiples_info(tuned.model_copy(update={"points": bare})) is None
    assert density_multiples_info(TuneResult(spec=tuned.spec, points=())) is None


def test_the_sentence_has_every_setting(tuned):
    assert density_multiples_alt(density_multiples_info(tuned)) == (
        "Density by density penalty: at 0 results have 2,340–2,360 kg/m³; at 0.5 results have 2,340–2,360 kg/m³; "
        "at 2 results have 2,340–2,360 kg/m³. Usual is 2,340 ± 60.4 kg/m³."
    )
