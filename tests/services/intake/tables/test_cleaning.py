"""From table and roles to a dataset: nothing is dropped without being counted and shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from services.intake.tables.cleaning import MissingPolicy, as_numbers, clean
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table

DIRTY = "x,kind,note,y\n1,a,5,10\n2,b,n/a?,20\n,a,7,30\n4,,8,40\n5,b,9,inf\n6,a,10,60\n"


@pytest.fixture
def dirty():
    frame = read_table(DIRTY.encode(), "t.csv").frame
    return frame.assign(note=pd.Series(["5", "n/a?", "7", "8", "9", "10"], index=frame.index, dtype="str"))


def cleaned(frame, **changes):
    given_roles = {"name": "t", "outcome": "y", "features": ["x", "kind"]} | changes
    return clean(frame, **given_roles)


def test_incomplete_rows_are_dropped_counted_and_shown(dirty):
    table = cleaned(dirty)
    assert table.dataset.y.tolist() == [10, 20, 60]
    assert table.n_rows_read == 6
    assert table.dropped["row"].tolist() == [4, 5, 6]
    assert table.dropped["reason"].tolist() == ["missing x", "missing kind", "infinite y"]
    assert table.dropped.columns.tolist() == ["row", "reason", "x", "kind", "y"]
    assert table.notices == ("Dropped: 3 of 6 rows, because values are missing or infinite.",)


def test_incomplete_rows_are_refused_by_choice(dirty):
    with pytest.raises(TableError, match=r"3 of 6 rows, the first is row 4 \(missing x\)"):
        cleaned(dirty, missing=MissingPolicy.REFUSE)


def test_rows_missing_only_in_unused_columns_stay(dirty):
    assert cleaned(dirty, features=["note"], text_as_missing=True).dataset.n_rows == 4


def test_text_among_numbers_counts_as_missing_by_choice(dirty):
    table = cleaned(dirty, features=["x", "note"], text_as_missing=True)
    assert table.dataset.y.tolist() == [10, 40, 60]
    assert "Column 'note': text in 1 cell counts as missing." in table.notices
    assert "text in note" in table.dropped["reason"].tolist()
    assert table.dropped.loc[table.dropped["reason"] == "text in note", "note"].tolist() == ["n/a?"]


def test_text_in_the_outcome_is_refused_until_chosen(dirty):
    with pytest.raises(TableError, match=r"'note' holds text in 1 cell, the first is 'n/a\?' in row 3"):
        cleaned(dirty, outcome="note")
    assert cleaned(dirty, outcome="note", text_as_missing=True).dataset.outcome.name == "note"


def test_text_as_outcome_is_refused(dirty):
    with pytest.raises(TableError, match="outcome must be numeric, but 'kind' holds text"):
        cleaned(dirty, outcome="kind", features=["x"])


def test_a_column_that_is_partly_text_can_serve_as_categories(dirty):
    column = cleaned(dirty, features=["note"]).dataset.features[0]
    assert column.is_categorical
    assert "n/a?" in column.categories


def test_constant_features_are_taken_off_with_a_notice():
    frame = pd.DataFrame({"x": [1, 2, 3], "same": 7, "kind": "a", "y": [1.0, 2, 4]})
    table = cleaned(frame, features=["x", "same", "kind"], parts=["x", "same"])
    assert table.dataset.feature_names == ("x",)
    assert table.dataset.parts == ("x",)
    assert table.notices == (
        "'same' was taken off the features: it is 7 in every row.",
        "'kind' was taken off the features: it is 'a' in every row.",
    )


def test_a_constant_sweep_is_no_sweep():
    table = cleaned(pd.DataFrame({"x": [1, 2], "age": 28, "y": [1.0, 2]}), features=["x", "age"], sweep="age")
    assert table.dataset.sweep is None
    assert "no curve" in table.notices[-1]


def test_roles_and_units_arrive():
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1], "age": [1, 28], "y": [1.0, 2]})
    dataset = clean(
        frame, name="n", outcome="y", features=["a", "b", "age"], sweep="age", parts=["a", "b"], units={"y": "MPa"}
    ).dataset
    assert (dataset.name, dataset.sweep, dataset.parts, dataset.outcome.unit) == ("n", "age", ("a", "b"), "MPa")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": []}, "No feature is chosen"),
        ({"features": ["absent"]}, r"no column \['absent'\]: it has x, text, same, y"),
        ({"outcome": "absent"}, r"no column \['absent'\]"),
        ({"features": ["x", "y"]}, "'y' is the outcome"),
        ({"features": ["text"]}, "60 different texts, at most 50"),
        ({"features": ["same"]}, "Every chosen feature is the same in all 60 rows"),
        ({"outcome": "same"}, "outcome 'same' is 1 in every complete row"),
        ({"parts": ["text"]}, "parts must be numeric features"),
        ({"sweep": "text"}, "sweep feature must be numeric features"),
    ],
)
def test_impossible_roles_are_refused_in_plain_words(changes, message):
    frame = pd.DataFrame({"x": np.arange(60), "text": [f"t{i}" for i in range(60)], "same": 1, "y": np.arange(60.0)})
    with pytest.raises(TableError, match=message):
        cleaned(frame, **({"features": ["x"]} | changes))


def test_no_complete_row():
    frame = pd.DataFrame({"x": [1, None], "z": [None, 2], "y": [1.0, 2]})
    with pytest.raises(TableError, match="No row is complete in all 3 chosen columns"):
        cleaned(frame, features=["x", "z"])


def test_as_numbers(dirty):
    assert as_numbers(dirty, "note").tolist()[0] == 5
    assert np.isnan(as_numbers(dirty, "note").tolist()[1])
    assert as_numbers(dirty, "y").index.equals(dirty.index)
    with pytest.raises(TableError, match="no column 'absent'"):
        as_numbers(dirty, "absent")


def test_the_given_frame_is_not_changed(dirty):
    before = dirty.copy()
    cleaned(dirty, features=["x", "kind", "note"], text_as_missing=True)
    pd.testing.assert_frame_equal(dirty, before)


numbers = st.sampled_from([1.0, 2.0, 3.5, np.nan, np.inf, -np.inf])


@given(rows=st.lists(st.tuples(numbers, numbers, st.sampled_from(["a", "b", None])), min_size=1, max_size=12))
def test_every_row_is_kept_or_shown(rows):
    frame = pd.DataFrame(rows, columns=["x", "y", "kind"]).astype({"kind": "str"})
    try:
        table = cleaned(frame)
    except TableError:
        return
    assert table.dataset.n_rows + len(table.dropped) == table.n_rows_read == len(rows)
    assert (table.dropped["reason"] != "").all()
