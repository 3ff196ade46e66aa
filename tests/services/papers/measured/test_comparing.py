import math

import numpy as np
import pytest

from services.papers.measured.comparing import compare, summary_words, unlikely_words
from services.papers.measured.measurements import Measurement


def test_values_stand_beside_predictions_of_the_model_at_their_point(curved, confident):
    rows = [Measurement(result=0, value=150.0, at=7.0), Measurement(result=1, value=-999.0, at=3.5)]
    found = compare(curved, rows, confident)
    assert [one.name for one in found] == ["Result 1 at age 7 d", "Result 2 at age 3.5 d"]
    X = np.array([curved.results.X[0], curved.results.X[1]])
    X[:, [feature.name for feature in curved.features].index("age")] = [7.0, 3.5]
    assert [one.predicted for one in found] == pytest.approx(confident.predictor.predict(X).tolist())
    assert all(one.low < one.predicted < one.high for one in found)
    assert found[1].is_inside is False
    assert found[1].words.startswith("outside the interval, predicted")
    assert found[1].words.endswith("% too high")


def test_without_the_model_stored_predictions_serve(curved, plain):
    (one,) = compare(plain, [Measurement(result=1, value=3.0)], None)
    rows = plain.results
    assert (one.predicted, one.low, one.high) == (rows.outcomes[1], rows.lows[1], rows.highs[1])
    (one,) = compare(curved, [Measurement(result=0, value=3.0, at=7.0)], None)
    assert one.predicted == pytest.approx(np.interp(7.0, curved.sweep.grid, curved.results.curves[0]))
    assert one.is_inside is None and "interval" not in one.words


def test_a_model_without_intervals_predicts_without_them(plain, mixed):
    (one,) = compare(plain, [Measurement(result=0, value=plain.results.outcomes[0])], mixed)
    assert math.isnan(one.low) and one.words == "exactly predicted"


def test_the_summary_counts_intervals_and_errors(plain, confident):
    best = plain.results.outcomes[0]
    rows = [Measurement(result=0, value=best), Measurement(result=0, value=best - 10_000)]
    words = summary_words(plain, compare(plain, rows, confident))
    assert words.startswith("1 of 2 measured values lie inside the interval; about 90 % should.")
    assert "off by 5,000 % in the mean. Most are too high: train again" in words
    assert summary_words(plain, []) == ""


def test_a_value_far_from_all_that_was_recorded_is_asked_about(plain, mixed):
    high = float(mixed.dataset.y.max())
    assert unlikely_words(mixed, [Measurement(result=0, value=high)], "%") == ""
    words = unlikely_words(mixed, [Measurement(result=0, value=high * 1000)], "%")
    assert "far from everything recorded" in words and words.endswith("another unit?")
    assert unlikely_words(None, [Measurement(result=0, value=1e9)], "%") == ""
