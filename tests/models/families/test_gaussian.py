from dataclasses import replace

import numpy as np
import pytest

from models import GaussianProcessSettings, train
from models.networks.predictor import GradientPredictor, UncertainGradientPredictor


@pytest.fixture(scope="module")
def noisy(mixed_dataset):
    """The table as an instrument that is no better than it has to be would have measured it."""
    return replace(mixed_dataset, y=mixed_dataset.y + np.random.default_rng(3).normal(size=mixed_dataset.n_rows))


@pytest.fixture(scope="module", params=["matern", "rbf"])
def trained(request, noisy):
    return train(noisy, GaussianProcessSettings(smoothness=request.param, restarts=0))


@pytest.fixture(scope="module")
def rows(mixed_dataset):
    return mixed_dataset.X[:60] + np.array([0.3, 0.2, 0, 0])


def test_it_answers_as_equations_with_the_kernels_of_scikit_learn_do(trained, noisy, rows):
    """Rasmussen and Williams 2006, equations 2.41 and 2.42 with a flat prior on the mean."""
    from sklearn.gaussian_process.kernels import RBF, DotProduct, Matern

    encoding, process = trained.predictor.encoding, trained.predictor.process
    kernel, known = process.kernel, process.rows
    fall = RBF(kernel.scales) if kernel.smoothness == "rbf" else Matern(kernel.scales, nu=2.5)
    dots = DotProduct(0, "fixed")
    theirs = kernel.variance * fall + kernel.linear * dots + kernel.quadratic * dots**2
    seen = {tuple(row): y for row, y in zip(encoding.encode(noisy.X).tolist(), noisy.y, strict=True)}
    y = np.array([seen[tuple(row)] for row in known.tolist()])
    at, one = encoding.encode(rows).astype(float), np.ones(len(known))
    inverse = np.linalg.inv(theirs(known) + kernel.noise * np.eye(len(known)))
    k, precision = theirs(known, at), one @ inverse @ one
    mean = one @ inverse @ y / precision
    missing = 1 - one @ inverse @ k
    expected = mean + (y - mean) @ inverse @ k
    variance = theirs.diag(at) - np.einsum("ij,ik,kj->j", k, inverse, k) + missing**2 / precision
    got, spread = trained.predictor.predict_with_spread(rows)
    assert np.allclose(got, expected, rtol=1e-6)
    assert np.allclose(spread, np.sqrt(variance) * encoding.outcome_std, rtol=1e-4)


def test_gradients_are_those_of_small_steps(trained, rows):
    predictor = trained.predictor
    assert isinstance(predictor, GradientPredictor)
    assert isinstance(predictor, UncertainGradientPredictor)
    mean, spread, mean_slopes, spread_slopes = predictor.predict_with_spread_and_gradient(rows)
    assert np.array_equal(predictor.predict_with_gradient(rows)[0], mean)
    assert np.array_equal(predictor.predict_with_gradient(rows)[1], mean_slopes)
    assert np.array_equal(predictor.predict_with_spread(rows)[1], spread)
    # inputs are rounded to float32, so steps are large, and taken between the rounded values
    for j, step in ((0, 0.02), (1, 0.01)):
        ahead, behind = rows.copy(), rows.copy()
        ahead[:, j] += step
        behind[:, j] -= step
        (mean_ahead, spread_ahead), (mean_behind, spread_behind) = map(predictor.predict_with_spread, (ahead, behind))
        assert np.allclose((mean_ahead - mean_behind) / (2 * step), mean_slopes[:, j], rtol=5e-3, atol=5e-3)
        assert np.allclose((spread_ahead - spread_behind) / (2 * step), spread_slopes[:, j], rtol=2e-2, atol=5e-3)
    assert (mean_slopes[:, 2:] == 0).all()


def test_rows_without_an_answer_have_no_slopes(trained, rows):
    X = rows[:3].copy()
    X[1, 0] = np.nan
    for array in trained.predictor.predict_with_spread_and_gradient(X):
        assert list(np.isnan(array).reshape(3, -1).any(axis=1)) == [False, True, False]


def test_it_is_unsure_far_from_the_rows(trained, rows):
    near = trained.predictor.predict_with_spread(rows)[1]
    far = trained.predictor.predict_with_spread(rows + np.array([1e4, 0, 0, 0]))[1]
    assert near.max() < 0.5 * far.min()
    limit = np.sqrt(trained.predictor.process.kernel.variance) * trained.predictor.encoding.outcome_std
    assert far.min() > 0.95 * limit


def test_no_more_rows_are_taken_than_said(mixed_dataset):
    settings = GaussianProcessSettings(max_rows=30, restarts=0)
    trained = train(mixed_dataset, settings)
    assert len(trained.predictor.process.rows) == 30
    assert trained.card.metrics.n_train == 102
    assert len(np.unique(trained.predictor.process.rows, axis=0)) == 30
