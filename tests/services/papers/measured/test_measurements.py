from concurrent.futures import ThreadPoolExecutor

import pytest

from models import DatasetError
from services.jobs import JobKind, RunStore
from services.papers.measured.measurements import (
    Measured,
    Measurement,
    change_measured,
    measured_of,
    measurement_name,
    swept_feature,
    validated,
)


def test_without_a_paper_nothing_was_measured():
    assert Measured.from_paper(None) == Measured.from_paper("no JSON") == Measured()


def test_a_paper_keeps_values_and_what_was_made_of_them():
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


def test_only_results_of_the_run_are_measured(plain):
    k = len(plain.results)
    with pytest.raises(DatasetError, match=f"no Result {k + 1}: the run has Result 1 to Result {k}"):
        validated(plain, Measurement(result=k, value=1))


def test_a_measurement_is_named_by_result_and_point(plain):
    assert measurement_name(plain, Measurement(result=1, value=1)) == "Result 2"
