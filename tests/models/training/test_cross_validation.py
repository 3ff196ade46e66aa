"""How good a model of a small table is: figures against predictions made by hand, replicates, tables without any."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import (
    BoostingSettings,
    Column,
    Dataset,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    ModelCard,
    QuadraticSettings,
    TrainingSettings,
    score,
    train,
)
from models.cards.settings import SETTINGS
from models.data.split import row_groups
from models.training.cross_validation import (
    N_REPEATS,
    SMALL,
    CrossValidation,
    cross_validate,
    deal_folds,
    judged,
    n_folds_for,
)

SMALL_TREES = (BoostingSettings(n_members=1, rounds=10), ForestSettings(n_trees=10))


def table(n=40, seed=0, noise=0.3):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, 2))
    return Dataset("t", (Column("a"), Column("b")), Column("y"), X, X[:, 0] + X[:, 1] ** 2 + noise * rng.normal(size=n))


def by_least_squares(dataset, fold_of):
    """(r, n) what quadratic surfaces that never saw a fold predict of its rows."""
    X, y = dataset.X, dataset.y
    columns = np.column_stack([X, X**2, X[:, 0] * X[:, 1], np.ones(len(y))])
    predicted = np.empty(fold_of.shape)
    for own, folds in zip(predicted, fold_of, strict=True):
        for fold in np.unique(folds):
            kept = folds != fold
            own[~kept] = columns[~kept] @ np.linalg.lstsq(columns[kept], y[kept], rcond=None)[0]
    return predicted


@pytest.fixture(scope="module")
def quadratic():
    return judged(train(table(), QuadraticSettings(scale="plain")), table())


def test_figures_come_from_rows_that_no_model_saw(quadratic):
    dataset, metrics = table(), quadratic.card.metrics
    fold_of = deal_folds(dataset, 5, N_REPEATS, quadratic.card.settings.seed)
    r2 = np.mean([score(dataset.y, each).r2 for each in by_least_squares(dataset, fold_of)])
    assert metrics.r2 == pytest.approx(r2, abs=0.02)  # the same surface, held back a little
    assert 0.001 < metrics.r2_error < 0.1 and metrics.rmse_error > 0 and metrics.mae_error > 0
    assert (metrics.n_folds, metrics.n_repeats, metrics.is_cross_validated) == (5, 5, True)
    held_out = quadratic.card.held_out
    assert held_out.measured == tuple(dataset.y) and len(held_out.predicted) == 40
    assert ModelCard.from_json(quadratic.card.to_json()) == quadratic.card


def test_the_seed_says_little_of_how_good_a_model_is():
    single, repeated = [], []
    for seed in range(6):
        model = train(table(20, noise=0.8), QuadraticSettings(scale="plain", seed=seed))
        single.append(model.card.metrics.r2)
        repeated.append(judged(model, table(20, noise=0.8)).card.metrics.r2)
    assert np.ptp(single) > 4 * np.ptp(repeated)
    assert np.ptp(repeated) < 0.25


@pytest.mark.parametrize("given", [GaussianProcessSettings(), QuadraticSettings(), *SMALL_TREES])
def test_every_family_is_judged_alike_and_the_same_again(given):
    dataset, family = table(18), next(family for family, kind in SETTINGS.items() if isinstance(given, kind))
    found, again = (cross_validate(dataset, family, given) for _ in range(2))
    np.testing.assert_array_equal(found.predicted, again.predicted)
    assert found.predicted.shape == (5, 18) and np.isfinite(found.predicted).all() and found.r2.error > 0


def test_networks_are_judged_as_well():
    small = TrainingSettings(widths=(8,), epochs=60, n_members=3)
    found = cross_validate(table(30), Family.MLP, small)
    assert found.predicted.shape == (5, 30) and found.n_folds == 5 and 0 < found.r2.value < 1


@settings(max_examples=30)
@given(n=st.integers(15, 64), copies=st.integers(1, 4), seed=st.integers(0, 50))
def test_replicates_share_a_fold_and_every_fold_has_rows(n, copies, seed):
    rows = np.random.default_rng(seed).normal(size=(max(n // copies, 5), 2))
    X = np.repeat(rows, copies, axis=0)
    dataset = Dataset("t", (Column("a"), Column("b")), Column("y"), X, np.arange(len(X), dtype=float))
    groups = row_groups(dataset)
    n_folds = n_folds_for(len(np.unique(groups)))
    assert 2 <= n_folds <= 5
    for folds in deal_folds(dataset, n_folds, 3, seed):
        assert set(folds) == set(range(n_folds))
        assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))


def test_the_errors_of_figures_are_those_that_new_rows_show():
    """Standard errors from one table agree, within a factor, with the spread over tables of fresh rows."""
    tables = [table(60, seed) for seed in range(40)]
    folds = [deal_folds(each, 5, 5, seed) for seed, each in enumerate(tables)]
    found = [CrossValidation.of(f, by_least_squares(each, f), each.y) for each, f in zip(tables, folds, strict=True)]
    for name in ("rmse", "mae"):
        told = np.mean([getattr(each, name).error for each in found])
        seen = np.std([getattr(each, name).value for each in found])
        assert 0.6 * seen < told < 1.7 * seen, name


def test_exact_predictions_have_no_error():
    y = np.arange(12.0)
    folds = np.tile(np.arange(12) % 3, (2, 1))
    found = CrossValidation.of(folds, np.tile(y, (2, 1)), y)
    assert (found.r2, found.rmse, found.mae) == ((1, 0), (0, 0), (0, 0))


def test_larger_tables_are_judged_by_rows_held_out():
    model = train(table(SMALL), QuadraticSettings())
    assert judged(model, table(SMALL)) is model and not model.card.metrics.is_cross_validated


def test_after_a_stop_and_without_anything_to_learn_figures_stay_as_they_are():
    model = train(table(), QuadraticSettings())
    assert judged(model, table(), should_stop=lambda: True) is model
    asked = iter([False, False, True])
    assert judged(model, table(), should_stop=lambda: next(asked, True)) is model
    y = np.zeros(40)
    y[:2] = 1.0, 2.0  # in one fold there is often nothing else
    flat = replace(table(), y=y, X=np.repeat(table().X[:20], 2, axis=0))
    assert judged(model, flat).card.metrics == model.card.metrics


def test_predictions_keep_to_the_limits_of_the_outcome():
    frame = pd.DataFrame({"a": np.linspace(0, 1, 20), "b": np.tile([0.0, 1.0], 10)})
    frame["y"] = np.clip(100 * frame["a"] + 20, 0, 100)
    dataset = Dataset.from_frame(frame, name="t", outcome="y", features=["a", "b"])
    dataset = replace(dataset, limits=replace(dataset.limits, high=100.0))
    found = cross_validate(dataset, Family.QUADRATIC, QuadraticSettings(scale="plain"))
    assert found.predicted.max() == 100.0
