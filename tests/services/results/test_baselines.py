from dataclasses import replace

import numpy as np
import pytest

from optimizer import Budget, Goal, Hooks, search
from optimizer.methods.random_search import RandomSearch
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.results import baselines as recorded
from services.results.baselines import (
    baseline_sentence,
    best_of_random,
    best_recorded,
    density_info,
    recorded_objective,
)
from services.results.search import run_spec


@pytest.fixture(scope="module")
def result(plain_spec, mixed):
    return run_spec(plain_spec, mixed).result


def test_as_many_random_candidates_as_the_search_evaluated_are_judged_alike(mixed_spec, mixed):
    spec = mixed_spec.revised(plausibility=None, risk_aversion=0.0)
    result = run_spec(spec, mixed).result
    n, problem = result.statistics.n_evaluations, build_problem(spec, mixed)
    best = best_of_random(spec, problem, n)
    assert len(best) == len(result.baseline_random) == 1
    assert result.baseline_random.scores == tuple(best.scores)
    outcome = search(problem, RandomSearch(), Budget(n), np.random.default_rng([mixed_spec.seed, 2]))
    assert outcome.n_evaluations == n
    assert best.scores[0] == outcome.found.scores.min()
    assert problem.space.contains(best.X).all()
    assert result.results.scores[0] < best.scores[0]  # the search was worth it


def test_what_is_not_plausible_enough_is_no_baseline(mixed_spec, mixed):
    spec = mixed_spec.revised(plausibility={"at_least": 40.0})
    result = run_spec(spec, mixed).result
    for rows in (result.results, result.baseline_random):
        assert all(percent >= 40 for percent in rows.plausibility)


def test_a_stop_leaves_the_baseline_out(mixed_spec, mixed):
    problem = build_problem(mixed_spec, mixed)
    assert best_of_random(mixed_spec, problem, 0) is None
    assert best_of_random(mixed_spec, problem, 500, should_stop=lambda: True) is None
    asked = iter(range(3))
    assert best_of_random(mixed_spec, problem, 50_000, should_stop=lambda: next(asked, None) is None) is None
    stopped = run_spec(mixed_spec, mixed, Hooks(should_stop=lambda: True)).result
    assert stopped.baseline_random is None
    assert baseline_sentence(stopped) == ""


def test_predicted_and_measured_are_kept_apart(result):
    best, recorded, random = result.results, result.best_recorded, result.baseline_random
    assert baseline_sentence(result) == (
        f"Best result: predicted {best.outcomes[0]:.1f} %; "
        f"best recorded: measured {recorded.measured[0]:.1f} %, predicted {recorded.outcomes[0]:.1f} % by the model "
        f"(row {recorded.rows[0]}); "
        f"best of {result.statistics.n_evaluations:,} random candidates: predicted {random.outcomes[0]:.1f} %."
    )


def test_of_a_curve_nobody_measured_more_than_points(mixed_spec, mixed):
    result = run_spec(mixed_spec, mixed).result
    recorded = result.best_recorded
    age = recorded.X[0][5]
    said = f"% by the model, measured {recorded.measured[0]:.1f} % at age {age:g} d (row {recorded.rows[0]}); "
    assert said in baseline_sentence(result).replace("%·d by", "% by")


def test_where_no_random_candidate_would_do_it_is_said(result):
    nothing = result.baseline_random.model_copy(update={"X": (), "outcomes": (), "scores": (), "penalties": ()})
    said = baseline_sentence(result.model_copy(update={"baseline_random": nothing}))
    assert said.endswith(f"none of {result.statistics.n_evaluations:,} random candidates would be a result.")
    assert "random" not in baseline_sentence(result.model_copy(update={"baseline_random": None}))


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


def test_rows_are_called_as_their_file_calls_them_and_no_more_than_there_are(plain_spec, mixed):
    problem = build_problem(plain_spec, mixed)
    numbers = np.arange(mixed.dataset.n_rows) * 2 + 2
    renumbered = replace(mixed.dataset, row_numbers=numbers)
    plain = best_recorded(problem, mixed.dataset, 4).rows
    np.testing.assert_array_equal(best_recorded(problem, renumbered, 4).rows, plain * 2)
    assert len(best_recorded(build_problem(plain_spec, mixed), mixed.dataset, 500).rows) == 80


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


def test_the_recorded_density_is_shown_by_an_even_sample(mixed_spec, plain_spec, mixed, monkeypatch):
    sums = mixed.dataset.X[:, :2].sum(axis=1)
    info = density_info(mixed_spec, mixed.dataset)
    assert info.unit == "kg"
    assert info.recorded == tuple(sums.tolist())
    assert (info.mean, info.std) == pytest.approx((sums.mean(), sums.std()))
    assert (info.target, info.tolerance) == (mixed_spec.density.target, mixed_spec.density.tolerance)
    assert density_info(plain_spec, mixed.dataset).target == pytest.approx(sums.mean())
    assert density_info(plain_spec, replace(mixed.dataset, parts=())) is None
    monkeypatch.setattr(recorded, "MAX_DENSITIES", 10)
    info = density_info(plain_spec, mixed.dataset)
    assert len(info.recorded) == 10
    assert info.mean == pytest.approx(mixed.dataset.density.mean())
