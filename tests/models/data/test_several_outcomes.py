"""Datasets with several measured outcomes: rows where one is missing serve the others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models import Dataset, DatasetError, OtherOutcome, PhysicalLimits, TrainingError, TrainingSettings, train
from models.data.dataset import Column

NAN = float("nan")
FRAME = pd.DataFrame(
    {
        "temp": [60.0, 70, 80, 90],
        "catalyst": ["Pt", "Ni", "Pt", "Ni"],
        "batch": ["a", "b", "c", "d"],
        "yield": [50.0, NAN, 70.5, 80],
        "impurity": [NAN, 2.0, 3, 4],
        "energy": [10.0, 11, 13, 12],
    }
)
UNITS = {"yield": "%", "energy": "kWh", "temp": "°C"}


def dataset_of(frame=FRAME, **changes):
    given = {"outcome": "yield", "features": ["temp", "catalyst"], "labels": ["batch"], "units": UNITS}
    return Dataset.from_frame(frame, name="t", **given | {"other_outcomes": ["impurity", "energy"]} | changes)


def test_every_row_with_a_measured_outcome_is_kept():
    dataset = dataset_of()
    assert dataset.n_rows == 4 and dataset.outcome_names == ("yield", "impurity", "energy")
    assert [column.unit for column in dataset.outcomes] == ["%", "", "kWh"]
    assert [column.is_integer for column in dataset.outcomes] == [False, True, True]
    assert dataset.units == UNITS
    np.testing.assert_array_equal(dataset.measured("yield"), [50, NAN, 70.5, 80])
    np.testing.assert_array_equal(dataset.measured("impurity"), [NAN, 2, 3, 4])
    pd.testing.assert_frame_equal(dataset.to_frame(), FRAME.drop(columns="batch"), check_dtype=False)


def test_one_outcome_has_its_own_rows_as_an_ordinary_dataset():
    dataset = dataset_of()
    impurity = dataset.for_outcome("impurity")
    assert (impurity.outcome.name, impurity.other_outcomes, impurity.n_rows) == ("impurity", (), 3)
    np.testing.assert_array_equal(impurity.y, [2, 3, 4])
    np.testing.assert_array_equal(impurity.X[:, 0], [70, 80, 90])
    np.testing.assert_array_equal(impurity.numbers, [2, 3, 4])
    assert impurity.label("batch").values.tolist() == ["b", "c", "d"]
    assert impurity.features == dataset.features
    assert dataset.for_outcome("energy").n_rows == 4
    assert dataset.for_outcome("energy").row_numbers is None


def test_it_is_the_dataset_that_the_rows_alone_would_make():
    alone = FRAME.dropna(subset="yield").drop(columns=["impurity", "energy"])
    assert dataset_of().for_outcome("yield").digest == dataset_of(alone, other_outcomes=[]).digest


def test_one_outcome_alone_is_its_own_dataset():
    dataset = dataset_of().for_outcome("energy")
    assert dataset.for_outcome("energy") is dataset
    with pytest.raises(DatasetError, match=r"There is no outcome 'yield'; the outcomes are \('energy',\)"):
        dataset.for_outcome("yield")


def test_rows_keep_all_their_outcomes():
    taken = dataset_of().taken(np.array([3, 1]))
    np.testing.assert_array_equal(taken.y, [80, NAN])
    np.testing.assert_array_equal(taken.measured("impurity"), [4, 2])
    kept = taken.with_features([Column("temp")], taken.X[:, :1])
    assert kept.outcome_names == ("yield", "impurity", "energy")
    with pytest.raises(DatasetError, match="'yield' was measured in none of 1 rows"):
        dataset_of().taken(np.array([1])).for_outcome("yield")


def test_each_has_limits_of_its_own():
    limits = {"impurity": PhysicalLimits(0, 100)}
    dataset = dataset_of(limits=PhysicalLimits(0), other_limits=limits)
    assert dataset.for_outcome("yield").limits == PhysicalLimits(0)
    assert dataset.for_outcome("impurity").limits == PhysicalLimits(0, 100)
    assert dataset.for_outcome("energy").limits.is_open
    with pytest.raises(DatasetError, match="of impurity is set to 3, but 1 recorded row lies above it: 4 in row 4"):
        dataset_of(other_limits={"impurity": PhysicalLimits(high=3)})


def test_the_digest_knows_all_that_was_measured():
    dataset = dataset_of()
    (impurity, energy), open_ends = dataset.other_outcomes, PhysicalLimits(0)
    others = [
        dataset,
        dataset_of(other_outcomes=["energy", "impurity"]),
        dataset_of(other_outcomes=["energy"], frame=FRAME.dropna()),
        dataset_of().for_outcome("energy"),
        dataset_of().for_outcome("yield"),
        replace(dataset, other_outcomes=(replace(impurity, limits=open_ends), energy)),
        replace(dataset, other_outcomes=(impurity, replace(energy, column=replace(energy.column, unit="MJ")))),
        replace(dataset, other_outcomes=(impurity, replace(energy, values=energy.values + 1))),
        replace(dataset, other_outcomes=(replace(impurity, values=np.array([1.0, 2, 3, 4])), energy)),
    ]
    assert len({each.digest for each in others}) == len(others)


def test_all_gaps_are_the_same_gap():
    dataset = dataset_of()
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(float)[0]
    y = np.where(np.isnan(dataset.y), other_nan, dataset.y)
    assert replace(dataset, y=y).digest == dataset.digest


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"other_outcomes": ["absent"]}, r"lacks \['absent'\]"),
        ({"other_outcomes": ["catalyst"]}, "The outcome must be numeric, 'catalyst' holds text"),
        ({"other_outcomes": ["temp"]}, "as a feature or as an outcome"),
        ({"other_outcomes": ["impurity", "impurity"]}, "as a feature or as an outcome"),
        ({"other_outcomes": []}, "Missing or infinite values"),
        ({"frame": FRAME.assign(energy=[1, 2, np.inf, 4])}, "Missing or infinite values"),
        ({"frame": FRAME.assign(energy=[NAN, 1, 2, 3], **{"yield": [NAN, 1, 2, 4]})}, "In row 1 none of the outcomes"),
        ({"labels": ["energy"]}, "A label is neither a feature nor the outcome"),
    ],
)
def test_impossible_outcomes_are_refused(changes, words):
    with pytest.raises(DatasetError, match=words):
        dataset_of(**changes)


def test_two_outcomes_that_say_the_same_are_refused():
    frame = pd.concat([FRAME] * 3, ignore_index=True)
    with pytest.raises(DatasetError, match="'yield' and 'energy' are the same in all 9 rows that have both: leave one"):
        dataset_of(frame.assign(energy=frame["yield"]))
    dataset_of(FRAME.assign(energy=[50, 11, 70.5, 80]))  # in so few rows it may be chance


def test_an_outcome_has_a_value_or_a_gap_for_each_row():
    with pytest.raises(DatasetError, match="for each of 4 rows"):
        replace(dataset_of(), other_outcomes=(OtherOutcome(Column("a"), np.ones(3)),))


def test_a_model_learns_the_rows_of_one_outcome():
    with pytest.raises(TrainingError, match=r"'yield' was not measured in 1 of 20 rows: .*for_outcome"):
        frame = pd.concat([FRAME] * 5, ignore_index=True).assign(temp=np.arange(20.0))
        frame.loc[3:, "yield"] = np.arange(17.0)
        train(dataset_of(frame), TrainingSettings())


cells = st.lists(st.tuples(*[st.none() | st.floats(-1e6, 1e6)] * 2, st.floats(-1e6, 1e6)), min_size=2, max_size=6)


@given(cells)
def test_no_measured_value_is_lost(rows):
    y, others = (
        np.array([r[0] for r in rows], dtype=float),
        [np.array([r[i] for r in rows], dtype=float) for i in (1, 2)],
    )
    dataset = Dataset(
        "t",
        (Column("x"),),
        Column("a"),
        np.arange(len(rows), dtype=float)[:, None],
        y,
        other_outcomes=tuple(OtherOutcome(Column(name), each) for name, each in zip("bc", others, strict=True)),
    )
    for name, values in zip("abc", (y, *others), strict=True):
        if np.isfinite(values).any():
            alone = dataset.for_outcome(name)
            np.testing.assert_array_equal(alone.y, values[np.isfinite(values)])
            np.testing.assert_array_equal(alone.X[:, 0], np.flatnonzero(np.isfinite(values)))
