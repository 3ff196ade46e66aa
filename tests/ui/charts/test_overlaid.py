import numpy as np
import pytest

from services.problems.projection import MapProjection
from services.studies.compare.runs import map_of
from ui.charts import (
    common_map_alt,
    common_map_figure,
    common_map_info,
    overlaid_alt,
    overlaid_figure,
    overlaid_info,
)
from ui.charts.convergence import ConvergenceInfo


def course(outcomes, *, name="area", unit="MPa", recorded=31.0):
    evaluations = 100.0 * np.arange(1, len(outcomes) + 1)
    return ConvergenceInfo(evaluations, np.array(outcomes, dtype=float), True, float("nan"), recorded, name, unit)


def test_every_run_has_a_line_in_its_own_colour_over_one_recorded_row():
    info = overlaid_info([("A", "first", 0, course([1, 2, 3])), ("C", "<b>third</b>", 2, course([2, 5]))])
    figure = overlaid_figure(info)
    assert [trace.name for trace in figure.data] == ["A: first", "C: &lt;b&gt;third&lt;/b&gt;", "best recorded"]
    assert len({trace.line.color for trace in figure.data}) == 3
    assert list(figure.data[2].x) == [0, 300]
    assert (
        overlaid_alt(info) == "Best area so far by evaluations: A ends at 3 MPa after 300; C ends at 5 MPa after 200."
    )


def test_outcomes_in_different_units_never_share_an_axis():
    with pytest.raises(ValueError, match="draw the runs of each apart"):
        overlaid_info([("A", "a", 0, course([1])), ("B", "b", 1, course([1], unit="psi"))])


def test_a_run_without_a_trace_has_no_line():
    nothing = ConvergenceInfo(np.empty(0), np.empty(0), False, float("nan"), 31.0, "area", "MPa")
    assert overlaid_info([("A", "a", 0, nothing)]) is None
    assert overlaid_info([]) is None
    assert overlaid_info([("A", "a", 0, nothing), ("B", "b", 1, course([1]))]).letters == ("B",)


@pytest.fixture
def projection(result, dataset):
    return map_of([result.spec], dataset)


def test_results_of_all_runs_lie_on_one_map(result, dataset, projection):
    info = common_map_info([("A", "a", 0, result), ("B", "b", 1, result)], dataset.X, projection)
    np.testing.assert_allclose(info.runs[0].points, projection.project(np.array(result.results.X)))
    figure = common_map_figure(info)
    assert [trace.name for trace in figure.data] == ["recorded rows", "A: a", "B: b"]
    assert list(figure.data[1].text) == ["A1", "A2"]
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol
    assert common_map_alt(info) == (
        "Map of recorded rows and results: A has 2 results, the best with 30 MPa·days; "
        "B has 2 results, the best with 30 MPa·days."
    )


def test_a_run_without_results_is_not_on_the_map(result, dataset, projection):
    none = {name: () if value is not None else None for name, value in dict(result.results).items()}
    empty = result.model_copy(update={"results": result.results.model_copy(update=none)})
    info = common_map_info([("A", "a", 0, empty)], dataset.X, projection)
    assert info.runs == ()
    assert common_map_alt(info) == "Map of recorded rows and results: no run has results."


def test_a_map_shows_every_feature_that_any_run_leaves_free(result, dataset):
    features = tuple(f.model_copy(update={"is_free": f.name != "cement" and f.is_free}) for f in result.spec.features)
    frozen = result.spec.revised(features=features)
    together, alone = map_of([frozen, result.spec], dataset), map_of([frozen], dataset)
    assert isinstance(together, MapProjection)
    assert len(together.mean) == len(alone.mean) + 1
    np.testing.assert_allclose(together.axes, map_of([result.spec, frozen], dataset).axes)
