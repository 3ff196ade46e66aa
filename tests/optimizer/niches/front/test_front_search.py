from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import (
    Budget,
    FrontProblem,
    FrontSettings,
    Gate,
    Hooks,
    Limit,
    LineageState,
    Numeric,
    Objective,
    Plausibility,
    SearchSpace,
    SpaceError,
    StopReason,
    SumConstraint,
    is_end,
    search_front,
)
from optimizer.niches.front.dominance import is_nondominated
from tests.optimizer.spy import Spy

SPACE = SearchSpace.from_bounds([(0, 1)] * 3)
BOTH = {0: Objective("minimum"), 1: Objective("minimum")}
SMALL = FrontSettings(n_lineages=20, n_children=20)


def bowls(X):
    """The Pareto set is the way between the corners (0.2, ...) and (0.8, ...)."""
    return np.column_stack([((X - 0.2) ** 2).sum(axis=1), ((X - 0.8) ** 2).sum(axis=1)])


def twice(X):
    """Two equivalent Pareto sets: x2 = 0.25 and x2 = 0.75, along x1."""
    away = 10 * (np.abs(X[:, 1] - 0.5) - 0.25) ** 2 + (X[:, 2] - 0.5) ** 2
    return np.column_stack([X[:, 0] ** 2 + away, (1 - X[:, 0]) ** 2 + away])


def found_by(function, budget=400, seed=0, space=SPACE, settings=SMALL, hooks=None, **more):
    problem = FrontProblem(space, function, BOTH, **more)
    extra = {} if hooks is None else {"hooks": hooks}
    return search_front(problem, Budget(budget), np.random.default_rng(seed), settings=settings, **extra)


def same(one, two):
    return (
        one.front.X.tobytes() == two.front.X.tobytes()
        and len(one.trace) == len(two.trace)
        and all(a.bests.X.tobytes() == b.bests.X.tobytes() for a, b in zip(one.trace, two.trace, strict=True))
        and all(
            (a.ids == b.ids).all() and (a.states == b.states).all() for a, b in zip(one.trace, two.trace, strict=True)
        )
    )


class TestContract:
    def test_the_same_seed_gives_the_same_outcome_and_another_another(self):
        one, two, other = (found_by(bowls, seed=seed) for seed in (3, 3, 4))
        assert same(one, two) and not same(one, other)

    @pytest.mark.parametrize("budget", [20, 41, 333])
    def test_evaluations_are_counted_exactly_and_stay_within_the_budget(self, budget):
        spy = Spy(bowls)
        outcome = found_by(spy, budget)
        assert outcome.n_evaluations == len(spy.rows) <= budget
        assert outcome.stop_reason is StopReason.BUDGET
        assert len(spy.asked) == len(outcome.trace)  # one call per generation

    def test_a_budget_below_the_first_generation_is_refused_before_any_evaluation(self):
        spy = Spy(bowls)
        space = SPACE
        problem = FrontProblem(space, spy, BOTH, begin_at=space.sample(9, np.random.default_rng(0)))
        with pytest.raises(SpaceError, match="needs 9 evaluations, the budget allows 8: raise"):
            search_front(problem, Budget(8), np.random.default_rng(0), settings=SMALL)
        assert spy.asked == []

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data(), seed=st.integers(0, 1000))
    def test_every_candidate_is_one_of_the_space(self, spaces, check_candidates, data, seed):
        space = data.draw(spaces)
        spy = Spy(lambda X: np.column_stack([np.cos(X).sum(axis=1), np.sin(X).sum(axis=1)]))
        outcome = found_by(spy, 150, seed, space)
        check_candidates(spy.rows, space)
        evaluated = {row.tobytes() for row in spy.rows}
        assert {row.tobytes() for row in outcome.found.X} <= evaluated  # nothing is invented

    def test_every_candidate_meets_the_rules(self):
        features = tuple(Numeric(f"part {j}", 0.0, 10.0, std=2.0) for j in range(3))
        space = SearchSpace(features, constraints=(SumConstraint((0, 1, 2), 12.0, 12.0),))
        spy = Spy(lambda X: np.column_stack([(X[:, 0] - 9) ** 2, (X[:, 1] - 9) ** 2]))
        found_by(spy, 300, space=space)
        np.testing.assert_allclose(spy.rows.sum(axis=1), 12.0, atol=1e-6)

    def test_the_front_holds_all_that_nothing_dominates_of_a_small_search(self):
        spy = Spy(bowls)
        outcome = found_by(spy, 300)
        scores = bowls(spy.rows)
        best = np.unique(scores[is_nondominated(scores)], axis=0)
        np.testing.assert_array_equal(np.unique(outcome.front.scores, axis=0), best)

    def test_its_trace_is_consistent(self):
        outcome = found_by(twice, 1500)
        assert [generation.number for generation in outcome.trace] == list(range(len(outcome.trace)))
        assert (np.diff([0, *(generation.evaluations for generation in outcome.trace)]) > 0).all()
        places, gone = {}, set()
        for generation in outcome.trace:
            assert (np.diff(generation.ids) > 0).all()
            assert len(generation.places) == len(generation.ids) == len(generation.bests)
            np.testing.assert_array_equal(generation.places.outcomes, twice(generation.bests.X))
            for lineage, state, x in zip(
                generation.ids.tolist(), generation.states.tolist(), generation.bests.X, strict=True
            ):
                assert (state == LineageState.BORN) == (lineage not in places) and lineage not in gone
                assert state != LineageState.STALLED or places[lineage] == x.tobytes()
                assert state != LineageState.IMPROVED or places[lineage] != x.tobytes()
                places[lineage] = x.tobytes()
            living = set(generation.ids[~is_end(generation.states)].tolist())
            assert len(living) <= SMALL.n_lineages
            assert set(places) - gone <= set(generation.ids.tolist())
            gone |= set(generation.ids[is_end(generation.states)].tolist())

    def test_each_generation_is_handed_on_and_a_stop_keeps_what_was_found(self):
        heard, asked = [], count()
        outcome = found_by(bowls, 5000, hooks=Hooks(heard.append, should_stop=lambda: next(asked) >= 3))
        assert tuple(heard) == outcome.trace and len(heard) == 3
        assert outcome.stop_reason is StopReason.USER and len(outcome.front) > 0

    def test_a_stop_before_the_first_generation_finds_nothing(self):
        outcome = found_by(bowls, hooks=Hooks(should_stop=lambda: True))
        assert len(outcome.front) == len(outcome.archive) == outcome.n_evaluations == 0

    def test_it_ends_when_the_front_does_not_come_on(self):
        problem = FrontProblem(SPACE, lambda X: np.ones((len(X), 2)), BOTH)
        outcome = search_front(problem, Budget(5000, stall=4), np.random.default_rng(0), settings=SMALL)
        assert outcome.stop_reason is StopReason.NO_IMPROVEMENT
        assert len(outcome.trace) == 5

    def test_decisions_are_refused_in_words(self):
        with pytest.raises(SpaceError, match="cannot be steered"):
            found_by(bowls, hooks=Hooks(decide=lambda generation: ()))

    def test_predictions_that_are_no_number_are_never_found(self):
        spy = Spy(lambda X: np.where(X[:, :1] < 0.5, np.nan, bowls(X)))
        outcome = found_by(spy)
        assert (outcome.found.X[:, 0] >= 0.5).all() and len(outcome.front) > 0
        assert sum(generation.n_nonfinite for generation in outcome.trace) == (spy.rows[:, 0] < 0.5).sum()
        nothing = found_by(lambda X: np.full((len(X), 2), np.nan), 200)
        assert len(nothing.front) == 0 and nothing.n_evaluations <= 200

    def test_it_begins_at_what_it_was_given(self):
        given_at = np.array([[0.123, 0.456, 0.789]])
        spy = Spy(bowls)
        found_by(spy, begin_at=given_at)
        assert (spy.asked[0] == given_at).all(axis=1).any()


class TestFront:
    def test_it_lies_on_the_pareto_set(self):
        outcome = found_by(bowls, 3000)
        assert len(outcome.front) > 50
        assert np.ptp(outcome.front.X, axis=1).max() < 0.15
        assert outcome.front.X[:, 0].min() < 0.25 and outcome.front.X[:, 0].max() > 0.75

    def test_maxima_and_values_are_objectives_too(self):
        problem = FrontProblem(SPACE, lambda X: X[:, :2], {0: Objective("maximum"), 1: Objective("value", value=0.3)})
        outcome = search_front(problem, Budget(1000), np.random.default_rng(0), settings=SMALL)
        assert outcome.front.X[:, 0].max() > 0.99
        assert np.abs(outcome.front.X[:, 1] - 0.3).min() < 0.01

    def test_different_settings_of_equal_outcomes_are_kept(self):
        outcome = found_by(twice, 3000)
        upper = outcome.archive.X[:, 1] > 0.5
        assert len(np.unique(outcome.hills)) >= 2
        assert not set(outcome.hills[upper]) & set(outcome.hills[~upper])
        assert len(set(outcome.directions[upper]) & set(outcome.directions[~upper])) >= 5
        cells = np.column_stack([outcome.directions, outcome.hills])
        assert len(np.unique(cells, axis=0)) == len(cells)

    def test_all_that_is_found_keeps_limits(self):
        problem = FrontProblem(SPACE, bowls, BOTH, limits=(Limit(0, at_most=0.3, scale=0.2),))
        outcome = search_front(problem, Budget(1500), np.random.default_rng(0), settings=SMALL)
        assert (outcome.found.outcomes[:, 0] <= 0.3).all()
        assert outcome.front.outcomes[:, 0].max() > 0.25

    def test_narrow_limits_are_reached(self):
        narrow = (Limit(0, at_least=0.5, at_most=0.51), Limit(1, at_most=0.5))
        problem = FrontProblem(SPACE, bowls, BOTH, limits=narrow)
        outcome = search_front(problem, Budget(2000), np.random.default_rng(0), settings=SMALL)
        assert len(outcome.front) > 0
        assert ((outcome.front.outcomes[:, 0] >= 0.5) & (outcome.front.outcomes[:, 0] <= 0.51)).all()

    def test_limits_that_nothing_keeps_leave_nothing(self):
        problem = FrontProblem(SPACE, bowls, BOTH, limits=(Limit(0, at_most=-1.0),))
        outcome = search_front(problem, Budget(500), np.random.default_rng(0), settings=SMALL)
        assert len(outcome.front) == len(outcome.archive) == 0
        assert (outcome.trace[-1].places.violations > 0).all()

    def test_the_gate_is_passed(self):
        rng = np.random.default_rng(0)
        rows = np.column_stack([rng.uniform(0.3, 0.5, 80), *rng.uniform(0, 1, (2, 80))])
        gate = Gate(Plausibility.of_rows(rows, SPACE.features), 20.0)
        problem = FrontProblem(SPACE, bowls, BOTH, gate=gate, starts=rows)
        outcome = search_front(problem, Budget(1500), np.random.default_rng(0), settings=SMALL)
        assert len(outcome.front) > 0 and gate.passes(outcome.found.X).all()

    def test_gradients_bring_it_nearer(self):
        def with_gradient(X):
            return bowls(X), 2 * (X[:, None] - np.array([[0.2] * 3, [0.8] * 3]))

        spy = Spy(with_gradient)
        without = found_by(bowls, 1000)
        with_slopes = found_by(bowls, 1000, predict_with_gradient=spy)
        assert with_slopes.n_evaluations <= 1000 and spy.asked
        assert with_slopes.trace[-1].evaluations > with_slopes.trace[-2].evaluations
        thickness = [np.sort(np.ptp(each.front.X, axis=1))[:20].mean() for each in (with_slopes, without)]
        assert thickness[0] < thickness[1]
