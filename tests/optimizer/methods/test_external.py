import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    Budget,
    Categorical,
    LineageState,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    StopReason,
)
from optimizer.constraints.constraint import SumConstraint
from optimizer.methods.external import BudgetExhausted, ExternalMethod, UnitBox, finite

SPACE = SearchSpace.from_bounds([(0, 10)])
BORN, IMPROVED, STALLED, EXTINCT = (
    LineageState.BORN,
    LineageState.IMPROVED,
    LineageState.STALLED,
    LineageState.EXTINCT,
)


def identity(X):
    return X[:, 0]


def run(search_round, budget=None, function=identity, n_per_generation=1):
    class Library(ExternalMethod):
        min_per_generation = n_per_generation

        def rounds(self, problem, rng):
            return search_round

    problem = Problem(SPACE, function, Objective(goal="minimum"))
    return Library().run(problem, budget or Budget(100), np.random.default_rng(0))


def once(*steps):
    """A round that does these steps and, at the next call, nothing."""
    waiting = list(steps)

    def search_round(watch):
        while waiting:
            waiting.pop(0)(watch)

    return search_round


def evaluates(values, ids):
    return lambda watch: watch.evaluate(np.array(values, dtype=float)[:, None], np.array(ids))


def rows_of(generation):
    return list(
        zip(generation.ids.tolist(), generation.states.tolist(), generation.bests.X[:, 0].tolist(), strict=True)
    )


def test_lineages_are_born_improve_stall_and_go_extinct():
    outcome = run(
        once(
            lambda watch: watch.begin(3),
            evaluates([5, 7, 9], [0, 1, 2]),
            evaluates([4, 8, 9], [0, 1, 2]),
            lambda watch: watch.end(np.array([0, 2])),
            evaluates([6], [1]),
            evaluates([6], [1]),
        )
    )
    assert [rows_of(generation) for generation in outcome.trace] == [
        [(0, BORN, 5.0), (1, BORN, 7.0), (2, BORN, 9.0)],
        [(0, IMPROVED, 4.0), (1, STALLED, 7.0), (2, STALLED, 9.0)],
        [(0, EXTINCT, 4.0), (1, IMPROVED, 6.0), (2, EXTINCT, 9.0)],
        [(1, STALLED, 6.0)],
    ]
    assert outcome.archive.scores.tolist() == [4.0, 9.0] and outcome.living.scores.tolist() == [6.0]
    assert [generation.evaluations for generation in outcome.trace] == [3, 6, 7, 8]


def test_calls_make_a_generation_together_and_the_rest_makes_the_last():
    outcome = run(
        once(lambda watch: watch.begin(), *(evaluates([value], [0]) for value in (5, 3, 8, 2, 9))), n_per_generation=2
    )
    assert [rows_of(generation) for generation in outcome.trace] == [
        [(0, BORN, 3.0)],
        [(0, IMPROVED, 2.0)],
        [(0, STALLED, 2.0)],
    ]
    assert outcome.n_evaluations == 5


def test_a_lineage_that_was_born_and_ended_between_generations_is_born_first():
    outcome = run(
        once(
            lambda watch: watch.begin(2),
            evaluates([5], [0]),
            lambda watch: watch.end(np.array([0])),
            evaluates([6], [1]),
            evaluates([7, 7], [1, 1]),
        ),
        n_per_generation=2,
    )
    assert [rows_of(generation) for generation in outcome.trace] == [
        [(0, BORN, 5.0), (1, BORN, 6.0)],
        [(0, EXTINCT, 5.0), (1, STALLED, 6.0)],
    ]


def test_a_lineage_without_a_number_is_not_born_and_may_be_later():
    outcome = run(
        once(
            lambda watch: watch.begin(2),
            evaluates([5, 6], [0, 1]),
            evaluates([0.5, 4], [0, 1]),
        ),
        function=lambda X: np.where(X[:, 0] == 5, np.nan, X[:, 0]),
    )
    assert [rows_of(generation) for generation in outcome.trace] == [
        [(1, BORN, 6.0)],
        [(0, BORN, 0.5), (1, IMPROVED, 4.0)],
    ]
    assert outcome.n_nonfinite == 1


def test_the_best_of_many_candidates_for_one_lineage_counts_the_first_of_equals():
    outcome = run(
        once(lambda watch: watch.begin(2), evaluates([5, 2.25, 2.75, 7], [0, 0, 0, 1])), function=lambda X: X[:, 0] // 1
    )
    assert rows_of(outcome.trace[0]) == [(0, BORN, 2.25), (1, BORN, 7.0)]


def test_candidates_that_the_budget_does_not_reach_for_are_left_out_and_the_loop_ends():
    reached = []

    def search_round(watch):
        lineage = np.repeat(watch.begin(), 4)
        with pytest.raises(BudgetExhausted):
            watch.evaluate(np.array([[4.0], [3.0], [2.0], [1.0]]), lineage)
        reached.append(True)
        watch.evaluate(np.array([[0.0]]), lineage[:1])
        reached.append(False)

    outcome = run(search_round, Budget(3))
    assert reached == [True]
    assert (outcome.n_evaluations, outcome.stop_reason) == (3, StopReason.BUDGET)
    assert outcome.found.scores.tolist() == [2.0]


def test_rounds_go_on_until_one_evaluates_nothing():
    rounds = []

    def search_round(watch):
        rounds.append(watch.n_evaluations)
        if len(rounds) < 4:
            watch.evaluate(np.array([[1.0]]), watch.begin())

    outcome = run(search_round)
    assert rounds == [0, 1, 2, 3]
    assert outcome.stop_reason is StopReason.NO_IMPROVEMENT and outcome.n_evaluations == 3


def test_an_error_that_a_library_made_something_else_of_comes_through_as_it_was():
    def search_round(watch):
        try:
            watch.evaluate(np.array([[1.0]]), watch.begin())
        except ValueError as error:
            raise RuntimeError("the map-like callable is wrong") from error

    def predict(X):
        raise ValueError("no memory")

    with pytest.raises(ValueError, match="no memory"):
        run(search_round, function=predict)


def test_an_error_of_the_library_itself_comes_through():
    def search_round(watch):
        raise ZeroDivisionError("of the library")

    with pytest.raises(ZeroDivisionError, match="of the library"):
        run(search_round)


def test_infinite_scores_become_worse_than_any_that_a_library_can_square():
    scores = finite(np.array([1.0, np.inf, 1e9]))
    assert scores[1] > scores[2] and np.isfinite(scores**2).all()


quick = settings(max_examples=40)


def box_of(space):
    """The box of a space, or None where nothing can move."""
    try:
        return UnitBox.of(space)
    except SpaceError:
        return None


@quick
@given(data=st.data(), seed=st.integers(0, 1000))
def test_a_candidate_survives_the_way_through_its_coordinates(spaces, data, seed):
    space = data.draw(spaces)
    if box := box_of(space):
        X = space.sample(20, np.random.default_rng(seed))
        U = box.coordinates(X)
        assert U.shape == (20, box.n) and (U >= 0).all() and (U <= 1).all()
        np.testing.assert_allclose(box.candidates(U), X, rtol=1e-9, atol=1e-9)


@quick
@given(data=st.data(), seed=st.integers(0, 1000))
def test_every_coordinate_even_beyond_the_box_is_a_candidate_of_the_space(spaces, check_candidates, data, seed):
    space = data.draw(spaces)
    if box := box_of(space):
        U = np.random.default_rng(seed).uniform(-0.5, 1.5, (30, box.n))
        check_candidates(box.candidates(np.vstack([U, np.zeros(box.n), np.ones(box.n)])), space)


def test_the_corners_are_the_bounds(mixed_space):
    box = UnitBox.of(mixed_space)
    low, high = box.candidates(np.array([np.zeros(4), np.ones(4)]))
    np.testing.assert_allclose(low, [20, 1, 0.1, 0, 0.35, 1])
    np.testing.assert_allclose(high, [90, 8, 1.0, 3, 0.35, 1])


def test_the_values_of_stepped_and_categorical_features_have_equal_shares(mixed_space):
    box = UnitBox.of(mixed_space)
    U = np.full((240, 4), 0.5)
    U[:, 1:] = ((np.arange(240) + 0.5) / 240)[:, None]
    X = box.candidates(U)
    assert [np.unique(X[:, j], return_counts=True)[1].tolist() for j in (1, 2, 3)] == [[30] * 8, [24] * 10, [80] * 3]


def test_features_that_are_frozen_or_have_one_value_have_no_coordinate():
    space = SearchSpace(
        (
            Numeric("fixed", 2.0, 2.0, std=1.0),
            Numeric("one step", 0.5, 1.5, std=1.0, step=1.0),
            Numeric("frozen", 0.0, 1.0, std=1.0, frozen=0.5),
            Categorical("one", (0.5, 0.5), allowed=(1,)),
            Numeric("free", 0.0, 4.0, std=1.0),
        )
    )
    box = UnitBox.of(space)
    assert box.columns.tolist() == [4]
    np.testing.assert_array_equal(box.candidates(np.array([[0.25]])), [[2.0, 1.0, 0.5, 1.0, 1.0]])


def test_a_space_in_which_nothing_moves_is_refused():
    with pytest.raises(SpaceError, match=r"one value only.*widen the bounds"):
        UnitBox.of(SearchSpace.from_bounds([(2, 2)]))


def test_differences_reach_to_the_next_value_and_skip_categories(mixed_space):
    box = UnitBox.of(mixed_space)
    U = np.array([[0.3, 0.4, 0.5, 0.6]])
    before, after = box.candidates(np.vstack([U, U + box.differences]))
    np.testing.assert_allclose(after - before, [70e-6, 1, 0.1, 0, 0, 0], atol=1e-9)


def test_slopes_are_gradients_times_ranges(mixed_space):
    box = UnitBox.of(mixed_space)
    gradient = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    np.testing.assert_allclose(box.slopes(gradient), [[70.0, 2.0 * 8, 3.0 * 1.0, 0.0]])


def test_slopes_under_a_sum_rule_are_those_of_the_repaired_candidates():
    stds = (1.0, 2.0, 0.5, 3.0)
    frozen = Numeric("frozen", 0.0, 1.0, std=0.0, frozen=0.5)
    features = (*(Numeric(f"x{j}", 0.0, 10.0, std=std) for j, std in enumerate(stds)), frozen)
    box = UnitBox.of(SearchSpace(features, constraints=(SumConstraint((0, 1, 2), 12.0, 12.0),)))
    weights = np.array([1.0, -2.0, 3.0, 4.0, 0.0])
    u = box.coordinates(np.array([[3.0, 5.0, 4.0, 6.0, 0.5]]))
    U = np.vstack([u + 1e-4 * np.eye(4), u - 1e-4 * np.eye(4)])
    values = box.candidates(U) @ weights
    np.testing.assert_allclose(box.slopes(weights[None])[0], (values[:4] - values[4:]) / 2e-4, atol=1e-3)
