"""Models fitted again on some of the rows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import (
    BoostingSettings,
    TrainingError,
    TrainingSettings,
)
from models.cards.families import Family
from models.data.split import row_groups
from models.quality import assign_folds, fit_folds, fold_splits

MLP = TrainingSettings(widths=(6,), epochs=4, n_members=2)
BOOSTING = BoostingSettings(n_members=2, rounds=10)


@pytest.fixture(scope="module")
def folds(mixed_dataset):
    fold_of = assign_folds(row_groups(mixed_dataset), 3, np.random.default_rng(0))
    return fold_of, fold_splits(mixed_dataset, fold_of, 0.15, seed=0)


def test_every_fold_is_held_out_once_and_its_groups_with_it(concrete_dataset):
    groups = row_groups(concrete_dataset)
    fold_of = assign_folds(groups, 5, np.random.default_rng(1))
    splits = fold_splits(concrete_dataset, fold_of, 0.15, seed=0)
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(concrete_dataset.n_rows))
    for split in splits:
        sides = [set(groups[rows]) for rows in (split.train, split.validation, split.test)]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert len(split.train) + len(split.validation) + len(split.test) == concrete_dataset.n_rows
        # as many rows stop the training as when the model itself is trained
        assert len(split.validation) == pytest.approx(0.15 * concrete_dataset.n_rows, rel=0.05)


def test_a_table_that_cannot_be_learned_from_says_why(mixed_dataset):
    few = mixed_dataset.taken(np.arange(12))
    with pytest.raises(TrainingError, match="training needs at least 20"):
        fold_splits(few, np.arange(12) % 3, 0.15, seed=0)


def _predictions(dataset, splits, family, settings):
    predictors = fit_folds(dataset, splits, family, settings)
    return [predictor.predict(dataset.X) for predictor in predictors]


@pytest.mark.parametrize(
    ("family", "settings"),
    [pytest.param(Family.MLP, MLP, marks=pytest.mark.tensorflow), (Family.BOOSTING, BOOSTING)],
    ids=["mlp", "boosting"],
)
def test_a_fold_knows_nothing_of_its_rows(mixed_dataset, folds, family, settings):
    fold_of, splits = folds
    y = np.where(fold_of == 1, -1_000.0, mixed_dataset.y)
    X = mixed_dataset.X + np.where((fold_of == 1)[:, None], [100.0, 0, 0, 0], 0)
    spoilt = replace(mixed_dataset, X=X, y=y)
    honest, other = (_predictions(dataset, splits, family, settings) for dataset in (mixed_dataset, spoilt))
    seen = fold_of != 1
    np.testing.assert_array_equal(honest[1][seen], other[1][seen])
    assert not np.allclose(honest[0][seen], other[0][seen])


@pytest.mark.tensorflow
def test_members_of_a_fold_are_those_that_the_settings_ask_for(mixed_dataset, folds):
    _, splits = folds
    epochs = []
    predictors = fit_folds(mixed_dataset, splits, Family.MLP, MLP, on_epoch=lambda record: epochs.append(record.epoch))
    assert [predictor.n_members for predictor in predictors] == [2, 2, 2]
    assert epochs == [1, 2, 3, 4]  # all folds and members at once


def test_the_folds_of_a_stopped_check_are_not_all_there(mixed_dataset, folds):
    _, splits = folds
    told = []
    predictors = fit_folds(
        mixed_dataset, splits, Family.BOOSTING, BOOSTING, on_fold=told.append, should_stop=lambda: bool(told)
    )
    assert (told, len(predictors)) == ([1], 1)


def test_settings_of_another_family_are_refused(mixed_dataset, folds):
    with pytest.raises(TypeError, match="Expected settings of the family random_forest, got BoostingSettings"):
        fit_folds(mixed_dataset, folds[1], Family.RANDOM_FOREST, BOOSTING)


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
