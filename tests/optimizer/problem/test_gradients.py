import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import (
    Categorical,
    Curve,
    DensityPenalty,
    DistancePenalty,
    Gate,
    Goal,
    Numeric,
    Objective,
    Plausibility,
    PlausibilityPenalty,
    Problem,
    SearchSpace,
    SpaceError,
    Summary,
)
from optimizer.problem import objective as objective_module

SPACE = SearchSpace(
    (
        Numeric("a", -2.0, 2.0, std=1.0),
        Numeric("sweep", 0.0, 3.0, std=1.0, frozen=1.0),
        Categorical("kind", (0.5, 0.5)),
        Numeric("b", -200.0, 200.0, std=100.0),
        Numeric("held", 0.0, 9.0, std=1.0, frozen=4.0),
    )
)
X = SPACE.sample(60, np.random.default_rng(0))
GRID = np.array([0.0, 0.3, 1.1, 1.2, 2.0, 3.0])


def predict(rows):
    a, s, kind, b, held = rows.T
    return np.sin(2 * a + s) + 0.3 * s * b / 100 + np.cos(b / 60) * a + kind + held


def predict_with_gradient(rows):
    a, s, _, b, _ = rows.T
    return predict(rows), np.column_stack(
        [
            2 * np.cos(2 * a + s) + np.cos(b / 60),
            np.cos(2 * a + s) + 0.3 * b / 100,
            np.full(len(rows), 5.0),  # a slope by a category means nothing
            0.003 * s - np.sin(b / 60) * a / 60,
            np.ones(len(rows)),
        ]
    )


def problem(objective, *penalties):
    return Problem(SPACE, predict, objective, penalties, predict_with_gradient)


def differences(of, rows, h=1e-6):
    """Central differences of the scores by the two free numbers."""
    result = np.zeros(rows.shape)
    for j in (0, 3):
        step = h * SPACE.features[j].std * np.eye(rows.shape[1])[j]
        rise = of.evaluate(rows + step).scores - of.evaluate(rows - step).scores
        result[:, j] = rise / (2 * h * SPACE.features[j].std)
    return result


def check(of):
    judged, slopes = of.evaluate_with_gradient(X)
    expected = of.evaluate(X)
    for name in ("X", "scores", "outcomes", "penalties"):
        np.testing.assert_allclose(getattr(judged, name), getattr(expected, name), rtol=1e-12)
    np.testing.assert_allclose(slopes, differences(of, X), rtol=1e-4, atol=1e-6)
    assert (slopes[:, [1, 2, 4]] == 0).all()


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("summary", [None, *Summary])
def test_the_gradient_of_the_score_is_what_differences_say(goal, summary):
    curve = Curve(1, GRID, summary, at=0.7) if summary else None
    check(problem(Objective(goal, scale=2.5, value=1.0, curve=curve)))


def test_penalties_add_their_weighted_slopes():
    density = DensityPenalty((0, 3, 4), target=0.0, tolerance=20.0, weight=0.7)
    rows = SPACE.sample(30, np.random.default_rng(1))
    distance = DistancePenalty.from_rows(rows, SPACE.features, weight=3.0, threshold=0.1)
    check(problem(Objective(), density))
    check(problem(Objective(), distance))
    check(problem(Objective(curve=Curve(1, GRID)), density, distance))


def test_long_curves_are_taken_in_blocks(monkeypatch):
    of = problem(Objective(curve=Curve(1, np.linspace(0, 3, 40))))
    whole = of.evaluate_with_gradient(X)[1]
    sizes = []

    def counting(rows):
        sizes.append(len(rows))
        return predict_with_gradient(rows)

    monkeypatch.setattr(objective_module, "MAX_ROWS", 500)
    in_blocks = Problem(SPACE, predict, of.objective, (), counting).evaluate_with_gradient(X)[1]
    np.testing.assert_allclose(in_blocks, whole, rtol=1e-12)
    assert max(sizes) <= 500 and sum(sizes) == 40 * len(X)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_has_no_slope(odd):
    def spoilt(rows):
        values, slopes = predict_with_gradient(rows)
        values[3], slopes[3] = odd, np.nan
        return values, slopes

    judged, slopes = Problem(SPACE, predict, Objective(), (), spoilt).evaluate_with_gradient(X)
    assert judged.scores[3] == np.inf
    assert (slopes[3] == 0).all() and np.isfinite(slopes).all()


@given(st.floats(-3, 3))
def test_a_value_that_is_met_has_no_slope(value):
    flat = Problem(
        SPACE,
        lambda rows: np.full(len(rows), value),
        Objective(Goal.VALUE, value=value),
        (),
        lambda rows: (np.full(len(rows), value), np.ones(rows.shape)),
    )
    assert (flat.evaluate_with_gradient(X)[1] == 0).all()


def test_the_candidates_are_left_alone():
    def working_in_place(rows):
        answer = predict_with_gradient(rows)
        rows[:] = 0
        return answer

    before = X.copy()
    judged, _ = Problem(SPACE, predict, Objective(), (), working_in_place).evaluate_with_gradient(X)
    assert np.array_equal(X, before) and np.array_equal(judged.X, before)


class _WithoutSlope:
    weight = 1.0

    def cost(self, rows):
        return np.zeros(len(rows))


def test_without_slopes_there_is_no_gradient():
    assert problem(Objective()).has_gradient
    for of in (Problem(SPACE, predict, Objective()), problem(Objective(), _WithoutSlope())):
        assert not of.has_gradient
        with pytest.raises(SpaceError, match=r"offers no gradient: use evaluate\(\)"):
            of.evaluate_with_gradient(X)


def test_a_penalty_that_is_off_needs_no_slope():
    class Off(_WithoutSlope):
        weight = 0.0

    check(problem(Objective(), Off()))


def test_wrong_shapes_are_refused():
    broken = Problem(SPACE, predict, Objective(), (), lambda rows: (predict(rows), predict(rows)))
    with pytest.raises(SpaceError, match=r"gradients of shape \(60, 5\), got \(60,\)"):
        broken.evaluate_with_gradient(X)
    with pytest.raises(SpaceError, match=r"shape \(n, 5\), got \(2, 2\)"):
        problem(Objective()).evaluate_with_gradient(np.zeros((2, 2)))


def uncertainty(rows):
    a, s, _, b, _ = rows.T
    return 1 + 0.2 * a**2 + 0.1 * s * np.abs(b) / 100


def with_uncertainty(rows):
    return predict(rows), uncertainty(rows)


def with_both(rows):
    a, s, _, b, _ = rows.T
    nothing = np.zeros(len(rows))
    rises = np.column_stack([0.4 * a, 0.1 * np.abs(b) / 100, nothing, 0.001 * s * np.sign(b), nothing])
    predicted, slopes = predict_with_gradient(rows)
    return predicted, uncertainty(rows), slopes, rises


def cautious(objective, **changes):
    given = {
        "predict_with_uncertainty": with_uncertainty,
        "predict_with_uncertainty_and_gradient": with_both,
        "risk_aversion": 1.5,
    }
    return Problem(SPACE, predict, objective, **(given | changes))


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("summary", [None, *Summary])
def test_the_gradient_of_a_cautious_score_is_what_differences_say(goal, summary):
    curve = Curve(1, GRID, summary, at=0.7) if summary else None
    check(cautious(Objective(goal, scale=2.5, value=1.0, curve=curve)))


@pytest.mark.parametrize("measure", ["neighbours", "mixture"])
def test_gate_and_plausibility_add_their_slopes(measure):
    rows = SPACE.sample(60, np.random.default_rng(1)) * [0.3, 1, 1, 0.3, 1]
    judge = Plausibility.of_rows(rows, SPACE.features, measure=measure, left_out=(1,))
    gated = cautious(
        Objective(curve=Curve(1, GRID)), penalties=(PlausibilityPenalty(judge, 0.7),), gate=Gate(judge, 20.0)
    )
    assert (gated.evaluate(X).penalties > 1).any()
    check(gated)


def test_caution_needs_the_slope_of_the_uncertainty():
    blind = cautious(
        Objective(), predict_with_uncertainty_and_gradient=None, predict_with_gradient=predict_with_gradient
    )
    assert not blind.has_gradient and blind.with_penalties_only().has_gradient
