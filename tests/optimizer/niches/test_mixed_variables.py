import numpy as np
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from optimizer.niches.coordinates import Coordinates
from optimizer.niches.mixed_variables import mix


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), seed=st.integers(0, 1000))
def test_only_steps_and_categories_change(spaces, data, seed):
    space = data.draw(spaces)
    coordinates, rng = Coordinates.of(space), np.random.default_rng(seed)
    assume(coordinates.n)
    U, bases = rng.random((50, coordinates.n)), space.sample(50, rng)
    before = U.copy(), bases.copy()
    mixed, its_bases = mix(U, bases, coordinates, rng)
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
    mixed, its_bases = mix(U, bases, coordinates, rng)
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
    mixed, bases = mix(U, U, box(2), rng)
    assert mixed is U and bases is U and rng.bit_generator.state == state
