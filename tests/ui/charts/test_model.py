import math

import numpy as np
import pytest

from models import DatasetError, EpochRecord
from models.cards.card import HeldOut
from ui.charts.model import (
    held_out_info,
    importance_alt,
    importance_figure,
    loss_alt,
    loss_figure,
    loss_info,
    predicted_alt,
    predicted_figure,
    predicted_info,
    residuals_alt,
    residuals_figure,
    residuals_info,
)


def test_the_best_epoch_has_the_smallest_validation_loss():
    records = [EpochRecord(1, 0.9, 1.0, 1), EpochRecord(2, 0.5, 0.4, 2), EpochRecord(3, 0.3, 0.6, 2)]
    info = loss_info(records)
    np.testing.assert_array_equal(info.epochs, [1, 2, 3])
    assert (info.best_epoch, info.best_loss) == (2, 0.4)
    assert loss_alt(info) == (
        "Loss over 3 epochs: the validation loss was smallest in epoch 2, at 0.4, and is 0.6 at the end."
    )


def test_before_the_first_epoch_there_is_an_empty_picture():
    info = loss_info([])
    assert (len(info.epochs), info.best_epoch) == (0, 0)
    assert len(loss_figure(info).data) == 2
    assert "no epoch" in loss_alt(info)


def test_one_epoch_is_visible():
    figure = loss_figure(loss_info([EpochRecord(1, 0.9, 1.0, 1)]))
    assert figure.data[0].mode == "lines+markers"
    low, high = figure.layout.yaxis.range
    assert 10**low < 0.9 < 1.0 < 10**high


def test_zero_and_infinite_losses_do_not_break_the_logarithmic_axis():
    info = loss_info([EpochRecord(1, 0.0, math.inf, 1), EpochRecord(2, 0.5, 0.25, 2)])
    np.testing.assert_allclose(info.train_losses, [np.nan, 0.5])
    np.testing.assert_allclose(info.validation_losses, [np.nan, 0.25])
    assert np.isfinite(loss_figure(info).layout.yaxis.range).all()


def test_long_trainings_are_thinned_but_keep_first_best_and_last():
    n = 20_000
    records = [EpochRecord(i, 1.0, abs(i - 7_777) + 1.0, 1) for i in range(1, n + 1)]
    info = loss_info(records)
    assert len(info.epochs) <= 601
    assert {1, 7_777, n} <= set(info.epochs.tolist())
    assert info.best_epoch == 7_777


def test_both_axes_show_all_rows(card):
    info = held_out_info(card)
    np.testing.assert_allclose(info.measured, [10, 20, 30, 80])
    np.testing.assert_allclose(info.predicted, [12, 19, 33, 70])
    assert info.low < 10
    assert info.high > 80


def test_many_rows_are_thinned(card):
    values = tuple(np.linspace(0, 1, 50_000).tolist())
    info = held_out_info(card.model_copy(update={"held_out": HeldOut(measured=values, predicted=values)}))
    assert len(info.measured) == len(info.predicted) == 2_000
    assert len(predicted_figure(info).to_json()) < 200_000


def test_no_held_out_rows_is_no_chart(card):
    assert held_out_info(card.model_copy(update={"held_out": HeldOut(measured=(), predicted=())})) is None


def test_the_figure_is_square_with_an_identity_line(card):
    figure = predicted_figure(held_out_info(card))
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert tuple(figure.data[0].x) == tuple(figure.data[0].y)
    np.testing.assert_allclose(figure.data[1].customdata, [[2], [-1], [3], [-10]])


def test_the_sentence_has_the_metrics(card):
    text = predicted_alt(held_out_info(card))
    assert text == "Predicted against measured strength of 4 held-out rows: R² 0.9123, typical error 4.568 MPa."


@pytest.mark.parametrize("value", [5.0, 0.0])
def test_equal_outcomes_still_make_a_square(card, value):
    info = held_out_info(card.model_copy(update={"held_out": HeldOut(measured=(value,), predicted=(value,))}))
    assert info.low < value < info.high


def test_every_row_is_drawn_in_a_square(quality):
    info = predicted_info(quality)
    np.testing.assert_array_equal(info.measured, quality.measured)
    assert info.lows is None and not info.is_outside.any()
    figure = predicted_figure(info)
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert figure.layout.yaxis.scaleanchor == "x"
    assert [len(trace.x) for trace in figure.data] == [2, 200]
    assert not figure.layout.showlegend


def test_rows_outside_their_interval_are_told_apart(with_intervals):
    info = predicted_info(with_intervals)
    n_outside = int((np.abs(info.predicted - info.measured) > 4).sum())
    assert 0 < info.is_outside.sum() == n_outside
    figure = predicted_figure(info)
    assert [len(trace.x) for trace in figure.data[2:]] == [200 - n_outside, n_outside]
    assert figure.data[1].name == "usual interval"
    np.testing.assert_allclose(info.band[2] - info.band[1], 8)
    assert (np.diff(info.band[0]) > 0).all()
    assert figure.layout.showlegend


def test_many_checked_rows_are_thinned(with_intervals):
    times = {name: getattr(with_intervals, name) * 50 for name in ("measured", "predicted", "fold_of")}
    cover = with_intervals.coverage
    times["coverage"] = cover.model_copy(update={"low": cover.low * 50, "high": cover.high * 50})
    info = predicted_info(with_intervals.model_copy(update=times))
    assert len(info.measured) == len(info.lows) == 2_000
    assert info.n_rows == 10_000


def test_the_sentence_of_the_rows_has_agreement_and_coverage(quality, with_intervals):
    said = predicted_alt(predicted_info(quality))
    assert said.startswith("Predicted against measured strength of 200 rows while they were held out: R² 0.85, typical")
    share = with_intervals.coverage.share
    assert predicted_alt(predicted_info(with_intervals)).endswith(
        f"; {share:.0%} of the rows lie within their 90% interval."
    )


def test_features_are_ranked_by_what_they_cost(quality):
    figure = importance_figure(quality)
    assert figure.layout.yaxis.ticktext == ("cement", "age", "stone", "sand")
    np.testing.assert_array_equal(figure.data[0].x, [9.0, 4.0, 2.0, -0.1])
    np.testing.assert_array_equal(figure.data[0].error_x.array, [0.3] * 4)
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.xaxis.range[1] > 9.3
    assert importance_alt(quality).startswith(
        "Growth of the RMSE of strength when one of 4 features is shuffled: cement 9 MPa, age 4 MPa"
    )


def test_at_most_twenty_features_are_drawn(quality):
    many = tuple(quality.importance[0].model_copy(update={"feature": f"x{i}", "cost": i}) for i in range(50))
    names = importance_figure(quality.model_copy(update={"importance": many})).layout.yaxis.ticktext
    assert (len(names), names[0]) == (20, "x49")


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
