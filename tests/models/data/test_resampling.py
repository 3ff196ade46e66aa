"""Members learn from rows of their own, whole groups at a time."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.data.split import Split, member_rows, resampled_rows


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
    rows = member_rows(split, groups, n_members, rng)
    known = np.sort(np.concatenate([split.train, split.validation]))
    assert len(rows.train) == len(rows.validation) == n_members
    for train, validation in zip(*rows, strict=True):
        np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), known)
        assert not np.isin(groups[train], groups[validation]).any()
        assert len(train) > 0
        assert len(validation) >= n_validation


def test_few_members_leave_out_different_rows():
    split = split_of(200, 0, 25)
    rows = member_rows(split, np.arange(200), 5, np.random.default_rng(0))
    assert {len(each) for each in rows.validation} == {25}
    assert len(np.unique(np.concatenate(rows.validation))) == 5 * 25


def test_one_member_alone_has_the_rows_of_the_split():
    split = split_of(60, 0, 9)
    (train,), (validation,) = member_rows(split, np.arange(60), 1, np.random.default_rng(0))
    assert train is split.train
    assert validation is split.validation


def test_where_one_group_is_all_the_split_decides():
    split = split_of(60, 0, 9)
    rows = member_rows(split, np.zeros(60, dtype=int), 2, np.random.default_rng(0))
    assert all(each is split.train for each in rows.train)
    assert all(each is split.validation for each in rows.validation)


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
