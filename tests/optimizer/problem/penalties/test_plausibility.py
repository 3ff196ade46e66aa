import numpy as np
import pytest

from optimizer import MEASURES, GradientPenalty, Numeric, Plausibility, PlausibilityPenalty, SearchSpace, SpaceError

FEATURES = (Numeric("a", -9.0, 9.0, std=1.0), Numeric("b", -90.0, 90.0, std=10.0))
SPACE = SearchSpace(FEATURES)
ROWS = np.random.default_rng(0).normal(0, 1, (200, 2)) * [1, 10]
X = SPACE.sample(80, np.random.default_rng(1))


@pytest.fixture(params=list(MEASURES))
def judge(request):
    return Plausibility.of_rows(ROWS, FEATURES, measure=request.param)


def test_the_cost_is_0_up_to_the_median_row_and_1_where_5_percent_are_more_unusual(judge):
    penalty = PlausibilityPenalty(judge)
    costs, percents = penalty.cost(X), judge.percent(X)
    assert (costs[percents >= 50] == 0).all()
    assert (costs[percents < 49.9] > 0).all()
    assert (costs[percents < 4.9] > 1).all()
    assert (costs[(percents > 5.1) & (percents < 50)] < 1).all()
    far = np.linspace(3, 9, 20)[:, None] * [1, 10]
    assert (np.diff(penalty.cost(far)) >= 0).all()


def test_the_gradient_is_what_differences_say(judge):
    penalty = PlausibilityPenalty(judge)
    assert isinstance(penalty, GradientPenalty)
    costs, gradient = penalty.cost_with_gradient(X)
    np.testing.assert_allclose(costs, penalty.cost(X))
    for j in range(2):
        step = 1e-7 * FEATURES[j].std * np.eye(2)[j]
        differences = (penalty.cost(X + step) - penalty.cost(X - step)) / (2 * step[j])
        np.testing.assert_allclose(gradient[:, j], differences, rtol=1e-3, atol=1e-4 / FEATURES[j].std)


def test_a_weight_below_0_is_refused(judge):
    with pytest.raises(SpaceError, match="weight of the plausibility penalty must be at least 0, got -1"):
        PlausibilityPenalty(judge, -1.0)
