import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models import CallablePredictor, Dataset
from services.catalog.loading import ModelWithData
from services.catalog.rows import AskedOnce, RowBudget, RowsSpentError, tried


class Sums:
    """A function that keeps the rows that it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, X):
        self.asked += X.tolist()
        return np.where(X[:, 0] < 0, np.nan, X.sum(axis=1))


@pytest.fixture
def sums():
    return Sums()


@pytest.fixture
def once(sums):
    return AskedOnce(CallablePredictor(("a", "b"), sums))


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(0, 10, (40, 2)), columns=["a", "b"])
    frame["y"] = frame["a"] ** 2 + frame["b"]
    return Dataset.from_frame(frame, name="plane", outcome="y", features=["a", "b"])


def test_a_row_is_asked_once_within_a_call_and_over_calls(once, sums):
    assert once.predict(np.array([[1.0, 2], [3, 4], [1, 2]])).tolist() == [3, 7, 3]
    assert once.predict(np.array([[3.0, 4], [5, 6]])).tolist() == [7, 11]
    assert sums.asked == [[1, 2], [3, 4], [5, 6]]
    assert once.took.n_rows == 3


def test_zero_with_a_sign_is_the_same_and_no_number_is_an_answer(once, sums):
    assert once.predict(np.array([[0.0, 1], [-0.0, 1]])).tolist() == [1, 1]
    assert np.isnan(once.predict(np.array([[-1.0, 1], [-1, 1]]))).all()
    once.predict(np.array([[-1.0, 1]]))
    assert len(sums.asked) == 2


def test_nothing_is_asked_for_no_rows(once, sums):
    assert once.predict(np.empty((0, 2))).shape == (0,)
    assert sums.asked == []


def test_a_failure_of_the_function_leaves_its_rows_unknown():
    def fails(X):
        raise RuntimeError("the plant is off")

    once = AskedOnce(CallablePredictor(("a",), fails))
    with pytest.raises(RuntimeError, match="the plant is off"):
        once.predict(np.ones((2, 1)))
    assert len(once.answers) == 0


def test_a_budget_refuses_before_anything_is_asked(dataset, sums):
    counted = ModelWithData.of_callable(dataset, sums).counted(RowBudget(10)).predictor
    with pytest.raises(RowsSpentError, match=r"asks 40 rows more of the function, and the budget has 9 left: raise"):
        counted.predict(dataset.X)
    assert sums.asked == []
    assert len(counted.predict(dataset.X[:9])) == 9


def test_a_row_counts_once_in_a_run_and_anew_in_the_next_though_it_is_known(dataset, sums):
    model_data = ModelWithData.of_callable(dataset, sums)
    for _ in range(2):
        rows = RowBudget(100)
        counted = model_data.counted(rows).predictor
        counted.predict(dataset.X[:7])
        counted.predict(dataset.X[:8])
        assert rows.n_asked == 8
    assert len(sums.asked) == 8


def test_several_functions_share_a_budget(dataset):
    first, second = (ModelWithData.of_callable(dataset, Sums()) for _ in range(2))
    rows = RowBudget(100)
    for each in (first, second):
        each.counted(rows).predictor.predict(dataset.X[:5])
    assert rows.n_asked == 10


def test_a_corrected_function_counts_as_well(dataset, sums):
    corrected = ModelWithData.of_callable(dataset, sums).corrected()
    assert len(sums.asked) == 40 and len(corrected.functions) == 1
    rows = RowBudget(100)
    counted = corrected.counted(rows)
    X = dataset.X[:3] + 0.1
    expected = corrected.predictor.predict(X)
    np.testing.assert_array_equal(counted.predictor.predict(X), expected)
    mean, errors = counted.confidence.predict_with_uncertainty(X)
    np.testing.assert_array_equal(mean, expected)
    np.testing.assert_array_equal(errors, corrected.confidence.predict_with_uncertainty(X)[1])
    assert rows.n_asked == 3 and len(sums.asked) == 43


def test_a_fast_function_is_asked_as_it_comes(dataset, sums):
    model_data = ModelWithData.of_callable(dataset, sums, is_fast=True)
    model_data.predictor.predict(dataset.X[[0, 0]])
    assert len(sums.asked) == 2 and model_data.functions == ()


@given(st.integers(1, 100_000), st.integers(1, 500))
def test_search_and_checks_fit_into_the_budget(n_rows, n_each):
    rows = RowBudget(n_rows, n_each)
    assert rows.n_candidates * n_each + rows.n_kept <= max(n_rows, rows.n_kept)
    assert rows.n_few * n_each <= rows.n_kept / 4


@given(st.integers(1, 1_000), st.integers(1, 200))
def test_the_budget_that_is_asked_for_is_enough_and_no_more(n_candidates, n_each):
    n = RowBudget(1, n_each).rows_for(n_candidates)
    assert RowBudget(n, n_each).n_candidates >= n_candidates
    assert RowBudget(n - 1, n_each).n_candidates < n_candidates


def test_what_is_left_out_is_said_once():
    rows = RowBudget(10)

    def ask():
        rows.check(1_200)
        return "asked"

    assert tried(None, "This", lambda: "asked") == "asked"
    assert tried(rows, "This was not checked", ask) is None
    assert tried(rows, "This was not checked", ask) is None
    assert tried(rows, "That", lambda: 3) == 3
    assert rows.notes == ["This was not checked: that would have asked 1,200 rows more."]
