import numpy as np
import pytest

from services.papers.measured.measurements import Comparison
from ui.charts.measured import MAX_ROWS, measured_alt, measured_figure, measured_info


def compared(*rows):
    return [Comparison(f"Result {k + 1} at <b>age</b> 28 d", k, *figures, "") for k, figures in enumerate(rows)]


ROWS = compared((50.0, 60.0, 45.0, 75.0), (80.0, 60.0, 45.0, 75.0), (70.0, 66.0, np.nan, np.nan))


def test_numbers_of_measured_values():
    info = measured_info(ROWS, "strength", "MPa")
    assert info.measured.tolist() == [50, 80, 70] and info.predicted.tolist() == [60, 60, 66]
    assert info.span[0] < 45 and info.span[1] > 80
    assert info.n_left_out == 0
    assert measured_alt(info) == "Measured strength beside the prediction for 3 values: 1 of 2 lie inside the interval."


def test_only_the_newest_are_drawn():
    info = measured_info(compared(*[(float(k), 1.0, 0.0, 2.0) for k in range(MAX_ROWS + 3)]), "strength", "")
    assert len(info.names) == MAX_ROWS and info.n_left_out == 3
    assert info.measured[0] == 3


def test_the_figure_has_a_bar_for_each_interval_and_the_first_row_at_the_top():
    figure = measured_figure(measured_info(ROWS, "strength", "MPa"))
    bars = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(bar.x) for bar in bars] == [[45, 75]] * 2
    predicted, measured = figure.data[-2:]
    assert (predicted.name, measured.name) == ("predicted, on its interval", "measured")
    assert list(measured.y) == [3, 2, 1]
    assert figure.layout.yaxis.ticktext[0] == "Result 1 at &lt;b&gt;age&lt;/b&gt; 28 d"


def test_without_intervals_nothing_is_said_of_them():
    info = measured_info(compared((50.0, 60.0, np.nan, np.nan)), "strength", "MPa")
    assert measured_alt(info) == "Measured strength beside the prediction for 1 value."
    assert measured_figure(info).data[0].name == "predicted"
    assert measured_info(compared((50.0, np.nan, np.nan, np.nan)), "s", "").span == pytest.approx((47.5, 52.5))
