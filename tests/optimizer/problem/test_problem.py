import numpy as np
import pytest

from optimizer import Curve, DensityPenalty, Goal, Objective, Problem, SearchSpace, SpaceError
from optimizer.problem.objective import UNCERTAIN_POINTS

SPACE = SearchSpace.from_bounds([(0, 10), (0, 10)])
X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def first(rows):
    return rows[:, 0]


def test_the_score_is_the_objective_plus_the_weighted_penalties():
    half, twice = DensityPenalty((0, 1), 7.0, 2.0, weight=0.5), DensityPenalty((1,), 2.0, 1.0, weight=2.0)
    found = Problem(SPACE, first, Objective(Goal.MAXIMUM, scale=4.0), (half, twice)).evaluate(X)
    np.testing.assert_array_equal(found.X, X)
    np.testing.assert_allclose(found.outcomes, [1, 3, 5])
    np.testing.assert_allclose(found.penalties, [0.5 * 1 + 0, 0 + 2 * 1, 0.5 * 1 + 2 * 9])
    np.testing.assert_allclose(found.scores, np.array([-1, -3, -5]) / 4 + found.penalties)


def test_a_weight_of_zero_is_off():
    class Broken:
        weight = 0.0

        def cost(self, rows):
            raise AssertionError("a penalty that is off was computed")

    found = Problem(SPACE, first, Objective(), (Broken(),)).evaluate(X)
    np.testing.assert_array_equal(found.penalties, [0, 0, 0])


def test_without_penalties_nothing_is_paid():
    problem = Problem(SPACE, first, Objective(Goal.MINIMUM), (DensityPenalty((0,), 0.0, 1.0),))
    np.testing.assert_array_equal(problem.without_penalties().evaluate(X).scores, [1, 3, 5])
    assert len(problem.penalties) == 1


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_is_never_best_and_is_counted(goal, odd):
    problem = Problem(SPACE, lambda rows: np.where(rows[:, 0] == 3, odd, rows[:, 0]), Objective(goal, value=2.0))
    found = problem.evaluate(X)
    assert found.scores[1] == np.inf
    assert found.n_nonfinite == 1
    assert found.by_score().X[-1].tolist() == [3.0, 4.0]


def test_a_penalty_that_is_no_number_is_never_best():
    class Odd:
        weight = 1.0

        def cost(self, rows):
            return np.array([0.0, np.nan, -np.inf])

    assert Problem(SPACE, first, Objective(), (Odd(),)).evaluate(X).n_nonfinite == 2


def test_predictions_in_single_precision_become_scores_in_double():
    found = Problem(SPACE, lambda rows: rows[:, 0].astype(np.float32), Objective()).evaluate(X)
    assert found.outcomes.dtype == found.scores.dtype == np.float64


@pytest.mark.parametrize("curve", [None, Curve(0, np.linspace(0, 1, 5))])
def test_one_evaluation_is_one_call(curve):
    sizes = []

    def predict(rows):
        sizes.append(len(rows))
        return rows[:, 0]

    Problem(SPACE, predict, Objective(curve=curve)).evaluate(X)
    assert sizes == [3 if curve is None else 15]


def test_a_wrong_matrix_or_prediction_is_refused():
    problem = Problem(SPACE, lambda rows: rows, Objective())
    with pytest.raises(SpaceError, match=r"shape \(n, 2\), got \(3, 5\)"):
        problem.evaluate(np.zeros((3, 5)))
    with pytest.raises(SpaceError, match=r"one number per row, shape \(3,\), got \(3, 2\)"):
        problem.evaluate(X)


def widening(rows):
    """Predictions, with an uncertainty that grows along the second feature."""
    return rows[:, 0], rows[:, 1] / 2


def test_caution_takes_the_uncertainty_off_in_standard_deviations_of_the_objective():
    penalty = DensityPenalty((0,), 1.0, 1.0, weight=0.5)
    for goal, objective in ((Goal.MAXIMUM, [-1, -3, -5]), (Goal.MINIMUM, [1, 3, 5]), (Goal.VALUE, [3, 1, 1])):
        cautious = Problem(
            SPACE,
            first,
            Objective(goal, scale=4.0, value=4.0),
            (penalty,),
            predict_with_uncertainty=widening,
            risk_aversion=2.0,
        )
        found = cautious.evaluate(X)
        np.testing.assert_allclose(found.outcomes, [1, 3, 5])
        np.testing.assert_allclose(found.penalties, 2 * np.array([1, 2, 3]) / 4 + 0.5 * np.array([0, 1, 9]))
        np.testing.assert_allclose(found.scores, np.array(objective) / 4 + found.penalties)
        np.testing.assert_array_equal(cautious.without_penalties().evaluate(X).penalties, 0)
        np.testing.assert_allclose(cautious.with_penalties_only().evaluate(X).penalties, [0, 0.5, 4.5])


@pytest.mark.parametrize("curve", [None, Curve(0, np.linspace(0, 1, 5)), Curve(0, np.linspace(0, 1, 5), "minimum")])
def test_caution_asks_once_for_prediction_and_uncertainty_together(curve):
    sizes = []

    def both(rows):
        sizes.append(len(rows))
        return widening(rows)

    def never(rows):
        raise AssertionError("the prediction was asked for twice")

    Problem(SPACE, never, Objective(curve=curve), predict_with_uncertainty=both, risk_aversion=1.0).evaluate(X)
    assert sizes == [3 if curve is None else 15]


def test_the_uncertainty_of_a_long_curve_is_asked_for_at_a_few_points_with_its_ends():
    asked = []

    def both(rows):
        asked.append(rows[:, 0])
        return widening(rows)

    def with_gradient(rows):
        return rows[:, 0], np.eye(2)[np.zeros(len(rows), dtype=int)]

    def both_with_gradient(rows):
        return *widening(rows), with_gradient(rows)[1], np.tile([0.0, 0.5], (len(rows), 1))

    for summary, length in (("area", 4.0), ("mean", 1.0)):
        long = Problem(
            SPACE,
            first,
            Objective(curve=Curve(0, np.linspace(0, 4, 101), summary)),
            predict_with_uncertainty=both,
            predict_with_gradient=with_gradient,
            predict_with_uncertainty_and_gradient=both_with_gradient,
            risk_aversion=1.0,
        )
        asked.clear()
        found = long.evaluate(X)
        assert [len(each) for each in asked] == [3 * UNCERTAIN_POINTS] and set(asked[0][:1]) | set(asked[0][-1:]) == {
            0.0,
            4.0,
        }
        np.testing.assert_allclose(found.outcomes, 2 * length)  # the mean along the curve is 2
        np.testing.assert_allclose(found.penalties, X[:, 1] / 2 * length)
        again, gradients = long.evaluate_with_gradient(X)
        np.testing.assert_allclose(again.scores, found.scores)
        np.testing.assert_allclose(gradients, np.tile([0.0, 0.5 * length], (3, 1)))


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, -0.1])
def test_an_uncertainty_that_is_none_is_never_best_and_is_counted(odd):
    def both(rows):
        return rows[:, 0], np.where(rows[:, 0] == 5, odd, 1.0)

    found = Problem(SPACE, first, Objective(), predict_with_uncertainty=both, risk_aversion=1.0).evaluate(X)
    assert found.scores[2] == np.inf and found.n_nonfinite == 1


def test_caution_without_uncertainty_or_below_0_is_refused():
    with pytest.raises(SpaceError, match="need a prediction that tells its uncertainty"):
        Problem(SPACE, first, Objective(), risk_aversion=1.0)
    with pytest.raises(SpaceError, match="Risk aversion must be at least 0, got -1"):
        Problem(SPACE, first, Objective(), predict_with_uncertainty=widening, risk_aversion=-1.0)
    with pytest.raises(SpaceError, match=r"one uncertainty per row, shape \(3,\), got \(2,\)"):
        Problem(
            SPACE, first, Objective(), predict_with_uncertainty=lambda rows: (rows[:, 0], np.ones(2)), risk_aversion=1.0
        ).evaluate(X)


def test_what_is_off_is_not_realism():
    plain = Problem(SPACE, first, Objective(), (DensityPenalty((0,), 1.0, 1.0, weight=0.0),))
    assert not plain.is_realistic
    assert Problem(SPACE, first, Objective(), predict_with_uncertainty=widening, risk_aversion=0.1).is_realistic
