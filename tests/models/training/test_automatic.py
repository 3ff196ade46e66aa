"""The choice among families: what is compared, who is taken, what is told and kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import models.training.automatic as automatic
from models import (
    AutomaticSettings,
    Column,
    Dataset,
    Family,
    GaussianProcessSettings,
    ModelCard,
    TrainingError,
    train,
    train_automatically,
)
from models.data.split import row_groups, split_rows
from models.families.training import learned_rows
from models.training.automatic import families_compared, families_left_out, n_repeats_for, standard_error

PROCESSES = (Family.GAUSSIAN_PROCESS, Family.QUADRATIC)


def table(n=40, kind="smooth", seed=0):
    """Two features and a smooth outcome, or four and one in steps that trees follow best."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, 2 if kind == "smooth" else 4))
    y = np.sin(2 * X[:, 0]) + X[:, 1] if kind == "smooth" else 3.0 * (X[:, 0] > 0.3) * (X[:, 1] > -0.4)
    if kind == "steps":
        y += 5.0 * (X[:, 0] < -1)
    return Dataset(kind, tuple(map(Column, "abcd"[: X.shape[1]])), Column("y"), X, y + 0.05 * rng.standard_normal(n))


@pytest.fixture(scope="module")
def smooth():
    return train_automatically(table())


@pytest.fixture(scope="module")
def stepped():
    return train_automatically(table(250, "steps"))


def test_a_smooth_outcome_gets_the_gaussian_process_that_would_have_been_trained_by_hand(smooth):
    card = smooth.card
    assert card.family is Family.GAUSSIAN_PROCESS
    by_hand = train(table(), GaussianProcessSettings())
    assert card.settings == by_hand.card.settings
    assert np.allclose(smooth.predictor.predict(table().X), by_hand.predictor.predict(table().X), rtol=1e-6, atol=1e-8)
    assert card.metrics.n_test == by_hand.card.metrics.n_test


def test_another_family_is_taken_where_it_is_clearly_better(stepped):
    board = {score.family: score for score in stepped.card.leaderboard.scores}
    assert stepped.card.family in (Family.BOOSTING, Family.RANDOM_FOREST)
    taken, leading = board[stepped.card.family], board[Family.GAUSSIAN_PROCESS]
    assert taken.r2 > leading.r2
    assert taken.words.startswith("Taken: its R² is ") and "above that of the Gaussian process" in taken.words
    assert "below that of the " + stepped.card.family.words.name in leading.words


def test_the_board_has_every_family_once_the_best_first_with_a_reason(smooth):
    scores = smooth.card.leaderboard.scores
    compared = [score for score in scores if score.r2 is not None]
    assert sorted(score.family for score in scores) == sorted(automatic._COMPARED)
    assert [score.r2 for score in compared] == sorted((score.r2 for score in compared), reverse=True)
    assert all(score.error > 0 and score.seconds > 0 for score in compared)
    assert scores[-1].family is Family.MLP and "Not compared below 1,000 rows" in scores[-1].words
    assert [score.family for score in scores if score.words.startswith("Taken")] == [smooth.card.family]
    board = smooth.card.leaderboard
    assert (board.n_rows, board.n_folds, board.n_repeats) == (34, 5, n_repeats_for(34))
    assert ModelCard.from_json(smooth.card.to_json()) == smooth.card


def test_the_same_seed_gives_the_same_choice(smooth):
    again = train_automatically(table())

    def known(model):
        return [(score.family, score.r2, score.error, score.words) for score in model.card.leaderboard.scores]

    assert known(again) == known(smooth)
    assert np.array_equal(again.predictor.predict(table().X), smooth.predictor.predict(table().X))


def test_rows_that_judge_the_model_say_nothing_about_the_choice(smooth):
    dataset = table()
    split = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0)
    y = dataset.y.copy()
    y[split.test] = 1e3
    other = train_automatically(replace(dataset, y=y)).card.leaderboard
    assert [(s.family, s.r2) for s in other.scores] == [(s.family, s.r2) for s in smooth.card.leaderboard.scores]


def test_rows_of_one_setting_stay_together():
    once = table(24)
    rows = np.tile(np.arange(24), 3)
    dataset = replace(once, X=once.X[rows], y=once.y[rows] + np.random.default_rng(1).normal(0, 1, 72))
    learned = learned_rows(split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0))
    groups = row_groups(dataset)
    for splits in automatic._deals(dataset, learned, AutomaticSettings()):
        assert sorted(np.concatenate([split.test for split in splits])) == list(learned)
        for split in splits:
            sides = [set(groups[side]) for side in (split.train, split.validation, split.test)]
            assert sum(map(len, sides)) == len(set.union(*sides))


def test_a_single_winner_has_to_beat_the_leading_family_by_more_than_one_standard_error():
    def result(family, losses):
        return automatic._CrossValidation(family, GaussianProcessSettings(), np.array([losses]), 0.1, None)

    leading = result(Family.GAUSSIAN_PROCESS, [0.5, 0.4, 0.6, 0.5])
    lucky = result(Family.BOOSTING, [0.1, 0.5, 0.6, 0.6])
    better = result(Family.RANDOM_FOREST, [0.47, 0.38, 0.57, 0.47])
    best = result(Family.QUADRATIC, [0.3, 0.2, 0.4, 0.3])
    assert lucky.r2 > better.r2 > leading.r2
    assert automatic._taken([leading, lucky]) is leading
    assert automatic._taken([leading, lucky, better]) is better
    assert automatic._taken([leading, lucky, better, best]) is best
    assert "which may be chance" in automatic._why_not(lucky, leading)


def test_dealing_anew_adds_no_rows_to_a_standard_error():
    values = np.random.default_rng(0).standard_normal((1, 5))
    assert standard_error(np.repeat(values, 40, axis=0)) == pytest.approx(
        standard_error(values) * np.sqrt(4 / 5), rel=0.01
    )


def test_with_more_features_than_rows_only_families_that_hold_back_are_compared():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 24))
    dataset = Dataset("wide", tuple(Column(f"x{j}") for j in range(24)), Column("y"), X, X[:, 0] + 0.1 * X[:, 1])
    card = train_automatically(dataset).card
    assert card.family in PROCESSES
    left_out = [score for score in card.leaderboard.scores if score.r2 is None]
    assert {score.family for score in left_out} == set(automatic._COMPARED) - set(PROCESSES)
    assert all("more features than rows" in score.words for score in left_out)


@pytest.mark.parametrize(("n", "has_networks"), [(999, False), (1_000, True)])
def test_networks_are_compared_from_a_thousand_rows(n, has_networks):
    assert (Family.MLP not in families_left_out(table(n))) is has_networks


def test_above_two_thousand_rows_the_network_leads(monkeypatch):
    dataset, asked = table(2_001), []

    def note(dataset, rows, deals, settings, report, should_stop):
        family = next(family for family, kind in automatic.SETTINGS.items() if isinstance(settings, kind))
        asked.append((family, len(rows), len(deals)))
        losses = np.full((len(deals), 5), 0.3) + 0.01 * np.arange(5) * (family is Family.BOOSTING)
        return automatic._CrossValidation(family, settings, losses, 0.1, None)

    class DoneError(Exception):
        pass

    def stop(dataset, settings, **known):
        raise DoneError(type(settings).__name__)

    monkeypatch.setattr(automatic, "_cross_validated", note)
    monkeypatch.setattr(automatic, "train", stop)
    with pytest.raises(DoneError, match="TrainingSettings"):
        train_automatically(dataset)
    assert asked[0][0] is Family.MLP and len(asked) == 5
    assert {(rows, deals) for _, rows, deals in asked} == {(1_701, 1)}


@pytest.mark.parametrize("n_rows", [15, 20, 49])
def test_small_tables_are_learned_from(n_rows):
    model = train_automatically(table(n_rows))
    assert np.isfinite(model.predictor.predict(table(n_rows).X)).all()
    assert model.card.leaderboard.n_repeats == 4


def test_fewer_rows_than_fifteen_are_refused():
    with pytest.raises(TrainingError, match="at least 15"):
        train_automatically(table(14))


def test_logarithms_that_the_rows_held_out_do_not_have_are_not_tried():
    frame = pd.DataFrame({"a": np.linspace(0, 4, 60)})
    frame["y"] = np.exp(frame["a"])
    dataset = Dataset.from_frame(frame, name="t", outcome="y", features=["a"])
    held = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0).test[0]
    assert train_automatically(dataset).card.settings.scale == "log"
    y = dataset.y.copy()
    y[held] = 0.0
    assert getattr(train_automatically(replace(dataset, y=y)).card.settings, "scale", "plain") == "plain"


def test_it_says_how_far_it_is_and_what_was_found():
    told = []
    train_automatically(table(), on_progress=lambda words, share: told.append((words, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert told[0][0] == "comparing families, first Gaussian process"
    assert any(words.startswith("Gaussian process R² ") and words.endswith("; now random forest") for words, _ in told)
    assert told[-1][0].startswith("Gaussian process taken")


def test_a_stop_takes_the_best_of_what_was_compared():
    told = []
    model = train_automatically(
        table(), on_progress=lambda words, share: told.append(words), should_stop=lambda: "boosting" in told[-1]
    )
    words = {score.family: score.words for score in model.card.leaderboard.scores}
    assert model.card.family in PROCESSES
    assert words[Family.BOOSTING] == words[Family.RANDOM_FOREST] == "Not compared: the training was stopped before."
    at_once = train_automatically(table(), should_stop=lambda: True)
    assert [score.family for score in at_once.card.leaderboard.scores if score.r2 is not None] == [
        Family.GAUSSIAN_PROCESS
    ]


def test_where_folds_leave_nothing_to_learn_the_leading_family_is_trained():
    dataset = table(20)
    held = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0)
    y = np.zeros(20)
    y[held.train[0]] = 1.0
    card = train_automatically(replace(dataset, y=y)).card
    assert card.family is Family.GAUSSIAN_PROCESS and card.leaderboard is None


def test_a_family_that_cannot_be_trained_is_left_out_with_the_reason(monkeypatch):
    fit_folds = automatic.fit_folds

    def fit(dataset, splits, family, *given, **known):
        if family is Family.BOOSTING:
            raise TrainingError("the training diverged.")
        return fit_folds(dataset, splits, family, *given, **known)

    monkeypatch.setattr(automatic, "fit_folds", fit)
    board = {score.family: score for score in train_automatically(table()).card.leaderboard.scores}
    assert board[Family.BOOSTING].r2 is None
    assert board[Family.BOOSTING].words == "Not compared: the training diverged."
    assert board[Family.RANDOM_FOREST].r2 is not None


def test_each_score_is_told_as_soon_as_it_is_known():
    told = []
    card = train_automatically(table(), on_score=told.append).card
    assert [score.family for score in told] == list(families_compared(table()))
    board = {score.family: score for score in card.leaderboard.scores}
    assert all((score.r2, score.error) == (board[score.family].r2, board[score.family].error) for score in told)
