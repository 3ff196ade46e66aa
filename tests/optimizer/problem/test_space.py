import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import chisquare

from optimizer import Categorical, Numeric, SearchSpace, SpaceError
from optimizer.problem.space import reflect

quick = settings(max_examples=60)
seeds = st.integers(0, 2**32 - 1)


@quick
@given(data=st.data(), seed=seeds)
def test_sample_gives_candidates_of_the_space(spaces, check_candidates, data, seed):
    space = data.draw(spaces)
    X = space.sample(40, np.random.default_rng(seed))
    assert X.shape == (40, space.n_features)
    check_candidates(X, space)
    assert space.contains(X).all()


@quick
@given(data=st.data(), seed=seeds)
def test_mutants_of_mutants_stay_candidates(spaces, check_candidates, data, seed):
    space = data.draw(spaces)
    rng = np.random.default_rng(seed)
    X = space.sample(20, rng)
    for _ in range(5):
        X = space.mutate(X, rng)
        check_candidates(X, space)


@quick
@given(data=st.data(), seed=seeds)
def test_repair_makes_candidates_of_anything_and_leaves_them_alone(spaces, check_candidates, data, seed):
    space = data.draw(spaces)
    wild = np.random.default_rng(seed).normal(0, 1e4, size=(20, space.n_features))
    kept = wild.copy()
    repaired = space.repair(wild)
    check_candidates(repaired, space)
    np.testing.assert_array_equal(wild, kept)
    np.testing.assert_array_equal(space.repair(repaired), repaired)


@quick
@given(data=st.data(), seed=seeds)
def test_mutate_leaves_the_parents_alone(spaces, data, seed):
    space = data.draw(spaces)
    rng = np.random.default_rng(seed)
    parents = space.sample(10, rng)
    kept = parents.copy()
    space.mutate(parents, rng)
    np.testing.assert_array_equal(parents, kept)


def test_repair_goes_to_the_nearest_candidate():
    space = SearchSpace(
        (
            Numeric("a", 0.0, 1.0, std=1.0),
            Numeric("b", 0.05, 1.0, std=1.0, step=0.1),
            Categorical("c", (0.2, 0.3, 0.5), allowed=(1, 2)),
            Numeric("d", 0.0, 1.0, std=1.0, frozen=0.4),
        )
    )
    X = np.array([[2.0, 0.0, 0.0, 9.0], [-1.0, 0.34, 2.0, 0.4], [0.5, 7.0, 1.0, 0.0]])
    expected = [[1.0, 0.1, 1.0, 0.4], [0.0, 0.3, 2.0, 0.4], [0.5, 1.0, 1.0, 0.4]]
    np.testing.assert_array_equal(space.repair(X), expected)
    np.testing.assert_array_equal(space.contains(X), [False, False, False])
    np.testing.assert_array_equal(space.contains(np.array(expected)), [True, True, True])


def test_repair_gives_no_negative_zero():
    space = SearchSpace((Numeric("a", -1.0, 1.0, std=1.0, step=1.0),))
    assert not np.signbit(space.repair(np.array([[-0.2]]))[0, 0])


@pytest.mark.parametrize("step", [1.0, 0.1, 0.01, 0.3, 0.7, 0.05])
def test_bounds_on_a_step_are_reached_however_many_steps_from_zero(step):
    for k in (*range(0, 100), *range(2_000, 200_000, 499)):
        feature = Numeric("a", round(k * step, 9), round((k + 3) * step, 9), std=1.0, step=step)
        assert (feature.first_step, feature.last_step) == (k, k + 3)


def test_steps_are_multiples_of_the_step_not_counted_from_the_lower_bound():
    space = SearchSpace((Numeric("dose", 0.05, 0.52, std=0.1, step=0.1),))
    X = space.sample(500, np.random.default_rng(0))
    np.testing.assert_array_equal(np.unique(X), [0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.parametrize(
    ("low", "high", "step", "n_points"), [(0.05, 1.0, 0.1, 10), (1, 8, 1.0, 8), (-0.3, 0.31, 0.3, 3), (0, 1, 1.0, 2)]
)
def test_stepped_sampling_is_uniform_over_the_grid_points(low, high, step, n_points):
    space = SearchSpace((Numeric("a", low, high, std=1.0, step=step),))
    _, counts = np.unique(space.sample(20_000, np.random.default_rng(7)), return_counts=True)
    assert len(counts) == n_points
    assert chisquare(counts).pvalue > 0.01


def test_continuous_and_categorical_sampling_is_uniform():
    space = SearchSpace((Numeric("a", -2.0, 3.0, std=1.0), Categorical("c", (0.9, 0.05, 0.05, 0.0), allowed=(0, 1, 3))))
    X = space.sample(20_000, np.random.default_rng(7))
    assert chisquare(np.histogram(X[:, 0], bins=20, range=(-2, 3))[0]).pvalue > 0.01
    codes, counts = np.unique(X[:, 1], return_counts=True)
    np.testing.assert_array_equal(codes, [0, 1, 3])
    assert chisquare(counts).pvalue > 0.01


def test_an_allowed_category_named_twice_counts_once():
    feature = Categorical("c", (0.5, 0.5), allowed=(0, 0, 1))
    assert feature.codes == (0, 1)
    np.testing.assert_array_equal(feature.probabilities, [0.5, 0.5])


def test_mutation_noise_is_the_weight_times_the_standard_deviation():
    space = SearchSpace(
        (
            Numeric("a", -1e6, 1e6, std=5.0, mutation_strength=0.4),
            Numeric("b", -1e6, 1e6, std=2.0, mutation_strength=0.0),
        )
    )
    moves = space.mutate(np.zeros((40_000, 2)), np.random.default_rng(1))
    assert moves[:, 0].mean() == pytest.approx(0, abs=0.05)
    assert moves[:, 0].std() == pytest.approx(2.0, rel=0.02)
    assert (moves[:, 1] == 0).all()


def test_noise_far_below_a_step_still_moves_a_stepped_feature():
    space = SearchSpace((Numeric("switch", 0, 1, std=0.5, step=1.0), Numeric("count", 0, 100, std=0.5, step=1.0)))
    parents = np.tile([[0.0, 50.0]], (40_000, 1))
    moves = space.mutate(parents, np.random.default_rng(1)) - parents
    # noise of 0.1: rounded at random, its mean size stays E|N(0, 0.1)| = 0.0798
    assert moves[:, 0].mean() == pytest.approx(0.0798, rel=0.05)
    assert np.abs(moves[:, 1]).mean() == pytest.approx(0.0798, rel=0.05)
    assert moves[:, 1].mean() == pytest.approx(0, abs=0.01)


def test_a_weight_of_zero_leaves_every_feature_where_it_is():
    space = SearchSpace(
        (
            Numeric("a", 0, 1, std=1.0, mutation_strength=0.0),
            Numeric("b", 0, 100, std=9.0, mutation_strength=0.0, step=0.1),
            Categorical("c", (0.5, 0.5), mutation_strength=0.0),
        )
    )
    rng = np.random.default_rng(2)
    parents = space.sample(1000, rng)
    np.testing.assert_array_equal(space.mutate(parents, rng), parents)


def test_categories_change_with_their_weight_and_follow_the_recorded_frequencies():
    space = SearchSpace((Categorical("c", (0.6, 0.3, 0.1), allowed=(0, 1), mutation_strength=0.5),))
    mutants = space.mutate(np.zeros((40_000, 1)), np.random.default_rng(3))
    # half are drawn anew, a third of those from category 1 (0.3 of the allowed 0.9)
    assert (mutants == 1).mean() == pytest.approx(0.5 / 3, rel=0.05)
    assert (mutants != 2).all()


def test_categories_never_recorded_are_drawn_uniformly():
    feature = Categorical("c", (1.0, 0.0, 0.0), allowed=(1, 2))
    np.testing.assert_array_equal(feature.probabilities, [0.5, 0.5])


widths = st.floats(0.01, 100)


@given(low=st.floats(-100, 100), width=widths, x=st.floats(-1e4, 1e4))
def test_reflect_stays_inside(low, width, x):
    high = np.array([low + width])
    (folded,) = reflect(np.array([x]), np.array([low]), high)
    assert low <= folded <= high[0]
    if low <= x <= high[0]:
        assert folded == pytest.approx(x, abs=1e-9)


@given(low=st.floats(-100, 100), width=widths, beyond=st.floats(0, 1e3))
def test_reflect_is_a_mirror_at_both_bounds(low, width, beyond):
    bounds = np.array([low]), np.array([low + width])

    def at(x):
        return reflect(np.array([x]), *bounds)[0]

    assert at(low - beyond) == pytest.approx(at(low + beyond), abs=1e-6)
    assert at(low + width + beyond) == pytest.approx(at(low + width - beyond), abs=1e-6)
    if beyond <= width:
        assert at(low - beyond) == pytest.approx(low + beyond, abs=1e-6)


def test_reflect_between_equal_bounds_is_that_bound():
    assert reflect(np.array([5.0]), np.array([2.0]), np.array([2.0])) == 2.0


def test_mutants_do_not_pile_up_on_the_bounds():
    space = SearchSpace((Numeric("a", 0.0, 1.0, std=1.0, mutation_strength=1.0),))
    mutants = space.mutate(np.zeros((5_000, 1)), np.random.default_rng(4))
    assert np.isin(mutants, [0.0, 1.0]).mean() < 0.001


def test_scaled_counts_numbers_in_standard_deviations_and_puts_categories_one_apart():
    space = SearchSpace(
        (
            Numeric("a", 0, 100, std=20.0),
            Numeric("frozen", 0, 100, std=0.0, frozen=4),
            Categorical("c", (0.2, 0.3, 0.5)),
        )
    )
    scaled = space.scaled(np.array([[0.0, 4, 0], [60.0, 4, 0], [60.0, 4, 2]]))
    assert np.linalg.norm(scaled[1] - scaled[0]) == pytest.approx(3.0)
    assert np.linalg.norm(scaled[2] - scaled[1]) == pytest.approx(1.0)


def test_from_bounds_is_continuous_with_the_deviation_of_a_uniform_draw():
    space = SearchSpace.from_bounds([(-5, 5), (2, 2)])
    assert space.names == ("x1", "x2")
    assert space.features[0].std == pytest.approx(10 / np.sqrt(12))
    assert (space.sample(10, np.random.default_rng(0))[:, 1] == 2).all()


def test_free_lists_the_columns_that_move(mixed_space):
    np.testing.assert_array_equal(mixed_space.free, [0, 1, 2, 3])


FEATURE = {"name": "Cement", "low": 100.0, "high": 500.0, "std": 90.0}
CATEGORY = {"name": "Resin", "frequencies": (0.5, 0.3, 0.2)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"low": 600.0}, ["'Cement'", "600", "500", "swap"]),
        ({"high": np.inf}, ["'Cement'", "finite bounds", "100.0 and inf", "two numbers"]),
        ({"low": np.nan}, ["'Cement'", "finite bounds", "nan"]),
        ({"frozen": 90.0}, ["'Cement'", "frozen at 90", "100 to 500", "widen the range"]),
        ({"frozen": np.nan}, ["'Cement'", "frozen at nan", "100 to 500"]),
        ({"std": 0.0}, ["'Cement'", "standard deviation above 0", "got 0.0", "freeze it"]),
        ({"std": np.nan}, ["'Cement'", "got nan"]),
        ({"mutation_strength": -0.1}, ["strength of 'Cement'", "at least 0", "-0.1"]),
        ({"mutation_strength": np.inf}, ["strength of 'Cement'", "inf"]),
        ({"step": 0.0}, ["step of 'Cement'", "above 0", "0.0"]),
        ({"step": -1.0}, ["step of 'Cement'", "-1.0"]),
        ({"low": 101.0, "high": 149.0, "step": 50.0}, ["step 50", "101 and 149", "widen the bounds", "smaller step"]),
    ],
)
def test_a_numeric_feature_that_cannot_be_searched_says_why(given, words):
    with pytest.raises(SpaceError) as refused:
        Numeric(**(FEATURE | given))
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"frequencies": ()}, ["'Resin'", "no categories", "at least one", "leave it out"]),
        ({"allowed": (0, 3)}, ["'Resin'", "codes 0 to 2", "[3]", "allow only those"]),
        ({"allowed": (-1,)}, ["'Resin'", "[-1]"]),
        ({"mutation_strength": 1.5}, ["strength", "'Resin'", "between 0 and 1", "1.5"]),
        ({"mutation_strength": np.nan}, ["strength", "nan"]),
        ({"frozen": 7}, ["'Resin'", "code 7", "[0, 1, 2]"]),
        ({"allowed": (0, 1), "frozen": 2}, ["'Resin'", "code 2", "[0, 1]"]),
    ],
)
def test_a_categorical_feature_that_cannot_be_searched_says_why(given, words):
    with pytest.raises(SpaceError) as refused:
        Categorical(**(CATEGORY | given))
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_frozen_feature_needs_no_spread():
    assert not Numeric("a", 1.0, 1.0, std=0.0, frozen=1.0).is_free


def test_a_space_without_a_free_feature_says_so():
    with pytest.raises(SpaceError, match=r"All features are frozen.*set at least one free"):
        SearchSpace((Numeric("a", 0, 1, std=1.0, frozen=0.5), Categorical("c", (1.0,), frozen=0)))
    with pytest.raises(SpaceError, match="nothing to search"):
        SearchSpace(())


def test_names_must_differ():
    with pytest.raises(SpaceError, match=r"name of its own; \['a'\] occur more than once: rename"):
        SearchSpace((Numeric("a", 0, 1, std=1.0), Numeric("b", 0, 1, std=1.0), Numeric("a", 0, 2, std=1.0)))


@pytest.mark.parametrize("shape", [(3,), (3, 5), (2, 6, 1)])
@pytest.mark.parametrize("method", ["repair", "contains", "scaled"])
def test_a_matrix_of_the_wrong_shape_is_refused_with_both_shapes(mixed_space, method, shape):
    with pytest.raises(SpaceError) as refused:
        getattr(mixed_space, method)(np.zeros(shape))
    assert "(n, 6)" in str(refused.value) and str(shape) in str(refused.value)
