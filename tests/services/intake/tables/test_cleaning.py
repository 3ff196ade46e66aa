"""From table and roles to a dataset: nothing is dropped without being counted and shown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models.data.dataset import ColumnKind, FilledGaps
from services.intake.tables.cleaning import MissingPolicy, absent_words, as_numbers, clean, says_missing, with_kinds
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table

DIRTY = "x,kind,note,y\n1,a,5,10\n2,b,n/a?,20\n,a,7,30\n4,,8,40\n5,b,9,inf\n6,a,10,60\n"


@pytest.fixture
def dirty():
    return read_table(DIRTY.encode(), "t.csv").frame


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


def test_rows_missing_only_in_unused_columns_stay():
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "note": [5.0, 6.0, 7.0], "y": [1.0, 2.0, 4.0]})
    assert cleaned(frame, features=["note"]).dataset.n_rows == 3


def test_text_as_outcome_is_refused(dirty):
    with pytest.raises(TableError, match="outcome must be numeric, but 'kind' holds text"):
        cleaned(dirty, outcome="kind", features=["x"])


WORDS = "ligand,dose,y\nnone,1,10\nXPhos,2,20\nn.a.,3,30\nSPhos,4,50\nnone,6,60\n"


def test_none_among_words_is_a_category_and_not_available_is_missing_unless_the_user_says_otherwise():
    frame = read_table(WORDS.encode(), "t.csv").frame
    assert [absent_words(frame[name]) for name in ("ligand", "dose")] == [("n.a.", "none"), ()]
    assert [says_missing(word) for word in ("n.a.", "NA", "none", "None", "XPhos")] == [True, True, False, False, False]
    usual = cleaned(frame, features=["ligand", "dose"])
    assert usual.dataset.features[0].categories == ("SPhos", "XPhos", "none")
    assert usual.dropped["reason"].tolist() == ["missing ligand"]
    assert usual.notices[0] == "Column 'ligand': n.a. counts as missing."
    other = cleaned(frame, features=["ligand", "dose"], missing_words=["none"])
    assert other.dataset.features[0].categories == ("SPhos", "XPhos", "n.a.")
    assert cleaned(frame, features=["ligand", "dose"], missing_words=()).dataset.n_rows == 5


def test_numbers_become_categories_and_texts_numbers_by_choice():
    frame = pd.DataFrame(
        {"machine": [10.0, 2.0, 10.0, np.nan], "heat": ["1.5", "2.5", "off", "4"], "y": [1.0, 2, 4, 5]},
        index=[2, 3, 4, 5],
    ).astype({"heat": "str"})
    kinds = {"machine": ColumnKind.CATEGORICAL, "heat": ColumnKind.NUMERIC}
    table = cleaned(frame, features=["machine", "heat"], kinds=kinds)
    assert table.dataset.features[0].categories == ("2", "10")
    assert not table.dataset.features[1].is_categorical
    assert table.dropped["reason"].tolist() == ["missing heat", "missing machine"]
    assert "Column 'heat': text in 1 cell counts as missing, the first is 'off' in row 4." in table.notices
    with pytest.raises(TableError, match="Column 'kind' holds no numbers: leave it a category"):
        with_kinds(pd.DataFrame({"kind": ["a", "b"]}).astype("str"), {"kind": ColumnKind.NUMERIC})


def test_gaps_of_features_are_filled_by_choice_and_the_table_says_so(dirty):
    table = cleaned(dirty, missing=MissingPolicy.FILL)
    dataset = table.dataset
    assert dataset.y.tolist() == [10, 20, 30, 40, 60]
    assert dataset.X[:, 0].tolist() == [1, 2, 4, 4, 6]
    assert dataset.features[1].categories == ("a", "b", "missing")
    assert dataset.filled == (FilledGaps("x", 1, "its median, 4"), FilledGaps("kind", 1, "the category 'missing'"))
    assert table.dropped["reason"].tolist() == ["infinite y"]
    assert dataset.digest != cleaned(dirty).dataset.digest


def test_the_outcome_is_never_filled(dirty):
    table = cleaned(dirty, outcome="x", features=["y", "kind"], missing=MissingPolicy.FILL)
    assert "missing x" in table.dropped["reason"].tolist()
    assert [gaps.feature for gaps in table.dataset.filled] == ["kind"]


def test_labels_stay_beside_their_rows_gaps_included():
    frame = pd.DataFrame(
        {
            "lot": ["A", None, "B", "B"],
            "made": ["2024-05-03", "2023-12-31", "2024-01-01", None],  # as the reader writes dates
            "run": [3.0, 1.0, np.nan, 2.0],
            "x": [1.0, 2.0, np.nan, 4.0],
            "y": [1.0, 2.0, 3.0, 5.0],
        }
    ).astype({"lot": "str", "made": "str"})
    dataset = cleaned(frame, features=["x"], labels=["made"], group="lot", order="run").dataset
    assert [label.name for label in dataset.labels] == ["made", "lot", "run"]
    assert dataset.label("made").values.tolist() == ["2024-05-03", "2023-12-31", ""]
    assert dataset.label("lot").values.tolist() == ["A", "", "B"]
    assert dataset.label("run").values.tolist() == [3, 1, 2]
    assert (dataset.group, dataset.order) == ("lot", "run")


def test_a_label_is_no_feature(dirty):
    with pytest.raises(TableError, match="'x' cannot label the rows and be a feature"):
        cleaned(dirty, labels=["x"])


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


def test_as_numbers():
    frame = pd.DataFrame({"note": ["5", "n/a?"], "y": [1.0, 2.0]}, index=[2, 3]).astype({"note": "str"})
    assert as_numbers(frame, "note").tolist()[0] == 5
    assert np.isnan(as_numbers(frame, "note").tolist()[1])
    assert as_numbers(frame, "y").index.equals(frame.index)
    with pytest.raises(TableError, match="no column 'absent'"):
        as_numbers(frame, "absent")


def test_the_given_frame_is_not_changed(dirty):
    before = dirty.copy()
    cleaned(dirty, missing=MissingPolicy.FILL, kinds={"x": ColumnKind.CATEGORICAL}, labels=["note"])
    pd.testing.assert_frame_equal(dirty, before)


numbers = st.sampled_from([1.0, 2.0, 3.5, np.nan, np.inf, -np.inf])


@given(
    rows=st.lists(st.tuples(numbers, numbers, st.sampled_from(["a", "b", None])), min_size=1, max_size=12),
    missing=st.sampled_from([MissingPolicy.DROP, MissingPolicy.FILL]),
)
def test_every_row_is_kept_or_shown(rows, missing):
    frame = pd.DataFrame(rows, columns=["x", "y", "kind"]).astype({"kind": "str"})
    try:
        table = cleaned(frame, missing=missing)
    except TableError:
        return
    assert table.dataset.n_rows + len(table.dropped) == table.n_rows_read == len(rows)
    assert (table.dropped["reason"] != "").all()


SEVERAL = pd.DataFrame(
    {
        "x": [1.0, 2, 3, np.nan, 5, 6],
        "yield": [10.0, np.nan, 30, 40, np.nan, 60],
        "purity": [np.nan, 2.0, 3, 4, np.nan, np.inf],
    }
)


def several(frame=SEVERAL, **changes):
    return cleaned(frame, **{"outcome": "yield", "features": ["x"], "other_outcomes": ["purity"]} | changes)


def test_a_row_stays_where_any_of_several_outcomes_was_measured():
    table = several(units={"purity": "%"})
    np.testing.assert_array_equal(table.dataset.X[:, 0], [1, 2, 3])
    np.testing.assert_array_equal(table.dataset.y, [10, np.nan, 30])
    np.testing.assert_array_equal(table.dataset.measured("purity"), [np.nan, 2, 3])
    assert table.dataset.outcomes[1].unit == "%"
    assert table.dropped["reason"].tolist() == ["missing x", "missing yield, missing purity", "infinite purity"]


def test_gaps_of_outcomes_are_never_filled():
    table = several(missing=MissingPolicy.FILL)
    np.testing.assert_array_equal(table.dataset.measured("purity"), [np.nan, 2, 3, 4])
    assert table.dataset.X[:, 0].tolist() == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"other_outcomes": ["absent"]}, r"no column \['absent'\]"),
        ({"other_outcomes": ["x"]}, "'x' is an outcome, so it cannot be a feature too"),
        ({"frame": SEVERAL.assign(purity=np.nan)}, "outcome 'purity' is empty in every complete row"),
        ({"frame": SEVERAL.assign(purity=4.0)}, "outcome 'purity' is 4 in every complete row"),
        ({"frame": SEVERAL.assign(purity=list("abcdef"))}, "outcome must be numeric, but 'purity' holds text"),
        ({"labels": ["purity"]}, "'purity' cannot label the rows"),
    ],
)
def test_impossible_outcomes_are_refused(changes, message):
    with pytest.raises(TableError, match=message):
        several(**changes)


def test_an_outcome_named_twice_counts_once():
    assert several(other_outcomes=["purity", "yield", "purity"]).dataset.outcome_names == ("yield", "purity")
