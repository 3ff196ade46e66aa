import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.constraints.constraint import SumConstraint
from optimizer.niches.coordinates import Coordinates

quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(data=st.data(), seed=st.integers(0, 1000))
def test_candidates_come_back_from_their_coordinates(spaces, data, seed):
    space = data.draw(spaces)
    coordinates = Coordinates.of(space)
    assume(coordinates.n)
    X = space.sample(20, np.random.default_rng(seed))
    U = coordinates.coordinates(X)
    assert U.shape == (20, coordinates.n) and (U >= 0).all() and (U <= 1).all()
    scale = np.array([max(abs(f.low), abs(f.high), 1e-9) if isinstance(f, Numeric) else 1 for f in space.features])
    np.testing.assert_allclose(coordinates.candidates(U, X) / scale, X / scale, atol=1e-9)


@quick
@given(data=st.data(), seed=st.integers(0, 1000))
def test_whatever_the_coordinates_it_is_a_candidate_with_the_categories_of_its_base(
    spaces, check_candidates, data, seed
):
    space = data.draw(spaces)
    coordinates, rng = Coordinates.of(space), np.random.default_rng(seed)
    assume(coordinates.n)
    bases = space.sample(20, rng)
    X = coordinates.candidates(rng.normal(0.5, 2.0, (20, coordinates.n)), bases)
    check_candidates(X, space)
    others = np.setdiff1d(np.arange(space.n_features), coordinates.columns)
    np.testing.assert_array_equal(X[:, others], bases[:, others])
    assert coordinates.is_alike(X, bases).all()


def test_coordinates_beyond_a_bound_are_mirrored_at_it():
    coordinates = Coordinates.of(SearchSpace.from_bounds([(-1, 3), (10, 20)]))
    X = coordinates.candidates(np.array([[1.25, -0.1], [2.1, 0.5], [0.25, 1.0]]), np.zeros((3, 2)))
    np.testing.assert_allclose(X, [[2.0, 11.0], [-0.6, 15.0], [0.0, 20.0]])


def test_only_what_is_numeric_and_can_move_is_a_coordinate(mixed_space):
    coordinates = Coordinates.of(mixed_space)
    assert coordinates.columns.tolist() == [0, 1, 2] and coordinates.n == 3
    np.testing.assert_allclose(coordinates.step, [0, 1 / 7, 0.1 / 0.95])
    assert [j for j, _ in coordinates.categorical] == [3]
    assert not coordinates.is_plain
    fixed = SearchSpace((Numeric("x", 2.0, 2.0, std=1.0), Categorical("c", (0.5, 0.5), allowed=(1,))))
    assert Coordinates.of(fixed).n == 0 and Coordinates.of(fixed).categorical == ()


def test_candidates_are_on_steps_and_meet_the_rules():
    features = (*(Numeric(f"p{j}", 0.0, 10.0, std=1.0) for j in range(3)), Numeric("n", 0, 5, std=1.0, step=1.0))
    space = SearchSpace(features, constraints=(SumConstraint((0, 1, 2), 12.0, 12.0),))
    coordinates = Coordinates.of(space)
    assert not coordinates.is_plain and Coordinates.of(SearchSpace(features[:3])).is_plain
    U = np.random.default_rng(0).normal(0.5, 0.5, (50, 4))
    X = coordinates.candidates(U, space.sample(50, np.random.default_rng(1)))
    assert space.contains(X).all()
    np.testing.assert_allclose(X[:, :3].sum(axis=1), 12.0, atol=1e-6)
    np.testing.assert_array_equal(X[:, 3], np.rint(X[:, 3]))


def test_a_gaussian_is_told_in_the_units_of_the_features(mixed_space):
    coordinates, rng = Coordinates.of(mixed_space), np.random.default_rng(0)
    draws = rng.multivariate_normal(np.full(3, 0.5), C := np.diag([0.01, 0.02, 0.03]) + 0.005, 100_000)
    bases = mixed_space.sample(1, rng)
    features = coordinates.centres(draws, np.repeat(bases, len(draws), axis=0))
    told = coordinates.covariances(C[None])[0]
    assert told.shape == (6, 6) and not told[3:].any() and not told[:, 3:].any()
    np.testing.assert_allclose(told, np.cov(features.T), rtol=0.05, atol=1e-9)
    centre = coordinates.centres(np.full((1, 3), 0.5), bases)[0]
    np.testing.assert_allclose(centre[:3], [55, 4.5, 0.525])  # not on steps: it is where the Gaussian has its centre
    np.testing.assert_array_equal(centre[3:], bases[0, 3:])


@pytest.mark.parametrize(("code", "is_alike"), [(0, True), (2, False)])
def test_candidates_are_alike_when_their_categories_are_the_same(mixed_space, code, is_alike):
    coordinates = Coordinates.of(mixed_space)
    one, other = np.array([[20.0, 1, 0.1, 0, 0.35, 1]]), np.array([[90.0, 8, 1.0, code, 0.35, 1]])
    assert coordinates.is_alike(one, other).tolist() == [is_alike]
    assert coordinates.is_alike(np.stack([one, one]), other).tolist() == [[is_alike], [is_alike]]


@quick
@given(data=st.data(), seed=st.integers(0, 1000))
def test_only_steps_and_categories_change(spaces, data, seed):
    space = data.draw(spaces)
    coordinates, rng = Coordinates.of(space), np.random.default_rng(seed)
    assume(coordinates.n)
    U, bases = rng.random((50, coordinates.n)), space.sample(50, rng)
    before = U.copy(), bases.copy()
    mixed, its_bases = coordinates.mixed(U, bases, rng)
    np.testing.assert_array_equal(U, before[0])  # what is given stays as it is
    np.testing.assert_array_equal(bases, before[1])
    is_stepped = coordinates.step > 0
    np.testing.assert_array_equal(mixed[:, ~is_stepped], U[:, ~is_stepped])
    steps = (mixed - U)[:, is_stepped] / coordinates.step[is_stepped]
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)
    categorical = [j for j, _ in coordinates.categorical]
    others = np.setdiff1d(np.arange(space.n_features), categorical)
    np.testing.assert_array_equal(its_bases[:, others], bases[:, others])
    for j, feature in coordinates.categorical:
        assert set(its_bases[:, j]) <= set(feature.codes)


def test_about_half_a_feature_of_every_child_changes(mixed_space):
    coordinates, rng = Coordinates.of(mixed_space), np.random.default_rng(0)
    U, bases = rng.random((20_000, 3)), np.repeat(mixed_space.sample(1, rng), 20_000, axis=0)
    mixed, its_bases = coordinates.mixed(U, bases, rng)
    np.testing.assert_allclose((mixed != U).mean(axis=0), [0, 1 / 6, 1 / 6], atol=0.015)
    steps = np.abs(np.rint(((mixed - U) / np.where(coordinates.step > 0, coordinates.step, 1))[:, 1]))
    assert (steps == 1).sum() > 1.5 * (steps == 2).sum() > 1.5 * (steps == 3).sum() > 0
    assert 0.05 < (its_bases[:, 3] != bases[:, 3]).mean() < 1 / 6  # some are drawn that were there before
    drawn = its_bases[its_bases[:, 3] != bases[:, 3], 3]
    allowed = {0, 2, 3} - {bases[0, 3]}
    assert set(drawn) == allowed  # one that was never recorded too


def test_where_all_is_continuous_nothing_changes_and_nothing_is_drawn(box):
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    U = np.ones((5, 2))
    mixed, bases = box(2).mixed(U, U, rng)
    assert mixed is U and bases is U and rng.bit_generator.state == state
