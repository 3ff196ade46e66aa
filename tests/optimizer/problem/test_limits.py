from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import (
    Budget,
    Limit,
    Limits,
    LineageSettings,
    NicheSettings,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    polish,
    search,
)

SPACE = SearchSpace.from_bounds([(0, 1)] * 2)
NUMBERS = st.floats(-1e6, 1e6)


def bowl(X):
    return ((X - 0.2) ** 2).sum(axis=1)


def total(X):
    return X.sum(axis=1)[:, None]


def total_with_gradient(X):
    return total(X), np.ones((len(X), 1, X.shape[1]))


AT_LEAST = Limits(total, (Limit(0, at_least=1.0, scale=0.4),), total_with_gradient)
PLAIN = Problem(SPACE, bowl, Objective("minimum"), predict_with_gradient=lambda X: (bowl(X), 2 * (X - 0.2)))
LIMITED = replace(PLAIN, limits=AT_LEAST)  # the best is (0.5, 0.5)


class TestLimit:
    @given(value=NUMBERS, low=NUMBERS, width=st.floats(0, 1e6))
    def test_it_is_kept_between_its_numbers_alone(self, value, low, width):
        high = low + width
        values = np.array([value])
        assert (Limit(0, low, high).beyond(values) <= 0) == (low <= value <= high)
        assert (Limit(0, at_least=low).beyond(values) <= 0) == (value >= low)
        assert (Limit(0, at_most=high).beyond(values) <= 0) == (value <= high)

    def test_what_is_no_number_breaks_it(self):
        assert np.isposinf(Limit(0, at_most=1.0).beyond(np.array([np.nan, np.inf, -np.inf]))).all()

    def test_its_unit_is_the_scale(self):
        assert Limit(0, at_most=1.0, scale=2.0).beyond(np.array([5.0])) == 2.0

    def test_it_is_refused_in_words(self):
        with pytest.raises(SpaceError, match="leaves nothing: swap"):
            Limit(0, at_least=2.0, at_most=1.0)
        with pytest.raises(SpaceError, match="needs a number"):
            Limit(0)
        with pytest.raises(SpaceError, match="scale of a limit"):
            Limit(0, at_least=1.0, scale=0.0)
        with pytest.raises(SpaceError, match="leave them out"):
            Limits(total, ())


class TestProblemWithLimits:
    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=20))
    def test_what_keeps_limits_is_always_better_than_what_breaks_one(self, rows):
        X = np.array(rows)
        found = LIMITED.evaluate(X)
        keeps = X.sum(axis=1) >= 1.0
        assert found.scores[keeps].max(initial=-np.inf) < found.scores[~keeps].min(initial=np.inf)
        worst_first = np.argsort(X.sum(axis=1)[~keeps])
        assert (np.diff(found.scores[~keeps][worst_first]) <= 0).all()
        np.testing.assert_allclose(found.scores, LIMITED.objective.scores(found.outcomes) + found.penalties)

    def test_a_limit_that_binds_nothing_changes_no_score(self):
        X = SPACE.sample(50, np.random.default_rng(0))
        loose = replace(PLAIN, limits=Limits(total, (Limit(0, at_least=-1.0),)))
        np.testing.assert_array_equal(loose.evaluate(X).scores, PLAIN.evaluate(X).scores)

    def test_gradients_are_those_of_the_scores(self):
        X = SPACE.sample(50, np.random.default_rng(1))
        X = X[np.abs(X.sum(axis=1) - 1) > 0.01]
        found, gradients = LIMITED.evaluate_with_gradient(X)
        np.testing.assert_array_equal(found.scores, LIMITED.evaluate(X).scores)
        for j in range(2):
            step = 1e-6 * np.eye(2)[j]
            rises = (LIMITED.evaluate(X + step).scores - LIMITED.evaluate(X - step).scores) / 2e-6
            np.testing.assert_allclose(gradients[:, j], rises, rtol=1e-2, atol=1e-2)

    def test_without_gradients_of_limits_the_problem_has_none(self):
        assert LIMITED.has_gradient
        assert not replace(LIMITED, limits=replace(AT_LEAST, predict_with_gradient=None)).has_gradient

    @pytest.mark.parametrize("method", [NicheSettings(), LineageSettings()], ids=["niches", "lineages"])
    @pytest.mark.parametrize("has_gradient", [False, True])
    def test_the_best_is_found_on_the_limit(self, method, has_gradient):
        problem = LIMITED if has_gradient else replace(LIMITED, predict_with_gradient=None)
        found = search(problem, method, Budget(3000), np.random.default_rng(0)).found
        passing = problem.passing(found)
        assert (total(passing.X) >= 1.0).all()
        assert passing.outcomes[0] == pytest.approx(0.18, abs=0.02)
        assert found.scores[0] == passing.scores[0]

    def test_limits_that_nothing_keeps_leave_no_result(self):
        impossible = replace(PLAIN, limits=Limits(total, (Limit(0, at_least=3.0),)))
        found = search(impossible, NicheSettings(), Budget(500), np.random.default_rng(0)).found
        assert len(found) > 0
        assert len(impossible.passing(found)) == 0
        assert total(found.X[:1]) > 1.9  # the nearest to the limit

    def test_a_polish_stays_within_the_limit(self):
        start = LIMITED.evaluate(np.array([[0.9, 0.4]]))
        polished = polish(LIMITED, start, 200, np.random.default_rng(0)).candidates
        assert total(polished.X) >= 1.0
        assert polished.outcomes[0] == pytest.approx(0.18, abs=0.01)

    def test_outcomes_of_another_shape_are_refused_in_words(self):
        wrong = replace(PLAIN, limits=Limits(lambda X: X.sum(axis=1), (Limit(0, at_least=1.0),)))
        with pytest.raises(SpaceError, match="one row per candidate and at least 1 columns"):
            wrong.evaluate(np.zeros((3, 2)))
