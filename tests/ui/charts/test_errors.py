import numpy as np
import pytest

from models import DatasetError
from ui.charts.errors import (
    importance_alt,
    importance_figure,
    importance_info,
    residuals_alt,
    residuals_figure,
    residuals_info,
)


def test_features_are_ranked_by_what_they_cost(quality):
    info = importance_info(quality)
    assert info.features == ("cement", "age", "stone", "sand")
    np.testing.assert_array_equal(info.costs, [9.0, 4.0, 2.0, -0.1])
    figure = importance_figure(info)
    np.testing.assert_array_equal(figure.data[0].error_x.array, [0.3] * 4)
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.xaxis.range[1] > 9.3
    assert importance_alt(info).startswith(
        "Growth of the RMSE of strength when one of 4 features is shuffled: cement 9 MPa, age 4 MPa"
    )


def test_at_most_twenty_features_are_drawn(quality):
    many = tuple(quality.importance[0].model_copy(update={"feature": f"x{i}", "cost": i}) for i in range(50))
    info = importance_info(quality.model_copy(update={"importance": many}))
    assert (len(info.features), info.features[0], info.n_features) == (20, "x49", 50)


def test_errors_along_a_number_come_with_their_size_and_region(quality, dataset):
    info = residuals_info(quality, dataset, "cement")
    np.testing.assert_allclose(info.errors, np.array(quality.predicted) - np.array(quality.measured))
    assert info.counts.sum() == 200
    assert (np.diff(info.centres) > 0).all()
    assert (info.sizes >= np.abs(info.means) - 1e-12).all()
    assert info.regions == ((451.0, 540.0),)
    assert info.limit > np.abs(info.errors).max()
    figure = residuals_figure(info)
    assert [shape.type for shape in figure.layout.shapes] == ["rect", "line"]
    assert [trace.name for trace in figure.data] == ["rows", "usual size of errors", "mean error"]


def test_errors_of_categories_are_drawn_at_their_names(quality, dataset):
    info = residuals_info(quality, dataset, "stone")
    np.testing.assert_array_equal(info.centres, [0, 1, 2])
    assert info.means[2] == pytest.approx(3, abs=1)
    figure = residuals_figure(info)
    assert list(figure.layout.xaxis.ticktext) == ["basalt", "gravel", "lime"]
    assert np.abs(np.array(figure.data[0].x) - np.round(figure.data[0].x)).max() < 0.2
    assert figure.layout.shapes[0].x0 < 2 < figure.layout.shapes[0].x1


def test_errors_against_the_prediction_itself(quality, dataset):
    info = residuals_info(quality, dataset, None)
    np.testing.assert_array_equal(info.values, quality.predicted)
    assert (info.feature, info.feature_unit, info.regions) == ("predicted strength", "MPa", ())


def test_the_sentence_of_the_errors_names_where_they_are_largest(quality, dataset):
    said = residuals_alt(residuals_info(quality, dataset, "cement"))
    assert said.startswith("Errors of predicted strength against cement: largest around ")
    assert "kg/m³, where they are" in said
    assert "largest around lime" in residuals_alt(residuals_info(quality, dataset, "stone"))


def test_a_feature_of_few_values_and_one_that_never_varies_can_be_drawn(quality, dataset):
    assert len(residuals_info(quality, dataset, "age").centres) == 5
    dataset.X[:, 1] = 4.2
    info = residuals_info(quality, dataset, "sand")
    assert (info.centres, info.counts) == (pytest.approx([4.2]), [200])
    assert len(residuals_figure(info).data) == 3


def test_a_feature_that_is_none_is_refused(quality, dataset):
    with pytest.raises(DatasetError, match="no feature 'wind'"):
        residuals_info(quality, dataset, "wind")
