"""Which rows a model learns from, and those of each member."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import Dataset
from models.data.split import (
    Split,
    keeps_batches,
    member_rows,
    resampled_rows,
    row_groups,
    split_for_stopping,
    split_rows,
)

SHARES = {"validation_share": 0.15, "test_share": 0.15}


def curves(n_mixes: int, ages: list[int], sweep: str | None = "age") -> Dataset:
    rows = [(mix, 3 * mix % 7, age) for mix in range(n_mixes) for age in ages]
    frame = pd.DataFrame(rows, columns=["cement", "water", "age"]).astype(float)
    frame["strength"] = frame["cement"] + np.sqrt(frame["age"])
    features = ["cement", "water", "age"]
    return Dataset.from_frame(frame, name="curves", outcome="strength", features=features, sweep=sweep)


@settings(max_examples=30)
@given(st.integers(5, 60), st.integers(1, 5), st.integers(0, 2**32 - 1))
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


@pytest.mark.parametrize("n_mixes", [1, 2, 4])
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
    if n_mixes >= 5:
        assert not set(dataset.X[split.train, 0]) & set(dataset.X[split.validation, 0])


def split_of(n_rows: int, seed: int, n_validation: int) -> Split:
    order = np.random.default_rng(seed).permutation(n_rows)
    test, validation, train = np.split(order, [n_rows // 6, n_rows // 6 + n_validation])
    return Split(np.sort(train), np.sort(validation), np.sort(test))


@given(
    n_rows=st.integers(30, 200),
    n_groups=st.integers(12, 200),
    n_members=st.integers(2, 9),
    n_validation=st.integers(2, 10),
    seed=st.integers(0, 99),
)
def test_members_leave_out_rows_of_their_own(n_rows, n_groups, n_members, n_validation, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(n_groups, size=n_rows)
    split = split_of(n_rows, seed, n_validation)
    of_train, of_validation = member_rows(split, groups, n_members, rng)
    known = np.sort(np.concatenate([split.train, split.validation]))
    assert len(of_train) == len(of_validation) == n_members
    for train, validation in zip(of_train, of_validation, strict=True):
        np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), known)
        assert not np.isin(groups[train], groups[validation]).any()
        assert len(train) > 0
        assert len(validation) >= n_validation


def test_few_members_leave_out_different_rows():
    split = split_of(200, 0, 25)
    _, of_validation = member_rows(split, np.arange(200), 5, np.random.default_rng(0))
    assert {len(each) for each in of_validation} == {25}
    assert len(np.unique(np.concatenate(of_validation))) == 5 * 25


def test_one_member_alone_has_the_rows_of_the_split():
    split = split_of(60, 0, 9)
    (train,), (validation,) = member_rows(split, np.arange(60), 1, np.random.default_rng(0))
    assert train is split.train
    assert validation is split.validation


def test_where_one_group_is_all_the_split_decides():
    split = split_of(60, 0, 9)
    of_train, of_validation = member_rows(split, np.zeros(60, dtype=int), 2, np.random.default_rng(0))
    assert all(each is split.train for each in of_train)
    assert all(each is split.validation for each in of_validation)


@given(n_rows=st.integers(2, 90), n_groups=st.integers(1, 90), seed=st.integers(0, 99))
def test_resampling_draws_as_many_rows_and_whole_groups(n_rows, n_groups, seed):
    rng = np.random.default_rng(seed)
    rows, groups = rng.permutation(1_000)[:n_rows], rng.integers(n_groups, size=n_rows)
    drawn = resampled_rows(rows, groups, 4, rng)
    assert drawn.shape == (4, n_rows)
    assert np.isin(drawn, rows).all()
    group_of, sizes = dict(zip(rows, groups, strict=True)), np.bincount(groups)
    for member in drawn:
        counts = np.bincount([group_of[row] for row in member], minlength=len(sizes))
        cut = (counts % np.where(sizes > 0, sizes, 1)).astype(bool)
        assert cut.sum() <= 1  # the last group drawn, of which there is what there was room for


def test_resampling_repeats_rows():
    rows = np.arange(100)
    drawn = resampled_rows(rows, rows, 200, np.random.default_rng(0))
    share = np.mean([len(np.unique(member)) for member in drawn]) / 100
    assert share == pytest.approx(1 - np.exp(-1), abs=0.02)


def test_one_member_alone_is_not_resampled():
    rows = np.array([4, 2, 9])
    np.testing.assert_array_equal(resampled_rows(rows, np.zeros(3, int), 1, np.random.default_rng(0)), rows[None])


def labelled(batches, n_settings=None, name="batch"):
    n = len(batches)
    settings = np.arange(n) if n_settings is None else np.arange(n) % n_settings
    frame = pd.DataFrame({"x": settings.astype(float), name: batches, "y": np.arange(float(n))})
    return Dataset.from_frame(frame, name="t", outcome="y", features=["x"], labels=[name], group=name)


@settings(max_examples=30)
@given(batches=st.lists(st.sampled_from("ABCDEFGH"), min_size=15, max_size=60), seed=st.integers(0, 99))
def test_a_batch_is_on_one_side_wherever_there_are_enough_of_them(batches, seed):
    dataset = labelled(batches)
    assert keeps_batches(dataset) == (len(set(batches)) >= 5)
    if keeps_batches(dataset):
        groups = row_groups(dataset)
        assert len(set(groups)) == len(set(batches)) == len(set(zip(groups.tolist(), batches, strict=True)))


def test_batches_and_settings_are_joined_where_they_overlap():
    batches = np.repeat(list("ABCDEFGHIJ"), 3)
    dataset = labelled(batches, n_settings=15)  # rows 0 and 15, A and F, share a setting
    groups = row_groups(dataset)
    assert len(set(groups)) == 5
    assert groups[0] == groups[15] == groups[2] != groups[3]


def test_rows_without_a_batch_are_alone():
    batches = ["A", "A", "B", "B", "C", "C", "", "", "", ""]
    assert len(set(row_groups(labelled(batches)))) == 7


def test_too_few_batches_leave_settings_together():
    dataset = labelled(["A", "B"] * 15, n_settings=15)
    assert not keeps_batches(dataset)
    assert len(set(row_groups(dataset))) == 15


def test_numbers_are_batches_too():
    assert len(set(row_groups(labelled(np.repeat([3.0, 7.0, 9.0, 11.0, 20.0], 4))))) == 5
