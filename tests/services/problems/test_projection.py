from dataclasses import replace

import numpy as np
import pytest

from optimizer import Categorical, Numeric, SearchSpace
from services.problems.building import build_problem
from services.problems.projection import MapProjection


def _space(*stds):
    return SearchSpace(tuple(Numeric(f"x{j}", -100, 100, std=std) for j, std in enumerate(stds)))


def test_two_features_keep_their_distances():
    X = np.random.default_rng(0).normal(size=(50, 2)) * [2.0, 5.0]
    space = _space(2.0, 5.0)
    points = MapProjection.of(X, space).project(X)
    scaled = space.scaled(X)
    np.testing.assert_allclose(
        np.linalg.norm(points[:, None] - points[None], axis=2),
        np.linalg.norm(scaled[:, None] - scaled[None], axis=2),
        atol=1e-9,
    )
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-9)


def test_the_axes_are_those_of_most_variation_first():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 3)) * [1.0, 6.0, 3.0]
    found = MapProjection.of(X, _space(1.0, 1.0, 1.0))
    np.testing.assert_allclose(np.abs(found.axes), [[0, 0], [1, 0], [0, 1]], atol=0.1)
    np.testing.assert_allclose(found.axes.T @ found.axes, np.eye(2), atol=1e-9)
    assert found.explained[0] > found.explained[1] > 0
    assert sum(found.explained) < 1
    assert found.explained[0] == pytest.approx(36 / 46, abs=0.1)
    spread = found.project(X).var(axis=0)
    total = X.var(axis=0).sum()
    np.testing.assert_allclose(found.explained, spread / total)


def test_the_directions_do_not_flip():
    X = np.random.default_rng(2).normal(size=(30, 4))
    found, mirrored = MapProjection.of(X, _space(1, 1, 1, 1)), MapProjection.of(-X, _space(1, 1, 1, 1))
    np.testing.assert_allclose(found.axes, mirrored.axes, atol=1e-9)
    assert (np.take_along_axis(found.axes, np.abs(found.axes).argmax(axis=0)[None], axis=0) > 0).all()


def test_one_free_feature_lies_on_a_line():
    X = np.random.default_rng(3).normal(size=(20, 1))
    found = MapProjection.of(X, _space(1.0))
    points = found.project(X)
    np.testing.assert_allclose(points[:, 0], X[:, 0] - X.mean())
    np.testing.assert_array_equal(points[:, 1], 0)
    assert found.explained == pytest.approx((1.0, 0.0))


def test_rows_that_are_all_equal_lie_on_one_point():
    found = MapProjection.of(np.ones((5, 2)), _space(1.0, 1.0))
    assert found.explained == (0.0, 0.0)
    np.testing.assert_allclose(found.project(np.ones((2, 2))), 0)


def test_frozen_features_count_for_nothing_and_categories_for_distance(mixed_spec, mixed):
    space = build_problem(mixed_spec, mixed).space
    assert any(isinstance(feature, Categorical) for feature in space.features)
    found = MapProjection.of(mixed.dataset.X, space)
    older = mixed.dataset.X.copy()
    older[:, 5] += 50
    np.testing.assert_array_equal(found.project(older), found.project(mixed.dataset.X))
    assert np.isfinite(found.project(mixed.dataset.X)).all()


def test_a_gaussian_becomes_the_ellipse_of_its_draws():
    rng = np.random.default_rng(4)
    recorded = rng.normal(size=(200, 4)) * [1.0, 4.0, 2.0, 0.5]
    projection = MapProjection.of(recorded, _space(1.0, 4.0, 2.0, 0.5))
    root = rng.normal(size=(4, 4))
    mean, covariance = np.array([1.0, -2.0, 0.5, 3.0]), root @ root.T
    x, y, xx, xy, yy, *on_pair = projection.ellipses(mean[None], covariance[None])[0]
    assert np.isnan(on_pair).all()
    paired = replace(projection, pair=(2, 0)).ellipses(mean[None], covariance[None])[0, 5:]
    np.testing.assert_allclose(paired, covariance[[2, 2, 0], [2, 0, 0]])
    draws = projection.project(rng.multivariate_normal(mean, covariance, size=200_000))
    np.testing.assert_allclose([x, y], draws.mean(axis=0), atol=0.02)
    np.testing.assert_allclose([[xx, xy], [xy, yy]], np.cov(draws.T), rtol=0.02, atol=0.02)


def test_lineages_without_a_gaussian_have_no_ellipse():
    projection = MapProjection.of(np.random.default_rng(5).normal(size=(20, 3)), _space(1.0, 1.0, 1.0))
    covariances = np.stack([np.eye(3), np.full((3, 3), np.nan)])
    found = projection.ellipses(np.zeros((2, 3)), covariances)
    assert np.isfinite(found[0, :5]).all()
    np.testing.assert_array_equal(np.isnan(found[1]), [False, False, *[True] * 6])


def test_categories_and_frozen_features_spread_nothing(mixed_spec, mixed):
    space = build_problem(mixed_spec, mixed).space
    projection = MapProjection.of(mixed.dataset.X, space)
    numeric = [j for j in space.free if not isinstance(space.features[j], Categorical)]
    only, all_of_them = np.zeros((6, 6)), np.eye(6)
    only[numeric, numeric] = 1
    means = np.repeat(mixed.dataset.X[:1], 2, axis=0)
    one, other = projection.ellipses(means, np.stack([only, all_of_them]))
    np.testing.assert_allclose(one, other)
    assert one[2] > 0
