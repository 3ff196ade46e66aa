import numpy as np
import pytest

from benchmarks.pareto import story


def test_peers_are_asked_for_what_the_app_searches():
    function, problem = story.concrete(), story.problem()
    low, high = np.array(function.bounds).T
    X = np.random.default_rng(0).uniform(low, high, (50, len(low)))
    goals, excess = function.evaluate(X), function.limits(X)
    assert goals.shape == (50, 3) and excess.shape == (50, 1)
    rows = np.array([feature.frozen or 0.0 for feature in problem.space.features])[None].repeat(50, axis=0)
    rows[:, [feature.is_free for feature in problem.space.features]] = X
    found = problem.evaluate(rows)
    assert story.of_outcomes(found.outcomes) == pytest.approx(goals)
    assert ((excess[:, 0] <= 0) == (found.violations == 0)).all()
    assert 0 < (excess > 0).sum() < 50
