"""One battery for every method in the registry: whoever joins it is run through this."""

from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import (
    METHODS,
    Budget,
    Hooks,
    LineageState,
    Method,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    StopReason,
    is_end,
    search,
)
from optimizer.constraints.constraint import OrderConstraint, SumConstraint
from optimizer.methods.bayesian import Bayesian
from tests.optimizer.spy import Spy

SPACE = SearchSpace.from_bounds([(0, 1)] * 3)
SMALLER = {"bayesian": Bayesian(n_random=10, n_trials=30)}  # slow before they evaluate
BATTERY = [SMALLER.get(name, method) for name, method in METHODS.items()]


def brief(method, budget):
    """A budget, a quarter of it for the one method that thinks for 20 ms over each candidate."""
    return budget // 4 if isinstance(method, Bayesian) else budget


def minimising(function, space=SPACE):
    return Problem(space, function, Objective(goal="minimum"))


def found_by(method, function, budget=None, seed=0, space=SPACE, **more):
    return search(minimising(function, space), method, budget or Budget(400), np.random.default_rng(seed), **more)


def found_or_refused(method, spy, space, **more):
    """What a method finds in a space, or None where it refused the space before any evaluation."""
    try:
        return found_by(method, spy, space=space, **more)
    except SpaceError as refused:
        assert spy.asked == []
        assert len(str(refused)) > 40 and ":" in str(refused)  # it says what to do
        return None


def two_hills(X):
    return np.minimum(((X - 0.2) ** 2).sum(axis=1), ((X - 0.8) ** 2).sum(axis=1) + 0.05)


@pytest.mark.parametrize("method", BATTERY, ids=[method.name for method in BATTERY])
class TestMethodContract:
    def test_it_is_known_by_its_name(self, method):
        assert isinstance(method, Method)
        assert type(METHODS[method.name]) is type(method)
        assert method == type(method)() or method.name in SMALLER

    def test_the_same_seed_gives_the_same_outcome_and_another_another(self, method, same_trace):
        one, two, other = (found_by(method, two_hills, seed=seed) for seed in (3, 3, 4))
        assert same_trace(one.trace, two.trace)
        assert one.found.X.tobytes() == two.found.X.tobytes()
        assert (one.stop_reason, one.n_lineages) == (two.stop_reason, two.n_lineages)
        assert not same_trace(one.trace, other.trace)

    def test_it_leaves_the_randomness_of_others_alone(self, method):
        before = np.random.get_state()[1].tobytes()  # noqa: NPY002 - the old global one is what is looked at
        found_by(method, two_hills, Budget(150))
        assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002

    @pytest.mark.parametrize("more", [0, 1, 57, 300])
    def test_evaluations_are_counted_exactly_and_stay_within_the_budget(self, method, bowl, more):
        spy, budget = Spy(bowl), method.n_first(3) + more
        outcome = found_by(method, spy, Budget(budget))
        assert outcome.n_evaluations == len(spy.rows) <= budget
        assert outcome.stop_reason is StopReason.BUDGET
        assert len(outcome.found) > 0

    def test_a_budget_below_its_first_generation_is_refused_before_any_evaluation(self, method, bowl):
        spy, n_first = Spy(bowl), method.n_first(3)
        if n_first == 1:
            return  # no budget is below that
        with pytest.raises(SpaceError, match=f"needs {n_first} evaluations, the budget allows {n_first - 1}: raise"):
            found_by(method, spy, Budget(n_first - 1))
        assert spy.asked == []

    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data(), seed=st.integers(0, 1000))
    def test_every_candidate_that_it_evaluates_is_one_of_the_space(self, method, spaces, check_candidates, data, seed):
        space = data.draw(spaces)
        spy = Spy(lambda X: np.cos(X).sum(axis=1))
        outcome = found_or_refused(method, spy, space, budget=Budget(brief(method, 150)), seed=seed)
        if outcome is not None:
            check_candidates(spy.rows, space)
            check_candidates(outcome.found.X, space)
            evaluated = {row.tobytes() for row in spy.rows}
            assert {row.tobytes() for row in outcome.found.X} <= evaluated  # nothing is invented

    def test_a_mixed_space_is_searched_or_refused_in_words(self, method, mixed_space, check_candidates):
        best = np.array([60.0, 5, 0.7, 2, 0.35, 1])
        scale = np.array([15.0, 2, 0.3, 1, 1, 1])
        spy = Spy(lambda X: (((X - best) / scale) ** 2).sum(axis=1))
        outcome = found_or_refused(method, spy, mixed_space, budget=Budget(brief(method, 1200)))
        if outcome is not None:
            check_candidates(spy.rows, mixed_space)
            assert outcome.found.scores[0] < 0.5  # a random candidate is at 6.1, the best of 30 at 1.0 in the mean

    def test_every_candidate_meets_the_rules(self, method):
        features = (
            *(Numeric(f"part {j}", 0.0, 10.0, std=1.0 + j) for j in range(3)),
            Numeric("dose", 0.0, 5.0, std=1.0, step=0.5),
        )
        space = SearchSpace(features, constraints=(SumConstraint((0, 1, 2), 12.0, 12.0), OrderConstraint(0, 3)))
        spy = Spy(lambda X: ((X - [3.0, 8.0, 1.0, 2.0]) ** 2).sum(axis=1))
        outcome = found_or_refused(method, spy, space, budget=Budget(300))
        if outcome is not None:
            np.testing.assert_allclose(spy.rows[:, :3].sum(axis=1), 12.0, atol=1e-6)
            assert (spy.rows[:, 0] <= spy.rows[:, 3] + 1e-6).all()
            assert space.contains(spy.rows).all()
            assert outcome.found.scores[0] < np.median(spy.function(space.sample(100, np.random.default_rng(0))))

    def test_features_that_cannot_move_are_searched_or_refused_in_words(self, method, bowl):
        space = SearchSpace.from_bounds([(0.25, 0.25), (0.5, 0.5)])
        outcome = found_or_refused(method, Spy(bowl), space, budget=Budget(100))
        assert outcome is None or (outcome.found.X == [0.25, 0.5]).all()

    def test_it_betters_its_first_candidates_on_a_bowl(self, method, bowl):
        outcome = found_by(method, bowl, Budget(600))
        first = bowl(SPACE.sample(20, np.random.default_rng(0))).min()
        assert outcome.found.scores[0] < min(0.5 * first, outcome.trace[0].bests.scores.min() * 0.999 + 1e-9)
        assert outcome.last_improvement >= 0

    def test_what_it_found_holds_the_best_that_it_evaluated(self, method):
        spy = Spy(two_hills)
        outcome = found_by(method, spy)
        assert outcome.found.scores[0] == two_hills(spy.rows).min()
        np.testing.assert_array_equal(outcome.found.scores, two_hills(outcome.found.X))
        assert (np.diff(outcome.found.scores) >= 0).all()

    def test_its_trace_is_consistent(self, method):
        outcome = found_by(method, two_hills, Budget(brief(method, 800)))
        assert [generation.number for generation in outcome.trace] == list(range(len(outcome.trace)))
        evaluations = [generation.evaluations for generation in outcome.trace]
        assert (np.diff([0, *evaluations]) > 0).all()
        bests, gone, n_ended = {}, set(), 0
        for generation in outcome.trace:
            assert (np.diff(generation.ids) > 0).all()
            for lineage, state, score in zip(
                generation.ids.tolist(), generation.states.tolist(), generation.bests.scores.tolist(), strict=True
            ):
                assert (state == LineageState.BORN) == (lineage not in bests) and lineage not in gone
                assert score <= bests.get(lineage, np.inf)
                assert state != LineageState.IMPROVED or score < bests[lineage]
                assert state != LineageState.STALLED or score == bests[lineage]
                bests[lineage] = score
            ended = generation.ids[is_end(generation.states)].tolist()
            gone |= set(ended)
            n_ended += len(ended)
        assert min(bests.values()) == outcome.found.scores[0]
        last = outcome.trace[-1]
        np.testing.assert_array_equal(np.sort(outcome.living.scores), np.sort(last.bests.scores[~is_end(last.states)]))

    def test_each_generation_is_handed_on_as_it_comes(self, method, bowl):
        heard = []
        outcome = found_by(method, bowl, hooks=Hooks(heard.append))
        assert tuple(heard) == outcome.trace

    @pytest.mark.parametrize("n_before", [0, 1, 3])
    def test_a_stop_keeps_what_was_found(self, method, bowl, n_before):
        asked, spy = count(), Spy(bowl)
        stopped = found_by(method, spy, Budget(2000), hooks=Hooks(should_stop=lambda: next(asked) >= n_before))
        assert stopped.stop_reason is StopReason.USER
        assert len(spy.asked) == n_before
        assert stopped.n_evaluations == (len(spy.rows) if n_before else 0)
        assert len(stopped.found) > 0 or not n_before
        assert not n_before or stopped.found.scores[0] == bowl(spy.rows).min()

    def test_it_ends_with_its_time_and_keeps_what_it_found(self, method, bowl):
        found_by(method, bowl, Budget(200))  # a library is loaded when it is first needed
        outcome = found_by(method, bowl, Budget(10**9, seconds=0.3))
        assert outcome.stop_reason is StopReason.TIME
        assert len(outcome.found) > 0
        assert 0 < outcome.seconds_evaluating <= outcome.seconds

    def test_it_ends_when_its_best_does_not_better(self, method):
        outcome = found_by(method, lambda X: np.ones(len(X)), Budget(10_000, stall=3))
        assert outcome.stop_reason is StopReason.NO_IMPROVEMENT
        assert len(outcome.trace) == 1 + 3

    @pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
    def test_predictions_that_are_no_number_are_counted_and_never_found(self, method, bowl, odd):
        spy = Spy(lambda X: np.where(X[:, 0] < 0.5, odd, bowl(X)))
        outcome = found_by(method, spy)
        assert outcome.n_nonfinite == (spy.rows[:, 0] < 0.5).sum() > 0
        assert (outcome.found.X[:, 0] >= 0.5).all() and np.isfinite(outcome.found.scores).all()
        assert outcome.found.scores[0] == bowl(spy.rows[spy.rows[:, 0] >= 0.5]).min()

    def test_a_function_that_never_gives_a_number_gives_an_empty_result(self, method):
        outcome = found_by(method, lambda X: np.full(len(X), np.nan), Budget(200))
        assert len(outcome.found) == outcome.n_lineages == 0
        assert outcome.n_nonfinite == outcome.n_evaluations > 0

    @pytest.mark.parametrize("kind", [RuntimeError, ValueError, TypeError])
    def test_an_error_of_the_model_comes_through(self, method, bowl, kind):
        calls = count()

        def predict(X):
            if next(calls) == 3:
                raise kind("the model is out of memory")
            return bowl(X)

        with pytest.raises(kind, match="the model is out of memory"):
            found_by(method, predict, Budget(2000))

    def test_an_error_of_the_listener_comes_through(self, method, bowl):
        def hear(generation):
            raise ValueError("the disk is full")

        with pytest.raises(ValueError, match="the disk is full"):
            found_by(method, bowl, hooks=Hooks(hear))
