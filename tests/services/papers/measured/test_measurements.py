import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models import DatasetError
from services.jobs import JobKind, RunStore
from services.papers.measured.measurements import (
    Measured,
    Measurement,
    change_measured,
    compare,
    measured_of,
    measurement_name,
    summary_words,
    swept_feature,
    unlikely_words,
    validated,
)


def test_a_paper_keeps_values_and_what_was_made_of_them():
    assert Measured.from_paper(None) == Measured.from_paper("no JSON") == Measured()
    rows = (Measurement(result=0, value=5.0, at=28.0), Measurement(result=1, value=6.5))
    paper = Measured().with_rows(rows)
    assert not paper.is_joined
    assert paper.with_rows(rows[:1]) == paper  # a button that is pressed twice keeps one value
    made = paper.with_dataset(rows, "abc", "mixed + 2 measured")
    assert made.is_joined and Measured.from_paper(made.model_dump_json()) == made
    again = made.model_copy(update={"training": "t", "model": "m"}).without(rows[0])
    assert again.rows == rows[1:] and not again.is_joined and again.training == "t"
    assert again.with_dataset(rows[1:], "def", "x").training == ""
    assert not paper.with_dataset(rows[:1], "abc", "x").is_joined  # a value that came while the table was made


def test_nobody_loses_what_others_keep_at_the_same_moment(settings):
    store = RunStore(settings.database)
    run_id = store.add(JobKind.SEARCH, "A run", "{}")
    rows = [Measurement(result=k % 3, value=k) for k in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda row: change_measured(store, run_id, lambda paper: paper.with_rows([row])), rows))
    assert set(measured_of(store, run_id).rows) == set(rows)
    store.close()


def test_along_a_curve_a_value_needs_to_know_where(curved, plain):
    assert swept_feature(curved).name == "age"
    assert validated(curved, Measurement(result=0, value=1, at=28)).at == 28
    with pytest.raises(DatasetError, match="At which age was it measured"):
        validated(curved, Measurement(result=0, value=1))
    with pytest.raises(DatasetError, match="never recorded below 0, got -3"):
        validated(curved, Measurement(result=0, value=1, at=-3))
    assert swept_feature(plain) is None
    assert validated(plain, Measurement(result=0, value=1, at=28)).at is None


def test_a_measurement_is_of_a_result_of_the_run_and_named_by_it(plain):
    k = len(plain.results)
    with pytest.raises(DatasetError, match=f"no Result {k + 1}: the run has Result 1 to Result {k}"):
        validated(plain, Measurement(result=k, value=1))
    assert measurement_name(plain, Measurement(result=1, value=1)) == "Result 2"


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
