"""What is said about each column."""

import numpy as np
import pandas as pd
import pytest

from services.intake.roles.summaries import SummaryKind, summarise


def only(values):
    (summary,) = summarise(pd.DataFrame({"x": values}))
    return summary


def test_numbers():
    summary = only([1.0, 2.0, 6.0])
    assert (summary.kind, summary.low, summary.high, summary.mean) == (SummaryKind.NUMERIC, 1, 6, 3)
    assert (summary.n_distinct, summary.problem, summary.is_usable) == (3, "", True)


def test_missing_and_infinite_numbers_are_counted_apart():
    summary = only([1.0, np.nan, np.inf, -np.inf, 2.0])
    assert (summary.n_missing, summary.n_infinite, summary.n_distinct, summary.high) == (1, 2, 2, 2.0)
    assert summary.problem == "missing in 1 and infinite in 2 of 5 rows"
    assert summary.is_usable and summary.is_number and summary.distinct_share == 1


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([3, 3, 3], "constant (3 in every row): it cannot help a model"),
        (["a", "a", "a"], "constant ('a' in every row): it cannot help a model"),
        ([np.nan, np.nan], "no values: leave it out"),
        ([None, None], "no values: leave it out"),
        ([f"t{i % 60}" for i in range(200)], "60 different texts, at most 50 can be categories"),
        ([f"t{i}" for i in range(20)], "another text in every row"),
    ],
)
def test_useless_columns_say_why(values, problem):
    summary = only(values)
    assert summary.problem.startswith(problem)
    assert not summary.is_usable


def test_categories():
    summary = only(["a", "b", None, "a"])
    assert (summary.kind, summary.n_missing, summary.n_distinct) == (SummaryKind.CATEGORICAL, 1, 2)
    assert summary.low is None


@pytest.mark.parametrize("mark", ["x", "X", "yes", "ja", "✓"])
def test_a_mark_in_a_few_rows_is_a_category_of_two(mark):
    summary = only([mark] + [None] * 9)
    assert (summary.kind, summary.n_distinct, summary.is_usable) == (SummaryKind.CATEGORICAL, 2, True)
    assert not summary.is_mostly_empty and not summary.problem
    assert not only([mark] * 9).is_usable and not only(["copper"] + [None] * 9).is_usable


@pytest.mark.parametrize(("n_missing", "is_empty"), [(0, False), (5, False), (6, True), (10, True)])
def test_more_than_half_of_the_cells_make_a_column_mostly_empty(n_missing, is_empty):
    assert only([np.nan] * n_missing + [1.0] * (10 - n_missing)).is_mostly_empty == is_empty
