"""A file becomes a dataset in one step, with roles proposed or said."""

import io

import numpy as np
import pandas as pd
import pytest

from models import PhysicalLimits
from services.intake.from_file import FileOptions, table_from_file
from services.intake.tables.cleaning import MissingPolicy
from services.intake.tables.limits import TableError


@pytest.fixture(scope="module")
def frame():
    """Forty batches: two numbers and a category that were set, strength and slump measured, one name each."""
    rng = np.random.default_rng(3)
    n = 40
    cement, water = rng.uniform(200, 400, n).round(), rng.uniform(150, 200, n).round()
    return pd.DataFrame(
        {
            "batch": [f"B{k:03d}" for k in range(n)],
            "cement [kg/m³]": cement,
            "water [kg/m³]": water,
            "plant": rng.choice(["north", "south"], n),
            "slump [mm]": (water * 0.8 + rng.normal(0, 4, n)).round(1),
            "strength [MPa]": (0.2 * cement - 0.15 * water + rng.normal(0, 1, n)).round(2),
        }
    )


def as_csv(frame, **how):
    return frame.to_csv(index=False, **how).encode()


def as_excel(frame):
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as book:
        pd.DataFrame({"notes": ["by hand"]}).to_excel(book, sheet_name="Notes", index=False)
        frame.to_excel(book, sheet_name="Batches", index=False)
    return buffer.getvalue()


def as_parquet(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def test_roles_units_and_limits_are_proposed(frame):
    table = table_from_file(as_csv(frame), "my_batches.csv")
    dataset = table.dataset
    assert dataset.name == "my batches" and dataset.n_rows == 40
    assert set(dataset.feature_names) == {"cement", "water", "plant"}
    assert set(dataset.outcome_names) == {"strength", "slump"}
    assert dataset.features[dataset.index("cement")].unit == "kg/m³"
    assert [each.name for each in dataset.labels] == ["batch"]
    assert dataset.for_outcome("strength").limits == PhysicalLimits(0.0)
    assert table.left_out() == {}


@pytest.mark.parametrize("write", [as_csv, as_excel, as_parquet], ids=["csv", "excel", "parquet"])
def test_every_kind_of_file_makes_the_same_rows(frame, write):
    by_kind = table_from_file(write(frame), "a.any").dataset
    by_csv = table_from_file(as_csv(frame), "a.csv").dataset
    assert by_kind.feature_names == by_csv.feature_names and by_kind.outcome_names == by_csv.outcome_names
    np.testing.assert_array_equal(by_kind.X, by_csv.X)
    np.testing.assert_array_equal(by_kind.y, by_csv.y)


def test_a_german_file_is_read_as_it_is_written(frame):
    dataset = table_from_file(as_csv(frame, sep=";", decimal=","), "a.csv").dataset
    np.testing.assert_array_equal(dataset.X, table_from_file(as_csv(frame), "a.csv").dataset.X)


def test_what_is_said_goes_before_what_is_proposed(frame):
    said = FileOptions(outcomes=("slump",), features=("water", "cement [kg/m³]"), sweep="water")
    dataset = table_from_file(as_csv(frame), "a.csv", said).dataset
    assert dataset.outcome_names == ("slump",)
    assert dataset.feature_names == ("water", "cement")
    assert dataset.sweep == "water"


def test_dropped_columns_are_taken_for_absent(frame):
    table = table_from_file(as_csv(frame), "a.csv", FileOptions(drop=("slump", "plant")))
    assert table.dataset.outcome_names == ("strength",)
    assert table.dataset.feature_names == ("cement", "water")
    assert {"slump", "plant"}.isdisjoint(s.name for s in table.summaries)


def test_the_likeliest_outcome_is_another_one_where_it_is_named_as_a_feature(frame):
    dataset = table_from_file(as_csv(frame), "a.csv", FileOptions(features=("cement", "strength"))).dataset
    assert dataset.outcome.name == "slump" and dataset.feature_names == ("cement", "strength")


def test_columns_without_a_role_say_why(frame):
    table = table_from_file(as_csv(frame.assign(empty=np.nan, same=3)), "a.csv", FileOptions(features=("cement",)))
    reasons = table.left_out()
    assert set(reasons) >= {"water", "plant", "same"}
    assert all(reasons.values())


def test_gaps_are_dropped_filled_or_refused(frame):
    holes = frame.copy()
    holes.loc[:2, "cement [kg/m³]"] = np.nan
    data = as_csv(holes)
    assert table_from_file(data, "a.csv").dataset.n_rows == 37
    filled = table_from_file(data, "a.csv", FileOptions(missing=MissingPolicy.FILL))
    assert filled.dataset.n_rows == 40
    with pytest.raises(TableError, match="Incomplete: 3 of 40 rows"):
        table_from_file(data, "a.csv", FileOptions(missing=MissingPolicy.REFUSE))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (FileOptions(outcomes=("wind",)), "The file has no column 'wind': it has batch, cement"),
        (FileOptions(drop=("wind",)), "no column 'wind'"),
        (FileOptions(sweep="wind"), "no column 'wind'"),
        (FileOptions(outcomes=("slump",), features=("slump",)), "'slump' cannot be an outcome and a feature"),
        (FileOptions(features=("water",), drop=("water",)), "'water' cannot be a feature and dropped"),
        (FileOptions(outcomes=("slump",), sweep="slump"), "'slump' is to be swept, so it has to be a feature"),
        (FileOptions(outcomes=("plant",)), "'plant' cannot be an outcome: it holds text"),
        (FileOptions(outcomes=("strength", "plant")), "An outcome has to be a number, but 'plant' holds text"),
        (FileOptions(features=("cement", "water", "slump", "strength")), "name the outcome, too"),
    ],
)
def test_what_cannot_be_is_refused_in_words(frame, options, words):
    with pytest.raises(TableError) as refused:
        table_from_file(as_csv(frame), "a.csv", options)
    assert words in str(refused.value)


def test_a_sheet_is_chosen_by_name(frame):
    data = as_excel(frame)
    assert table_from_file(data, "a.xlsx", FileOptions(sheet="Batches")).dataset.n_rows == 40
    with pytest.raises(TableError, match="nobody"):
        table_from_file(data, "a.xlsx", FileOptions(sheet="nobody"))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04broken", b"\x00\x01\x02", b"one column\n1\n2\n"])
def test_files_that_hold_no_table_are_refused(data):
    with pytest.raises(TableError):
        table_from_file(data, "a.csv")
