from dataclasses import replace

import numpy as np

from models import Dataset, Encoding
from models.data.split import row_groups
from models.intervals.hold_outs import N_FOLDS, HoldOutKind, hold_outs


def of_kind(dataset: Dataset, encoding: Encoding, kind: HoldOutKind) -> list[np.ndarray]:
    held = hold_outs(dataset, encoding, np.random.default_rng(0))
    return [each.is_held_out for each in held if each.kind is kind]


def test_every_kind_is_held_out(mixed: Dataset, encoding: Encoding) -> None:
    assert {each.kind for each in hold_outs(mixed, encoding, np.random.default_rng(0))} == set(HoldOutKind)


def test_folds_and_regions_hold_every_row_once(mixed: Dataset, encoding: Encoding) -> None:
    folds = of_kind(mixed, encoding, HoldOutKind.FOLD)
    assert len(folds) == N_FOLDS
    assert (np.sum(folds, axis=0) == 1).all()
    assert (np.sum(of_kind(mixed, encoding, HoldOutKind.REGION), axis=0) == 1).all()


def test_settings_measured_several_times_stay_together(mixed: Dataset, encoding: Encoding) -> None:
    groups = row_groups(mixed)
    for each in hold_outs(mixed, encoding, np.random.default_rng(0)):
        of_group = [set(each.is_held_out[groups == group]) for group in np.unique(groups)]
        assert all(len(sides) == 1 for sides in of_group)


def test_tails_are_extreme_for_their_age_not_because_of_it(mixed: Dataset, encoding: Encoding) -> None:
    for is_held_out in of_kind(mixed, encoding, HoldOutKind.ABOVE):
        assert len(np.unique(mixed.X[is_held_out, 3])) == 3
        for age in (1.0, 7.0, 28.0):
            is_age = mixed.X[:, 3] == age
            assert mixed.y[is_age & is_held_out].mean() > np.quantile(mixed.y[is_age], 0.6)


def test_without_a_sweep_tails_are_the_extreme_rows(mixed: Dataset, encoding: Encoding) -> None:
    plain = replace(mixed, sweep=None)
    above, below = (of_kind(plain, encoding, kind) for kind in (HoldOutKind.ABOVE, HoldOutKind.BELOW))
    for is_held_out in above:
        assert plain.y[is_held_out].min() > plain.y[~is_held_out].max()
    for is_held_out in below:
        assert plain.y[is_held_out].max() < plain.y[~is_held_out].min()


def test_what_leaves_nothing_to_learn_from_is_no_hold_out(mixed: Dataset, encoding: Encoding) -> None:
    tiny = mixed.taken(np.arange(9))
    for each in hold_outs(tiny, encoding, np.random.default_rng(0)):
        assert (~each.is_held_out).sum() >= 10
