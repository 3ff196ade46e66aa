import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from ui.charts import density_check_alt, density_check_figure, density_check_info
from ui.charts.density import side_steps


def test_strips_hold_the_densities_of_each_set(result):
    info = density_check_info(result)
    assert [strip.label for strip in info.strips] == ["Best recorded", "Without penalty", "With penalty"]
    np.testing.assert_allclose(info.strips[0].densities, [2310, 2450, 2360])
    np.testing.assert_allclose(info.strips[1].densities, [3240, 3120])
    np.testing.assert_allclose(info.strips[2].densities, [2340, 2360])
    assert info.strips[0].names == ("Row 17", "Row 3", "Row 120")
    assert info.strips[2].names == ("Result 1", "Result 2")
    assert [strip.is_believable for strip in info.strips] == [True, False, True]
    assert (info.target, info.tolerance) == (2340, 60.4)


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
