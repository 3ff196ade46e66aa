import numpy as np
import pytest
from scipy.spatial.distance import pdist

from optimizer import (
    DEFAULT_METHOD,
    METHODS,
    FloorKind,
    LineageSettings,
    QualityFloor,
    SearchSpace,
    SpaceError,
    optimize,
)
from optimizer.methods.random_search import RandomSearch
from optimizer.methods.scipy_methods import Multistart


def hills(X):
    """Five peaks of height 1 at 0.1, 0.3 ... 0.9."""
    return np.sin(5 * np.pi * X[:, 0]) ** 6


@pytest.mark.parametrize("seed", range(5))
def test_the_four_minima_of_himmelblau_are_found(himmelblau, himmelblau_minima, seed):
    found = optimize(himmelblau, [(-5, 5)] * 2, seed=seed, n_results=4).representatives
    gaps = np.linalg.norm(found.X[:, None] - himmelblau_minima[None], axis=2)
    assert sorted(gaps.argmin(axis=1)) == [0, 1, 2, 3]
    assert gaps.min(axis=1).max() < 0.05
    assert found.outcomes.max() < 0.1  # of a function that reaches 890


@pytest.mark.parametrize("seed", range(5))
def test_several_peaks_are_found(seed):
    found = optimize(hills, [(0, 1)], seed=seed, n_results=5, maximize=True, budget=10_000).representatives
    np.testing.assert_allclose(np.sort(found.X[:, 0]), [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.01)
    assert found.outcomes.min() > 0.99


def test_peaks_below_the_floor_are_left_out():
    def slope(X):
        return hills(X) * X[:, 0]  # heights 0.1, 0.3 ... 0.9

    floor = QualityFloor(FloorKind.WITHIN, 1.2)  # standard deviations of the function
    found = optimize(slope, [(0, 1)], maximize=True, n_results=5, floor=floor, budget=10_000).representatives
    assert 2 <= len(found) < 5
    assert found.outcomes[0] == pytest.approx(0.9, abs=0.01)
    assert (found.scores <= found.scores[0] + 1.2).all()


def test_maximize_is_minimize_turned_round(himmelblau):
    lowest = optimize(himmelblau, [(-5, 5)] * 2, budget=3000)
    highest = optimize(lambda X: -himmelblau(X), [(-5, 5)] * 2, budget=3000, maximize=True)
    assert lowest.archive.X.tobytes() == highest.archive.X.tobytes()
    np.testing.assert_array_equal(lowest.archive.outcomes, -highest.archive.outcomes)


def test_the_same_seed_gives_the_same_result_and_another_another(himmelblau, same_trace):
    one, two, other = (optimize(himmelblau, [(-5, 5)] * 2, budget=3000, seed=seed) for seed in (1, 1, 2))
    assert one.representatives.X.tobytes() == two.representatives.X.tobytes()
    assert same_trace(one.search.trace, two.search.trace)
    assert one.representatives.X.tobytes() != other.representatives.X.tobytes()


def test_the_unit_of_the_function_changes_nothing(himmelblau):
    one = optimize(himmelblau, [(-5, 5)] * 2, budget=3000)
    other = optimize(lambda X: 1024 * himmelblau(X), [(-5, 5)] * 2, budget=3000)
    np.testing.assert_array_equal(one.archive.X, other.archive.X)


@pytest.mark.parametrize("budget", [40, 300, 3000])
def test_calls_are_one_a_generation_and_evaluations_stay_within_the_budget(bowl, budget):
    sizes = []

    def function(X):
        sizes.append(len(X))
        return bowl(X)

    heard = []
    found = optimize(function, [(0, 1)] * 3, budget=budget, on_generation=heard.append)
    assert sum(sizes) <= budget
    assert len(sizes) == 1 + len(heard)  # the first tells the scale
    assert found.search.n_evaluations == sum(sizes[1:])


@pytest.mark.parametrize("name", METHODS)
def test_no_row_is_asked_twice_and_no_more_than_the_budget(name):
    asked = []

    def corner(X):
        asked.extend(map(tuple, X.tolist()))
        return -X.sum(axis=1)

    optimize(corner, [(-1, 1)] * 3, budget=200, method=name)
    assert len(set(asked)) == len(asked) <= 200


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_the_smallest_budgets_are_kept_as_well(bowl, budget):
    asked = []

    def counted(X):
        asked.append(len(X))
        return bowl(X)

    optimize(counted, [(-1, 1)] * 2, budget=budget)
    assert sum(asked) <= budget


@pytest.mark.parametrize(("distinct", "n_results"), [(0.01, 10), (0.3, 4), (1.5, 3)])
def test_representatives_stay_apart_by_distinct(himmelblau, distinct, n_results):
    bounds = [(-5, 5)] * 2
    floor = QualityFloor(FloorKind.WITHIN_PERCENT, 1.0)
    found = optimize(himmelblau, bounds, n_results=10, distinct=distinct, floor=floor)
    assert len(found.representatives) == n_results
    assert pdist(SearchSpace.from_bounds(bounds).scaled(found.representatives.X)).min() >= distinct
    assert found.representatives.scores[0] == found.archive.scores[0]


def test_a_function_that_works_in_place_is_searched_all_the_same(bowl):
    def in_place(X):
        X -= 0.3
        return (X**2).sum(axis=1)

    found = optimize(in_place, [(0, 1)] * 2, budget=3000)
    np.testing.assert_allclose(found.representatives.X[0], [0.3, 0.3], atol=0.02)
    np.testing.assert_allclose(bowl(found.archive.X), found.archive.outcomes)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_function_without_a_number_gives_an_empty_result(odd):
    found = optimize(lambda X: np.full(len(X), odd), [(0, 1)], budget=500)
    assert len(found.representatives) == len(found.archive) == 0
    assert found.search.n_nonfinite == found.search.n_evaluations > 0


def test_a_constant_function_is_searched_without_a_scale():
    found = optimize(lambda X: np.full(len(X), 7.0), [(0, 1)], budget=2000, n_results=3)
    assert len(found.representatives) == 3 and (found.representatives.outcomes == 7).all()


def test_numbers_where_the_function_has_them_are_enough(bowl):
    found = optimize(lambda X: np.where(X[:, 0] < 0.9, np.nan, bowl(X)), [(0, 1)] * 2, budget=3000)
    assert (found.archive.X[:, 0] >= 0.9).all() and len(found.representatives) > 0


def test_a_variable_with_equal_bounds_stays_there(bowl):
    found = optimize(bowl, [(0, 1), (0.25, 0.25)], budget=2000)
    assert (found.archive.X[:, 1] == 0.25).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bounds": [(1, 0)]}, ["'x1'", "1 and 0", "swap"]),
        ({"bounds": [(0, 1), (0, np.inf)]}, ["'x2'", "finite bounds", "inf"]),
        ({"bounds": []}, ["nothing to search"]),
        ({"budget": 20, "method": "lineages"}, ["needs 30", "allows 18", "raise the budget", "lower the number"]),
        ({"n_results": 0}, ["number of results", "at least 1", "got 0"]),
        ({"distinct": -1.0}, ["least difference", "at least 0", "-1"]),
        ({"function": lambda X: X, "method": "lineages"}, ["one number per row", "(25,)", "(25, 1)"]),
        ({"function": lambda X: 3.0, "method": "lineages"}, ["one number per row", "(25,)", "()"]),
    ],
)
def test_what_cannot_be_searched_says_why(given, words):
    arguments = {"function": lambda X: X[:, 0], "bounds": [(0, 1)], "budget": 500} | given
    with pytest.raises(SpaceError) as refused:
        optimize(arguments.pop("function"), arguments.pop("bounds"), **arguments)
    assert [word for word in words if word not in str(refused.value)] == []


def test_settings_of_ones_own_are_searched_with(bowl):
    found = optimize(bowl, [(0, 1)], budget=500, method=LineageSettings(n_lineages=2, n_immigrants=1))
    assert max(generation.n_living for generation in found.search.trace) == 2


def test_a_name_is_the_method_with_its_default_settings(himmelblau, same_trace):
    named, given = (
        optimize(himmelblau, [(-5, 5)] * 2, budget=2000, method=method) for method in ("multistart", Multistart())
    )
    assert same_trace(named.search.trace, given.search.trace)
    by_default = optimize(himmelblau, [(-5, 5)] * 2, budget=2000)
    assert same_trace(
        by_default.search.trace, optimize(himmelblau, [(-5, 5)] * 2, budget=2000, method=DEFAULT_METHOD).search.trace
    )


def test_a_method_of_ones_own_is_searched_with(bowl):
    class Own:
        name = "own"

        def n_first(self, n_free):
            return 1

        def run(self, problem, budget, rng, **more):
            return RandomSearch(n_per_generation=7).run(problem, budget, rng, **more)

    found = optimize(bowl, [(0, 1)] * 2, budget=100, method=Own())
    assert found.search.trace[0].evaluations == 7 and len(found.representatives) > 0


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("annealing", ["no method 'annealing'", *METHODS]),
        (LineageSettings, ["LineageSettings", "write LineageSettings()"]),
        (3, ["A method is a name", "lineages", "`run`", "got int"]),
    ],
)
def test_what_is_no_method_is_refused_before_the_function_is_called(method, words):
    def never(X):
        raise AssertionError("the function was called")

    with pytest.raises(SpaceError) as refused:
        optimize(never, [(0, 1)], method=method)
    assert [word for word in words if word not in str(refused.value)] == []
