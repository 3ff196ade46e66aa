import numpy as np
import pytest

from optimizer import Summary
from ui.charts import curves_alt, curves_figure, curves_info, result_style


def test_curves_of_results_and_recorded_rows(result):
    info = curves_info(result)
    np.testing.assert_allclose(info.grid, [1, 14, 28])
    np.testing.assert_allclose(info.results[0], [30, 37.5, 50])
    assert info.results.shape == (2, 3)
    assert info.recorded.shape == (3, 3)
    assert info.recorded_rows == (17, 3, 120)
    assert info.at is None


def test_measured_outcomes_stand_where_they_were_measured(result):
    np.testing.assert_allclose(curves_info(result).measured, [[7, 40], [90, 41], [28, 42]])


def test_rings_outside_the_sweep_are_not_drawn(result):
    rings = [trace for trace in curves_figure(curves_info(result)).data if trace.mode == "markers"]
    assert len(rings) == 1
    np.testing.assert_allclose(rings[0].x, [7, 28])
    np.testing.assert_array_equal(rings[0].customdata, [17, 120])


def test_a_searched_point_is_marked(result):
    curve = result.spec.curve.model_copy(update={"summary": Summary.POINT, "at": 14})
    info = curves_info(result.model_copy(update={"spec": result.spec.model_copy(update={"curve": curve})}))
    assert info.at == 14
    assert curves_figure(info).layout.shapes[0].x0 == 14


def test_without_a_sweep_feature_there_are_no_curves(result):
    assert curves_info(result.model_copy(update={"sweep": None})) is None


@pytest.mark.parametrize("field", ["results", "best_recorded"])
def test_an_empty_set_is_no_problem(result, field):
    empty = result.results.model_copy(
        update={"X": (), "outcomes": (), "scores": (), "penalties": (), "densities": (), "curves": None}
    )
    info = curves_info(result.model_copy(update={field: empty}))
    assert curves_figure(info).layout.height
    assert curves_alt(info)


def test_results_have_their_own_colours_and_axes_have_units(result):
    figure = curves_figure(curves_info(result))
    lines = {trace.name: trace.line.color for trace in figure.data if trace.name}
    assert lines == {"1": result_style(1).colour, "2": result_style(2).colour}
    assert figure.layout.xaxis.title.text.startswith("age [days]")
    assert figure.layout.yaxis.title.text == "strength [MPa]"


def test_the_sentence_has_the_numbers(result):
    text = curves_alt(curves_info(result))
    assert "strength over age 1–28 days" in text
    assert "result 1 goes from 30 to 50 MPa" in text
