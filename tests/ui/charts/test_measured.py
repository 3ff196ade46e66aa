import numpy as np
import pytest

from services.papers.measured.measurements import Comparison
from ui.charts.measured import MAX_ROWS, measured_alt, measured_figure


def compared(*rows):
    return [Comparison(f"Result {k + 1} at <b>age</b> 28 d", k, *figures, "") for k, figures in enumerate(rows)]


ROWS = compared((50.0, 60.0, 45.0, 75.0), (80.0, 60.0, 45.0, 75.0), (70.0, 66.0, np.nan, np.nan))


def test_only_the_newest_are_drawn():
    rows = compared(*[(float(k), 1.0, 0.0, 2.0) for k in range(MAX_ROWS + 3)])
    measured = measured_figure(rows, "strength", "").data[-1]
    assert len(measured.x) == MAX_ROWS and measured.x[0] == 3
    assert measured_alt(rows, "strength").startswith(f"Measured strength beside the prediction for {MAX_ROWS} values")


def test_the_figure_has_a_bar_for_each_interval_and_the_first_row_at_the_top():
    figure = measured_figure(ROWS, "strength", "MPa")
    bars = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(bar.x) for bar in bars] == [[45, 75]] * 2
    predicted, measured = figure.data[-2:]
    assert (predicted.name, measured.name) == ("predicted, on its interval", "measured")
    assert list(measured.y) == [3, 2, 1]
    assert list(measured.x) == [50, 80, 70] and list(predicted.x) == [60, 60, 66]
    assert figure.layout.xaxis.range[0] < 45 and figure.layout.xaxis.range[1] > 80
    said = "Measured strength beside the prediction for 3 values: 1 of 2 lie inside the interval."
    assert measured_alt(ROWS, "strength") == said
    assert figure.layout.yaxis.ticktext[0] == "Result 1 at &lt;b&gt;age&lt;/b&gt; 28 d"


def test_without_intervals_nothing_is_said_of_them():
    rows = compared((50.0, 60.0, np.nan, np.nan))
    assert measured_alt(rows, "strength") == "Measured strength beside the prediction for 1 value."
    assert measured_figure(rows, "strength", "MPa").data[0].name == "predicted"
    alone = measured_figure(compared((50.0, np.nan, np.nan, np.nan)), "s", "")
    assert alone.layout.xaxis.range == pytest.approx((47.5, 52.5))
