import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import Column, Dataset, GaussianProcessSettings, ModelStore, QuadraticSettings, TrainingError, train
from models.intervals.conformal import calibrated
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


def skewed(n=80, seed=0):
    """Outcomes over three decades, each measured within 10 % of what three features make."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 3))
    y = 50 * np.exp(2 * X[:, 0] - X[:, 1] + X[:, 0] * X[:, 2] + 0.1 * rng.standard_normal(n))
    return Dataset("skewed", tuple(Column(name) for name in "abc"), Column("y"), X, y)


@pytest.fixture(scope="module", params=[GaussianProcessSettings, QuadraticSettings])
def of_logs(request):
    return train(skewed(), request.param(seed=3))


def test_a_long_tail_is_learned_as_logarithms_where_the_rows_say_so(of_logs):
    assert of_logs.card.settings.scale == "log"
    plain = train(skewed(), replace(of_logs.card.settings, scale="plain"))
    fresh = skewed(400, seed=1)
    errors = [
        np.abs(np.log(np.maximum(each.predictor.predict(fresh.X), 1) / fresh.y)).mean() for each in (of_logs, plain)
    ]
    assert errors[0] < 0.15 and errors[0] < 0.6 * errors[1]
    encoding = of_logs.predictor.encoding
    assert encoding.outcome_std == of_logs.card.outcome.std == pytest.approx(skewed().y.std(), rel=0.5)


def test_what_has_no_long_tail_is_learned_as_it_is():
    even = replace(skewed(), y=100 + 10 * skewed().X[:, 0] + np.random.default_rng(1).standard_normal(80))
    assert train(even, GaussianProcessSettings()).card.settings.scale == "plain"


def test_gradients_of_logarithms_are_those_of_small_steps_in_the_outcomes_unit(of_logs):
    rows = skewed(40, seed=2).X
    mean, spread, mean_slopes, spread_slopes = of_logs.predictor.predict_with_spread_and_gradient(rows)
    assert np.array_equal(of_logs.predictor.predict_with_gradient(rows)[1], mean_slopes)
    for j in range(3):
        step = 0.01 * np.eye(3)[j]
        (mean_ahead, spread_ahead), (mean_behind, spread_behind) = (
            of_logs.predictor.predict_with_spread(rows + sign * step) for sign in (1, -1)
        )
        assert np.allclose((mean_ahead - mean_behind) / 0.02, mean_slopes[:, j], rtol=0.01, atol=0.01 * mean.max())
        assert np.allclose(
            (spread_ahead - spread_behind) / 0.02, spread_slopes[:, j], rtol=0.03, atol=0.03 * spread.max()
        )


def test_far_away_nothing_overflows_and_slopes_end(of_logs):
    for array in of_logs.predictor.predict_with_spread_and_gradient(skewed().X * 1e4):
        assert np.isfinite(array).all()
    mean, _, slopes, _ = of_logs.predictor.predict_with_spread_and_gradient(np.array([[1e5, 0, 1e5], [np.nan, 0, 0]]))
    known = skewed().y
    assert mean[0] <= known.max() ** 2 / known.min() * (1 + 1e-9)
    assert (slopes[0] == 0).all() or mean[0] < known.max()
    assert np.isnan(mean[1]) and np.isnan(slopes[1]).all()


def test_the_scale_is_saved_and_taken_over_by_models_like_it(of_logs, tmp_path):
    store = ModelStore(tmp_path)
    store.save("mine", of_logs.artifact, of_logs.card)
    loaded = store.load("mine")
    X = skewed(30, seed=4).X
    assert np.array_equal(loaded.predictor.predict_with_spread(X), of_logs.predictor.predict_with_spread(X))
    again = train(skewed(), of_logs.card.settings, like=of_logs.predictor)
    assert again.predictor.log_scale is not None
    assert np.allclose(again.predictor.predict(X), of_logs.predictor.predict(X), rtol=1e-6)
    assert calibrated(of_logs, skewed()).card.intervals.coverage > 0.8


def test_logarithms_of_what_is_not_positive_are_refused_in_words():
    dataset = replace(skewed(), y=skewed().y - 1e3)
    with pytest.raises(TrainingError, match="needs outcomes above 0; the lowest 'y' is -9"):
        train(dataset, GaussianProcessSettings(scale="log"))
    assert train(dataset, GaussianProcessSettings()).card.settings.scale == "plain"


def test_the_first_model_of_a_process_has_the_bits_of_the_second():
    code = """
import numpy as np
from models import Column, Dataset, GaussianProcessSettings, train
rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, (40, 2))
y = np.sin(2 * X[:, 0]) + X[:, 1] + 0.05 * rng.standard_normal(40)
dataset = Dataset("t", (Column("a"), Column("b")), Column("y"), X, y)
first, second = (train(dataset, GaussianProcessSettings()).predictor.process for _ in range(2))
assert np.array_equal(first.weights, second.weights)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
