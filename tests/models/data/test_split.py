import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import Dataset, split_rows
from models.data.split import split_for_stopping

SHARES = {"validation_share": 0.15, "test_share": 0.15}


def curves(n_mixes: int, ages: list[int], sweep: str | None = "age") -> Dataset:
    rows = [(mix, 3 * mix % 7, age) for mix in range(n_mixes) for age in ages]
    frame = pd.DataFrame(rows, columns=["cement", "water", "age"]).astype(float)
    frame["strength"] = frame["cement"] + np.sqrt(frame["age"])
    features = ["cement", "water", "age"]
    return Dataset.from_frame(frame, name="curves", outcome="strength", features=features, sweep=sweep)


@settings(max_examples=30)
@given(st.integers(10, 60), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_every_row_is_on_one_side_and_groups_stay_together(n_mixes, n_ages, seed):
    dataset = curves(n_mixes, list(range(1, n_ages + 1)))
    split = split_rows(dataset, **SHARES, seed=seed)
    sides = [split.train, split.validation, split.test]
    assert sorted(np.concatenate(sides)) == list(range(dataset.n_rows))
    mixes = [set(dataset.X[rows, 0]) for rows in sides]
    assert all(mixes)
    assert not (mixes[0] & mixes[1] or mixes[0] & mixes[2] or mixes[1] & mixes[2])


def test_shares_are_kept():
    dataset = curves(100, [1, 3, 7, 28])
    split = split_rows(dataset, validation_share=0.2, test_share=0.1, seed=1)
    assert [len(split.train), len(split.validation), len(split.test)] == [280, 80, 40]


def test_the_same_seed_gives_the_same_split():
    dataset = curves(40, [1, 2])
    first, again, other = (split_rows(dataset, **SHARES, seed=seed).test for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_repeated_measurements_stay_together_without_a_sweep():
    dataset = curves(30, [1, 1], sweep=None)
    split = split_rows(dataset, **SHARES, seed=0)
    assert not set(dataset.X[split.train, 0]) & set(dataset.X[split.test, 0])


@pytest.mark.parametrize("n_mixes", [1, 2, 9])
def test_too_few_groups_are_split_by_rows(n_mixes):
    split = split_rows(curves(n_mixes, list(range(40))), **SHARES, seed=0)
    assert min(len(split.train), len(split.validation), len(split.test)) > 0


def test_one_huge_group_leaves_no_side_empty():
    frame = pd.DataFrame({"a": [1.0] * 90 + list(range(2, 12)), "y": np.arange(100.0)})
    dataset = Dataset.from_frame(frame, name="t", outcome="y", features=["a"])
    split = split_rows(dataset, **SHARES, seed=3)
    assert min(len(split.train), len(split.validation), len(split.test)) > 0


def test_the_sweep_as_the_only_feature():
    frame = pd.DataFrame({"age": np.arange(50.0), "y": np.arange(50.0)})
    split = split_rows(
        Dataset.from_frame(frame, name="t", outcome="y", features=["age"], sweep="age"), **SHARES, seed=0
    )
    assert len(split.test) == 8


@settings(max_examples=30)
@given(st.integers(2, 60), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_rows_of_some_mixes_are_split_for_stopping_alone(n_mixes, n_ages, seed):
    dataset = curves(60, list(range(1, n_ages + 1)))
    rows = np.flatnonzero(dataset.X[:, 0] < n_mixes)
    split = split_for_stopping(dataset, rows, 0.2, seed)
    assert sorted(np.concatenate([split.train, split.validation])) == list(rows)
    assert len(split.test) == 0
    assert min(len(split.train), len(split.validation)) > 0
    if n_mixes >= 10:
        assert not set(dataset.X[split.train, 0]) & set(dataset.X[split.validation, 0])
