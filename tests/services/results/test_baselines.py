import numpy as np
import pytest

from optimizer import Budget, Hooks, search
from optimizer.methods.random_search import RandomSearch
from services.problems.building import build_problem
from services.results.baselines import baseline_sentence, best_of_random
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
