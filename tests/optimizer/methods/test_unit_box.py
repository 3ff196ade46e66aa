import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Categorical, Numeric, SearchSpace, SpaceError
from optimizer.constraints import SumConstraint
from optimizer.methods.external import UnitBox

quick = settings(deadline=None, max_examples=40)


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
