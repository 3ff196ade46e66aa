from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import Dataset, Encoding, TrainingSettings, train
from models.cards.card import IntervalCard
from models.cards.settings import Family, GaussianProcessSettings, Smoothness
from models.data.split import row_groups
from models.intervals.calibration import (
    MOST_SURPRISE,
    MOST_TIMES,
    N_FOLDS,
    Errors,
    HoldOutKind,
    calibrate,
    hold_outs,
    learned,
)
from models.intervals.conformal import ConformalPredictor, calibrated

QUICK = TrainingSettings(widths=(16,), epochs=60, patience=None, n_members=3, seed=1)


def drawn(rng: np.random.Generator, n: int, expected: float, std: float, bias: float = 0.0) -> Errors:
    """Errors of a mean and a standard deviation, where others were expected."""
    return Errors(bias + std * rng.standard_normal(n), rng.standard_normal(n), np.full(n, expected))


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return learned(
        {
            HoldOutKind.FOLD: [drawn(rng, 4000, 0.3, 0.5)],
            HoldOutKind.ABOVE: [drawn(rng, 40, 0.5, 0.1, bias=-2.0) for _ in range(12)],
            HoldOutKind.BELOW: [drawn(rng, 40, 0.5, 0.1, bias=-2.0) for _ in range(12)],
        }
    )


def test_what_the_standard_errors_do_not_explain_is_noise(fields: dict[str, Any]) -> None:
    assert fields["noise"] == pytest.approx(0.4, rel=0.05)


def test_errors_of_normal_size_take_normal_factors(fields: dict[str, Any]) -> None:
    card = IntervalCard(companions=(), n_rows=1, **fields)
    assert card.factor(0.9) == pytest.approx(1.645, rel=0.05)
    assert card.factor(0.5) == pytest.approx(0.674, rel=0.1)
    assert card.coverage == pytest.approx(card.level, abs=0.01)


def test_errors_count_by_the_side_on_which_they_disappoint(fields: dict[str, Any]) -> None:
    # where high outcomes are sought, measured ones were 2 lower than predicted: a disappointment; else a gift
    assert fields["above"] == pytest.approx(2.0 / np.hypot(0.5, 0.4) / 1.645, rel=0.1)
    assert fields["below"] == pytest.approx(1.0, abs=0.02)
    assert fields["surprise_above"] == 1.0 and fields["surprise_below"] == MOST_SURPRISE


def test_errors_count_more_where_rows_are_few() -> None:
    rng = np.random.default_rng(3)
    times = []
    for n in (40, 4000):
        known = drawn(rng, n, 0.3, 0.1)
        times.append(learned({kind: [known] for kind in HoldOutKind})["above"])
    assert times[0] == pytest.approx(2.0) and times[1] == pytest.approx(1.0, abs=0.02)


def test_a_few_wild_misses_do_not_make_intervals_endless() -> None:
    rng = np.random.default_rng(1)
    wild = [drawn(rng, 40, 0.1, 0.1, bias=-1e3)]
    kinds = {HoldOutKind.FOLD: [drawn(rng, 400, 0.1, 0.1)], HoldOutKind.ABOVE: wild, HoldOutKind.BELOW: wild}
    assert learned(kinds)["above"] == pytest.approx(MOST_TIMES * np.sqrt(1.3))


def test_a_replay_picks_what_looks_best_and_certain() -> None:
    rng = np.random.default_rng(2)
    fold = {HoldOutKind.FOLD: [drawn(rng, 400, 0.1, 0.1)]}
    predicted, expected = np.zeros(40), np.full(40, 5.0)
    predicted[:5], expected[:5] = 3.0, 0.1  # these are picked
    for missed, times in ((slice(0, 5), MOST_TIMES), (slice(5, 40), 1.0)):
        errors = np.zeros(40)
        errors[missed] = -2.0
        replays = [Errors(errors, predicted, expected)]
        found = learned(fold | {HoldOutKind.ABOVE: replays, HoldOutKind.BELOW: replays})["above"]
        assert found == pytest.approx(times * np.sqrt(1.3))


@pytest.fixture(scope="module")
def card(mixed: Dataset, encoding: Encoding) -> IntervalCard:
    card = calibrate(mixed, encoding, Family.MLP, QUICK)
    assert card is not None
    return card


class TestOnATrainedModel:
    def test_the_same_seed_gives_the_same_card(self, card, mixed, encoding) -> None:
        assert calibrate(mixed, encoding, Family.MLP, QUICK) == card

    def test_rows_are_covered(self, card: IntervalCard, mixed: Dataset) -> None:
        assert card.coverage >= 0.85
        assert card.n_rows == mixed.n_rows

    def test_a_smooth_companion_stands_beside_every_family_but_its_own(self, card, mixed, encoding) -> None:
        assert len(card.companions) == 2
        own = train(mixed, GaussianProcessSettings())
        found = calibrated(own, mixed).card.intervals
        assert found is not None and len(found.companions) == 1
        assert found.companions[0].kernel.smoothness is Smoothness.EXPONENTIAL

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


def of_kind(dataset: Dataset, kind: HoldOutKind) -> list[np.ndarray]:
    held = hold_outs(dataset, 6, np.random.default_rng(0))
    return [each.is_held_out for each in held if each.kind is kind]


def test_every_kind_is_held_out(mixed: Dataset) -> None:
    assert {each.kind for each in hold_outs(mixed, 6, np.random.default_rng(0))} == set(HoldOutKind)


def test_folds_hold_every_row_once(mixed: Dataset) -> None:
    folds = of_kind(mixed, HoldOutKind.FOLD)
    assert len(folds) == N_FOLDS
    assert (np.sum(folds, axis=0) == 1).all()


def test_settings_measured_several_times_stay_together(mixed: Dataset) -> None:
    groups = row_groups(mixed)
    for each in hold_outs(mixed, 6, np.random.default_rng(0)):
        of_group = [set(each.is_held_out[groups == group]) for group in np.unique(groups)]
        assert all(len(sides) == 1 for sides in of_group)


def test_tails_are_extreme_for_their_age_not_because_of_it(mixed: Dataset) -> None:
    for is_held_out in of_kind(mixed, HoldOutKind.ABOVE):
        assert len(np.unique(mixed.X[is_held_out, 3])) == 3
        for age in (1.0, 7.0, 28.0):
            is_age = mixed.X[:, 3] == age
            assert mixed.y[is_age & is_held_out].mean() > np.quantile(mixed.y[is_age], 0.6)


def test_without_a_sweep_tails_are_the_extreme_rows(mixed: Dataset) -> None:
    plain = replace(mixed, sweep=None)
    above, below = (of_kind(plain, kind) for kind in (HoldOutKind.ABOVE, HoldOutKind.BELOW))
    for is_held_out in above:
        assert plain.y[is_held_out].min() > plain.y[~is_held_out].max()
    for is_held_out in below:
        assert plain.y[is_held_out].max() < plain.y[~is_held_out].min()


def test_what_leaves_nothing_to_learn_from_is_no_hold_out(mixed: Dataset) -> None:
    tiny = mixed.taken(np.arange(9))
    for each in hold_outs(tiny, 6, np.random.default_rng(0)):
        assert (~each.is_held_out).sum() >= 10
