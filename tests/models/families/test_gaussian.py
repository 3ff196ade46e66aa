import numpy as np
import pytest

from models import GaussianProcessSettings, train
from models.networks.predictor import GradientPredictor, UncertainGradientPredictor


@pytest.fixture(scope="module", params=["matern", "rbf"])
def trained(request, mixed_dataset):
    return train(mixed_dataset, GaussianProcessSettings(smoothness=request.param, restarts=0))


@pytest.fixture(scope="module")
def rows(mixed_dataset):
    return mixed_dataset.X[:60] + np.array([0.3, 0.2, 0, 0])


def test_it_answers_as_scikit_learn_does(trained, rows):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

    ours = trained.predictor
    shape = RBF(ours.scales) if ours.smoothness == "rbf" else Matern(ours.scales, nu=2.5)
    theirs = GaussianProcessRegressor(ConstantKernel(ours.variance) * shape, optimizer=None)
    theirs.kernel_, theirs.X_train_, theirs.alpha_, theirs.L_ = theirs.kernel, ours.rows, ours.weights, ours.factor
    theirs._y_train_mean, theirs._y_train_std = np.zeros(1), np.ones(1)
    inputs = ours.encoding.encode(rows).astype(float)
    mean, spread = theirs.predict(inputs, return_std=True)
    got_mean, got_spread = ours.predict_with_spread(rows)
    assert np.allclose(got_mean, ours.encoding.decode_outcome(mean), rtol=1e-9)
    assert np.allclose(got_spread, spread * ours.encoding.outcome_std, rtol=1e-5)


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
    limit = np.sqrt(trained.predictor.variance) * trained.predictor.encoding.outcome_std
    assert np.allclose(far, limit, rtol=0.05)


def test_no_more_rows_are_taken_than_said(mixed_dataset):
    settings = GaussianProcessSettings(max_rows=30, restarts=0)
    trained = train(mixed_dataset, settings)
    assert len(trained.predictor.rows) == 30
    assert trained.card.metrics.n_train == 102
    assert len(np.unique(trained.predictor.rows, axis=0)) == 30
