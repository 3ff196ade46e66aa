"""A formula or a desirability in the place of one model."""

import numpy as np
import pytest

from optimizer import Goal, SpaceError
from services.problems.building import build_problem, build_space
from services.problems.outcomes.goals import objective_data
from services.problems.outcomes.run_outcomes import RunOutcomes

YIELD, IMPURITY, ENERGY = "yield", "impurity", "energy consumption"
COST = ("cost", {"formula": f"30 * [catalyst amount] + 5 * [{ENERGY}]", "unit": "€", "goal": "minimum"})


@pytest.fixture(scope="module")
def cheap(reactor):
    return reactor.run(COST, (YIELD, {"at_least": 60.0}), (ENERGY, {}))


@pytest.fixture(scope="module")
def wanted(reactor):
    return reactor.run(
        (YIELD, {"goal": "maximum", "importance": 5}), (ENERGY, {"goal": "minimum"}), combine="desirability"
    )


def rows(reactor, spec, n=60):
    space = build_space(spec, reactor.model_data(spec).dataset)
    return space.sample(n, np.random.default_rng(2))


class TestFormula:
    def test_its_rows_are_those_that_tell_it(self, reactor, cheap):
        found = objective_data(cheap, reactor.model_data(cheap))
        is_known = np.isfinite(reactor.dataset.measured(ENERGY))
        assert found.dataset.numbers.tolist() == reactor.dataset.numbers[is_known].tolist()
        amounts = reactor.dataset.X[is_known, reactor.dataset.index("catalyst amount")]
        assert found.dataset.y == pytest.approx(30 * amounts + 5 * reactor.dataset.measured(ENERGY)[is_known])
        assert (found.dataset.outcome.name, found.dataset.outcome.unit) == ("cost", "€")

    def test_it_is_predicted_by_what_it_needs(self, reactor, cheap):
        X, data = rows(reactor, cheap), reactor.model_data(cheap)
        found = objective_data(cheap, data)
        assert found.predictor.predict(X) == pytest.approx(RunOutcomes.of(cheap, data).predict(X)[:, 0])
        assert found.confidence is None

    def test_its_slopes_are_those_of_small_steps(self, reactor, cheap):
        X, predictor = rows(reactor, cheap), objective_data(cheap, reactor.model_data(cheap)).predictor
        value, slopes = predictor.predict_with_gradient(X)
        assert value == pytest.approx(predictor.predict(X))
        for j in range(4):
            step = 1e-4 * np.ptp(X[:, j])
            up, down = X.copy(), X.copy()
            up[:, j] += step
            down[:, j] -= step
            rise = (predictor.predict(up) - predictor.predict(down)) / (2 * step)
            assert slopes[:, j] == pytest.approx(rise, rel=1e-3, abs=1e-4 * np.abs(rise).max())

    def test_what_it_is_calculated_from_keeps_to_the_extrapolation_limit(self, reactor, cheap):
        asked = cheap.revised(plausibility={"extrapolation_limit": 0.2}, risk_aversion=1.0)
        outcomes = RunOutcomes.of(asked, reactor.model_data(asked))
        assert list(outcomes.uncertain) == [ENERGY]
        X = rows(reactor, asked)
        most = outcomes.uncertain[ENERGY]
        errors = outcomes.uncertainty(ENERGY)(X)[1]
        problem = build_problem(asked, reactor.model_data(asked))
        kept = outcomes.keeps(X).all(axis=1) & (errors <= most)
        assert ((problem.limits.violations(X) == 0) == kept).all()

    def test_a_goal_of_the_formula_is_that_of_the_problem(self, reactor, cheap):
        problem = build_problem(cheap, reactor.model_data(cheap))
        X = rows(reactor, cheap)
        assert problem.objective.goal is Goal.MINIMUM
        assert problem.evaluate(X).outcomes == pytest.approx(problem.predict(X))


class TestDesirability:
    def test_it_is_the_weighted_geometric_mean_from_worst_to_best(self, reactor, wanted):
        data = reactor.model_data(wanted)
        outcomes, X = RunOutcomes.of(wanted, data), rows(reactor, wanted)
        yields, energies = outcomes.predict(X).T
        y, e = reactor.dataset.measured(YIELD), reactor.dataset.measured(ENERGY)
        of_yield = np.clip((yields - np.nanmin(y)) / (np.nanmax(y) - np.nanmin(y)), 0, 1)
        of_energy = np.clip((np.nanmax(e) - energies) / (np.nanmax(e) - np.nanmin(e)), 0, 1)
        expected = of_yield ** (5 / 8) * of_energy ** (3 / 8)
        assert objective_data(wanted, data).predictor.predict(X) == pytest.approx(expected)

    def test_its_slopes_are_those_of_small_steps(self, reactor, wanted):
        predictor = objective_data(wanted, reactor.model_data(wanted)).predictor
        X = rows(reactor, wanted)
        X = X[predictor.predict(X) > 0.05]
        _, slopes = predictor.predict_with_gradient(X)
        for j in range(4):
            step = 1e-3 * np.ptp(X[:, j])
            up, down = X.copy(), X.copy()
            up[:, j] += step
            down[:, j] -= step
            rise = (predictor.predict(up) - predictor.predict(down)) / (2 * step)
            is_smooth = np.abs(slopes[:, j] - rise) <= 1e-2 * np.abs(rise) + 1e-2 * np.abs(rise).max()
            assert is_smooth.mean() > 0.95  # a step may cross the end of a ramp

    def test_what_is_at_its_worst_is_no_result(self, reactor, wanted):
        data, X = reactor.model_data(wanted), rows(reactor, wanted, 400)
        problem = build_problem(wanted, data)
        is_nothing = problem.predict(X) <= 0
        assert is_nothing.any()
        assert not problem.believable(X[is_nothing]).any()

    def test_worst_and_best_may_be_given(self, reactor):
        spec = reactor.run(
            (YIELD, {"goal": "value", "value": 70.0, "worst": 60.0}),
            (ENERGY, {"goal": "minimum", "worst": 4.0, "best": 1.0}),
            combine="desirability",
        )
        data = reactor.model_data(spec)
        ramps = RunOutcomes.of(spec, data).ramps
        assert ramps[0].of(np.array([59.0, 60.0, 65.0, 70.0, 75.0, 80.0])).tolist() == [0, 0, 0.5, 1, 0.5, 0]
        assert ramps[1].of(np.array([5.0, 4.0, 2.5, 1.0, 0.0])).tolist() == [0, 0, 0.5, 1, 1]

    @pytest.mark.parametrize(
        ("ends", "words"), [({"worst": 5.0, "best": 5.0}, "two different"), ({"worst": 1.0, "best": 4.0}, "swap")]
    )
    def test_ends_that_make_no_ramp_are_refused(self, reactor, ends, words):
        spec = reactor.run((YIELD, {"goal": "maximum"}), (ENERGY, {"goal": "minimum"} | ends), combine="desirability")
        with pytest.raises(SpaceError, match=words):
            build_problem(spec, reactor.model_data(spec))
