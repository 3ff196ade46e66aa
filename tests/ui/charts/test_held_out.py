import numpy as np
import pytest

from models import HeldOut
from ui.charts import held_out_info, predicted_alt, predicted_figure


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
