from dataclasses import replace

import numpy as np
import pytest

from models import Dataset, Encoding, TrainingSettings, train
from models.cards.card import IntervalCard
from models.cards.settings import Family
from models.data.split import row_groups
from models.intervals.calibration import LEVEL, N_FOLDS, Errors, HoldOutKind, calibrate, hold_outs, interval_card
from models.intervals.conformal import ConformalPredictor, calibrated

QUICK = TrainingSettings(widths=(16,), epochs=60, patience=None, n_members=3, seed=1)


def drawn(rng: np.random.Generator, n: int, per_distance: float, distance: float) -> Errors:
    """Return errors whose standard deviation is sqrt(0.01 + per_distance^2 (distance^2 - 0.5^2)), if that is more."""
    distances = rng.uniform(0.5, 1.5, n) * distance
    std = np.sqrt(0.01 + per_distance**2 * np.maximum(distances**2 - 0.25, 0.0))
    errors, predicted = std * rng.standard_normal(n), rng.standard_normal(n)
    return Errors(errors, predicted, np.zeros(n), distances, rng.integers(0, 2, n).astype(float))


@pytest.fixture(scope="module")
def card() -> IntervalCard:
    rng = np.random.default_rng(0)
    return interval_card(
        {
            HoldOutKind.FOLD: [drawn(rng, 4000, 0.05, 0.5)],
            HoldOutKind.REGION: [drawn(rng, 4000, 0.05, 3.0)],
            HoldOutKind.ABOVE: [drawn(rng, 4000, 0.6, 1.0)],
            HoldOutKind.BELOW: [drawn(rng, 4000, 0.2, 1.0)],
        }
    )


def test_growth_with_distance_is_found(card: IntervalCard) -> None:
    assert np.sqrt(card.among.distance) == pytest.approx(0.05, rel=0.1)
    assert np.sqrt(card.above.distance) == pytest.approx(0.6, rel=0.1)
    assert np.sqrt(card.below.distance) == pytest.approx(0.2, rel=0.1)


def test_errors_of_normal_size_take_normal_factors(card: IntervalCard) -> None:
    assert card.among.factor(0.9) == pytest.approx(1.645, rel=0.05)
    assert card.among.factor(0.5) == pytest.approx(0.674, rel=0.1)


def test_coverage_of_held_out_rows_is_at_least_the_level(card: IntervalCard) -> None:
    assert card.level == LEVEL
    assert card.coverage >= LEVEL - 0.02


def test_one_wild_row_is_a_row_and_not_the_rule() -> None:
    rng = np.random.default_rng(1)
    folds = drawn(rng, 400, 0.05, 0.5)
    folds.errors[0] = 1e3
    kinds = {kind: [drawn(rng, 400, 0.1, 1.0)] for kind in HoldOutKind}
    assert interval_card(kinds | {HoldOutKind.FOLD: [folds]}).among.factor(0.5) < 10


@pytest.fixture(scope="module")
def learned(mixed: Dataset, encoding: Encoding) -> IntervalCard:
    learned = calibrate(mixed, encoding, Family.MLP, QUICK)
    assert learned is not None
    return learned


class TestOnATrainedModel:
    def test_the_same_seed_gives_the_same_card(self, learned, mixed, encoding) -> None:
        assert calibrate(mixed, encoding, Family.MLP, QUICK) == learned

    def test_rows_are_covered(self, learned: IntervalCard, mixed: Dataset) -> None:
        assert learned.coverage >= 0.85
        assert learned.n_rows == mixed.n_rows

    def test_a_stop_leaves_no_card(self, mixed, encoding) -> None:
        assert calibrate(mixed, encoding, Family.MLP, QUICK, should_stop=lambda: True) is None

    def test_too_few_rows_leave_no_card(self, mixed, encoding) -> None:
        assert calibrate(mixed.taken(np.arange(12)), encoding, Family.MLP, QUICK) is None

    def test_a_trained_model_gets_intervals_that_hold_new_rows(self, mixed: Dataset) -> None:
        is_new = np.zeros(mixed.n_rows, dtype=bool)
        is_new[::7] = True
        seen, new = mixed.taken(~is_new), mixed.taken(is_new)
        model = calibrated(train(seen, QUICK), seen)
        assert model.card.intervals is not None
        confidence = ConformalPredictor(model.predictor, model.card.encoding, model.card.intervals, seen)
        interval = confidence.predict_interval(new.X, 0.9)
        held = (interval.low <= new.y) & (new.y <= interval.high)
        assert held.mean() >= 0.8


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
