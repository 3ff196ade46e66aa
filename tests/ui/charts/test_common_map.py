import numpy as np
import pytest

from services.problems.projection import MapProjection
from services.studies.compare.runs import map_of
from ui.charts.common_map import common_map_alt, common_map_figure


@pytest.fixture
def projection(result, dataset):
    return map_of([result.spec], dataset)


def test_results_of_all_runs_lie_on_one_map(result, dataset, projection):
    runs = [("A", "a", 0, result), ("B", "b", 1, result)]
    figure = common_map_figure(runs, dataset.X, projection)
    points = np.column_stack([figure.data[1].x, figure.data[1].y])
    np.testing.assert_allclose(points, projection.project(np.array(result.results.X)))
    assert [trace.name for trace in figure.data] == ["recorded rows", "A: a", "B: b"]
    assert list(figure.data[1].text) == ["A1", "A2"]
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol
    assert common_map_alt(runs) == (
        "Map of recorded rows and results: A has 2 results, the best with 30 MPa·days; "
        "B has 2 results, the best with 30 MPa·days."
    )


def test_a_run_without_results_is_not_on_the_map(result, dataset, projection):
    none = {name: () if value is not None else None for name, value in dict(result.results).items()}
    empty = result.model_copy(update={"results": result.results.model_copy(update=none)})
    runs = [("A", "a", 0, empty)]
    assert [trace.name for trace in common_map_figure(runs, dataset.X, projection).data] == ["recorded rows"]
    assert common_map_alt(runs) == "Map of recorded rows and results: no run has results."


def test_a_map_shows_every_feature_that_any_run_leaves_free(result, dataset):
    features = tuple(f.model_copy(update={"is_free": f.name != "cement" and f.is_free}) for f in result.spec.features)
    frozen = result.spec.revised(features=features)
    together, alone = map_of([frozen, result.spec], dataset), map_of([frozen], dataset)
    assert isinstance(together, MapProjection)
    assert len(together.mean) == len(alone.mean) + 1
    np.testing.assert_allclose(together.axes, map_of([result.spec, frozen], dataset).axes)
