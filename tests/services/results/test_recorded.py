from dataclasses import replace

import numpy as np
import pytest

from optimizer import Goal
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.results import baselines as recorded
from services.results.baselines import best_recorded, density_info, recorded_objective


@pytest.fixture
def swept(mixed):
    """Every row three times, measured at the ages 1, 7 and 28."""
    dataset = mixed.dataset
    X = np.repeat(dataset.X[:20], 3, axis=0)
    X[:, 5] = np.tile([1.0, 7.0, 28.0], 20)
    return ModelWithData(replace(dataset, X=X, y=mixed.predictor.predict(X)), mixed.predictor)


@pytest.mark.parametrize(("goal", "value"), [(Goal.MAXIMUM, None), (Goal.MINIMUM, None), (Goal.VALUE, 220.0)])
def test_the_best_rows_are_judged_as_they_were_measured(plain_spec, mixed, goal, value):
    noisy = replace(mixed.dataset, y=mixed.dataset.y + np.random.default_rng(0).normal(0, 20, 80))
    problem = build_problem(plain_spec.revised(goal=goal, value=value), ModelWithData(noisy, mixed.predictor))
    best = best_recorded(problem, noisy, 5)
    order = {
        Goal.MAXIMUM: np.argsort(-noisy.y),
        Goal.MINIMUM: np.argsort(noisy.y),
        Goal.VALUE: np.argsort(np.abs(noisy.y - 220)),
    }[goal][:5]
    np.testing.assert_array_equal(best.rows, order + 1)
    np.testing.assert_array_equal(best.measured, noisy.y[order])
    np.testing.assert_array_equal(best.candidates.X, noisy.X[order])
    np.testing.assert_allclose(best.candidates.outcomes, mixed.predictor.predict(noisy.X[order]))


def test_rows_that_were_recorded_twice_count_once(plain_spec, mixed):
    dataset = mixed.dataset
    twice = replace(dataset, X=np.vstack([dataset.X, dataset.X]), y=np.concatenate([dataset.y, dataset.y + 1]))
    best = best_recorded(build_problem(plain_spec, ModelWithData(twice, mixed.predictor)), twice, 10)
    assert len(np.unique(best.candidates.X, axis=0)) == 10
    assert (best.rows > 80).all()  # of two equal settings the better measured one
    assert (np.diff(best.measured) <= 0).all()


def test_rows_that_differ_in_the_swept_feature_alone_are_one(mixed_spec, swept):
    problem = build_problem(mixed_spec, swept)
    best = best_recorded(problem, swept.dataset, 10)
    assert len(np.unique(best.candidates.X[:, :5], axis=0)) == 10
    assert set(best.rows % 3) == {0}  # of each three the one that was measured at the end of the curve
    assert (np.diff(problem.objective.scores(best.candidates.outcomes)) >= 0).all()
    np.testing.assert_allclose(best.candidates.penalties, problem.evaluate(best.candidates.X).penalties)
    assert (best.candidates.penalties > 0).any()
    everything = problem.without_penalties().evaluate(swept.dataset.X)
    assert problem.objective.scores(best.candidates.outcomes)[0] == everything.scores.min()


def test_rows_are_called_as_their_file_calls_them(plain_spec, mixed):
    problem = build_problem(plain_spec, mixed)
    numbers = np.arange(mixed.dataset.n_rows) * 2 + 2
    renumbered = replace(mixed.dataset, row_numbers=numbers)
    plain = best_recorded(problem, mixed.dataset, 4).rows
    np.testing.assert_array_equal(best_recorded(problem, renumbered, 4).rows, plain * 2)


def test_what_is_usual_for_the_objective(plain_spec, mixed):
    low, usual, high = recorded_objective(plain_spec, mixed)
    predicted = mixed.predictor.predict(mixed.dataset.X)
    assert (low, high) == (predicted.min(), predicted.max())
    assert usual == pytest.approx(predicted.mean())


def test_an_outcome_that_is_not_swept_keeps_every_age(plain_spec, swept):
    best = best_recorded(build_problem(plain_spec, swept), swept.dataset, 60)
    assert len(best.rows) == 60


def test_judging_in_blocks_changes_nothing(mixed_spec, swept, monkeypatch):
    problem = build_problem(mixed_spec, swept)
    whole = best_recorded(problem, swept.dataset, 5)
    monkeypatch.setattr(recorded, "BLOCK_ROWS", 3)
    blocks = best_recorded(problem, swept.dataset, 5)
    np.testing.assert_array_equal(blocks.rows, whole.rows)
    np.testing.assert_allclose(blocks.candidates.scores, whole.candidates.scores)


def test_fewer_rows_than_asked_for_are_all_there_are(plain_spec, mixed):
    assert len(best_recorded(build_problem(plain_spec, mixed), mixed.dataset, 500).rows) == 80


def test_the_recorded_density(mixed_spec, plain_spec, mixed):
    sums = mixed.dataset.X[:, :2].sum(axis=1)
    info = density_info(mixed_spec, mixed.dataset)
    assert info.unit == "kg"
    assert info.recorded == tuple(sums.tolist())
    assert (info.mean, info.std) == pytest.approx((sums.mean(), sums.std()))
    assert (info.target, info.tolerance) == (mixed_spec.density.target, mixed_spec.density.tolerance)
    assert density_info(plain_spec, mixed.dataset).target == pytest.approx(sums.mean())
    assert density_info(plain_spec, replace(mixed.dataset, parts=())) is None


def test_many_recorded_densities_are_shown_by_an_even_sample(plain_spec, mixed, monkeypatch):
    monkeypatch.setattr(recorded, "MAX_DENSITIES", 10)
    info = density_info(plain_spec, mixed.dataset)
    assert len(info.recorded) == 10
    assert info.mean == pytest.approx(mixed.dataset.density.mean())
