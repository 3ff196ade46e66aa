"""What is said about each column, and what is proposed for it."""

import numpy as np
import pandas as pd
import pytest

from services.intake.tables.columns import Roles, SummaryKind, propose_roles, summarise
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table


def frame_of(text):
    return read_table(text.encode(), "t.csv").frame


def only(frame):
    (summary,) = summarise(frame)
    return summary


def test_numbers():
    summary = only(pd.DataFrame({"x": [1.0, 2.0, 6.0]}))
    assert (summary.kind, summary.low, summary.high, summary.mean) == (SummaryKind.NUMERIC, 1, 6, 3)
    assert (summary.n_distinct, summary.problem, summary.is_usable) == (3, "", True)


def test_missing_and_infinite_numbers_are_counted_apart():
    summary = only(pd.DataFrame({"x": [1.0, np.nan, np.inf, -np.inf, 2.0]}))
    assert (summary.n_missing, summary.n_infinite, summary.n_distinct, summary.high) == (1, 2, 2, 2.0)
    assert summary.problem == "missing in 1 and infinite in 2 of 5 rows: such rows cannot be used"
    assert summary.is_usable


def test_text_in_a_column_of_numbers_names_row_and_value():
    cells = [str(i / 2) if i not in (15, 40) else "n/a?" for i in range(100)]
    summary = only(pd.DataFrame({"b": pd.Series(cells, index=range(2, 102), dtype="str")}))
    assert summary.kind is SummaryKind.TEXT
    assert summary.problem.startswith("text in 2 of 100 cells, first in row 17: 'n/a?'")
    assert (summary.n_text, summary.high, summary.is_usable) == (2, 49.5, False)


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
    summary = only(pd.DataFrame({"x": values}))
    assert summary.problem.startswith(problem)
    assert not summary.is_usable


def test_a_column_that_numbers_the_rows_is_no_property():
    assert not only(pd.DataFrame({"No.": range(1, 21)})).is_usable
    assert only(pd.DataFrame({"day": range(1, 21)})).is_usable
    assert only(pd.DataFrame({"No.": [3, 1, 2] * 7})).is_usable


def test_categories():
    summary = only(pd.DataFrame({"x": ["a", "b", None, "a"]}))
    assert (summary.kind, summary.n_missing, summary.n_distinct) == (SummaryKind.CATEGORICAL, 1, 2)
    assert summary.low is None


class TestRoles:
    def propose(self, frame):
        return propose_roles(frame, summarise(frame))

    def test_last_usable_number_is_the_outcome_and_the_rest_features(self):
        frame = pd.DataFrame(
            {"id": range(20), "kind": ["a", "b"] * 10, "x": np.arange(20) ** 2, "y": np.arange(20.0) % 7, "same": 1}
        )
        assert self.propose(frame) == Roles("y", ("kind", "x"))

    @pytest.mark.parametrize("name", ["age", "Age (days)", "curing time", "Day"])
    def test_a_varying_time_is_the_sweep(self, name):
        frame = pd.DataFrame({"x": [1, 2, 4, 3], name: [1, 7, 28, 7], "y": [1.0, 2, 3, 4]})
        assert self.propose(frame).sweep == name

    @pytest.mark.parametrize(
        ("name", "values"), [("age", [7, 7, 7, 7]), ("dosage", [1, 2, 3, 4]), ("age", list("abca"))]
    )
    def test_no_sweep_without_varying_time(self, name, values):
        frame = pd.DataFrame({"x": [1, 2, 4, 3], name: values, "y": [1.0, 2, 3, 4]})
        assert self.propose(frame).sweep is None

    def test_shares_that_add_up_are_parts(self):
        rng = np.random.default_rng(0)
        shares = pd.DataFrame(rng.dirichlet([2, 3, 4, 5], 60) * 100, columns=["a", "b", "c", "d"])
        frame = shares.assign(temperature=rng.uniform(20, 90, 60), y=rng.random(60))
        assert self.propose(frame).parts == ("a", "b", "c", "d")

    def test_independent_columns_are_no_parts(self):
        rng = np.random.default_rng(1)
        for low, high in ((0, 1), (95, 105)):
            frame = pd.DataFrame(rng.uniform(low, high, (60, 5)), columns=list("abcdy"))
            assert self.propose(frame).parts == ()

    @pytest.mark.parametrize("text", ["a,b\nx,y\nz,u\n", "a,b\n1,x\n1,y\n"])
    def test_nothing_to_predict(self, text):
        with pytest.raises(TableError, match="No column holds numbers that vary"):
            self.propose(frame_of(text))

    def test_nothing_to_predict_from(self):
        with pytest.raises(TableError, match="Only 'y' can be used"):
            self.propose(frame_of("y\n1\n2\n"))
