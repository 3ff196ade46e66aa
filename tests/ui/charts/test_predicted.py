import numpy as np
import pytest

from models.cards.card import HeldOut
from ui.charts.predicted import held_out_info, predicted_alt, predicted_figure, predicted_info


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
