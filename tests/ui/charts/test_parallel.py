from dataclasses import replace

import numpy as np
import pytest

from models import DatasetError
from ui.charts import parallel_alt, parallel_figure, parallel_info


def test_free_features_get_an_axis_each(result, dataset):
    info = parallel_info(result, dataset)
    assert [axis.name for axis in info.axes] == ["cement", "sand", "stone"]
    np.testing.assert_allclose(info.results, [[300, 2040, 1], [500, 1860, 2]])
    np.testing.assert_allclose(info.recorded[0], [310, 2000, 0])


def test_an_axis_holds_recorded_values_bounds_and_settings(result, dataset):
    cement, sand, stone = parallel_info(result, dataset).axes
    assert (cement.low, cement.high) == (90, 600)  # the bounds are wider than what was recorded
    assert cement.bounds == (90, 600)
    assert sand.low == dataset.X[:, 1].min()  # and here narrower
    assert sand.bounds == (1850, 2050)
    assert (stone.low, stone.high, stone.bounds) == (-0.5, 2.5, None)
    assert stone.text(2.0) == "lime"


def test_all_settings_lie_on_their_axes(result, dataset):
    info = parallel_info(result, dataset)
    for axis, values in zip(info.axes, np.concatenate([info.results, info.recorded]).T, strict=True):
        assert ((axis.places(values) >= 0) & (axis.places(values) <= 1)).all()


def test_features_are_found_by_name_and_categories_too(result, dataset):
    order = [3, 2, 1, 0]
    stone = replace(dataset.features[2], categories=("lime", "gravel", "basalt"))
    X = dataset.X.copy()
    X[:, 2] = 2 - X[:, 2]
    columns = (dataset.features[0], dataset.features[1], stone, dataset.features[3])
    shuffled = replace(dataset, features=tuple(columns[j] for j in order), X=X[:, order])
    expected, found = parallel_info(result, dataset), parallel_info(result, shuffled)
    for a, b in zip(expected.axes, found.axes, strict=True):
        np.testing.assert_allclose(a.bins.shares, b.bins.shares)


def test_a_feature_that_never_varied_still_has_an_axis(result, dataset):
    X = dataset.X.copy()
    X[:, 0] = 300.0
    spec = result.spec.model_copy(update={"features": ()})
    features = (result.features[0].model_copy(update={"low": 300.0, "high": 300.0}), *result.features[1:])
    rows = result.results.model_copy(update={"X": tuple((300.0, *row[1:]) for row in result.results.X)})
    same = result.model_copy(update={"spec": spec, "features": features, "results": rows, "best_recorded": rows})
    axis = parallel_info(same, replace(dataset, X=X)).axes[0]
    assert axis.low < 300 < axis.high


def test_nothing_free_is_no_chart(result, dataset):
    features = tuple(feature.model_copy(update={"is_free": False}) for feature in result.features)
    assert parallel_info(result.model_copy(update={"features": features}), dataset) is None


def test_a_dataset_without_the_feature_is_refused(result, dataset):
    other = replace(dataset, features=(replace(dataset.features[0], name="zinc"), *dataset.features[1:]), parts=())
    with pytest.raises(DatasetError, match="cement"):
        parallel_info(result, other)


def test_the_figure_has_a_line_per_candidate_and_a_label_per_axis(result, dataset):
    figure = parallel_figure(parallel_info(result, dataset))
    assert [trace.name for trace in figure.data if trace.showlegend] == ["1", "2"]
    assert len([trace for trace in figure.data if trace.mode == "lines+markers"]) == 5
    assert figure.layout.yaxis.ticktext[0].startswith("cement<br>")
    assert "90–600 kg/m³" in figure.layout.yaxis.ticktext[0]


def test_the_sentence_has_settings_with_units(result, dataset):
    text = parallel_alt(parallel_info(result, dataset))
    assert "cement 300–500 kg/m³" in text
    assert "stone gravel, lime" in text
