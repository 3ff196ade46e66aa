import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.quality import assign_folds

grouped_rows = st.lists(st.integers(0, 12), min_size=2, max_size=80).filter(lambda groups: len(set(groups)) > 1)


@given(grouped_rows, st.integers(2, 8), st.integers(0, 99))
def test_folds_hold_every_row_once_and_keep_groups_together(groups, n_folds, seed):
    groups = np.array(groups)
    folds = assign_folds(groups, n_folds, np.random.default_rng(seed))
    assert folds.shape == groups.shape
    assert set(folds) == set(range(min(n_folds, len(set(groups)))))
    for group in set(groups):
        assert len(set(folds[groups == group])) == 1


@given(grouped_rows, st.integers(2, 8), st.integers(0, 99))
def test_folds_differ_in_size_by_one_group_at_most(groups, n_folds, seed):
    groups = np.array(groups)
    sizes = np.bincount(assign_folds(groups, n_folds, np.random.default_rng(seed)))
    assert np.ptp(sizes) <= np.bincount(groups).max()


def test_the_same_seed_gives_the_same_folds_and_another_one_others():
    deal = [assign_folds(np.arange(100), 5, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)]
    assert deal[0] == deal[1] != deal[2]


@pytest.mark.parametrize(("groups", "n_folds"), [([0, 0, 0], 5), ([0, 1, 2], 1)])
def test_what_cannot_be_dealt_says_what_is_needed(groups, n_folds):
    with pytest.raises(ValueError, match=r"needs at least 2 folds and 2 different settings; got \d folds and \d"):
        assign_folds(np.array(groups), n_folds, np.random.default_rng(0))
