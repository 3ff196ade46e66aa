from dataclasses import dataclass, replace

import numpy as np
import pytest

from models import CallablePredictor, Dataset, TrainingError
from models.intervals.conformal import ConformalPredictor
from models.intervals.residuals import (
    CorrectedGradientPredictor,
    CorrectedPredictor,
    corrected,
    residual_intervals,
    whole_encoding,
)


@dataclass(frozen=True)
class Plane:
    """A model that knows the half of it, with its slopes."""

    feature_names: tuple[str, ...] = ("a", "b", "kind", "age")

    def predict(self, X: np.ndarray) -> np.ndarray:
        return 3 * X[:, 0] + 10

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slopes = np.zeros(X.shape)
        slopes[:, 0] = 3
        return self.predict(X), slopes


@pytest.fixture(scope="module")
def plane(mixed: Dataset) -> CorrectedPredictor:
    predictor = corrected(Plane(), mixed, residual_intervals(mixed, Plane().predict(mixed.X)))
    assert isinstance(predictor, CorrectedGradientPredictor)
    return predictor


def test_what_a_model_misses_is_mended_among_the_rows(plane: CorrectedPredictor, mixed: Dataset) -> None:
    before = float(np.std(mixed.y - Plane().predict(mixed.X)))
    assert float(np.std(mixed.y - plane.predict(mixed.X))) < 0.1 * before


def test_away_from_the_rows_it_is_known_to_be_unknown(plane: CorrectedPredictor, mixed: Dataset) -> None:
    far = np.array([[30.0, 9.0, 1.0, 7.0]])
    assert plane.predict_with_spread(far)[1] > 5 * plane.predict_with_spread(mixed.X)[1].max()


def test_gradients_are_slopes(plane: CorrectedGradientPredictor, mixed: Dataset) -> None:
    X = mixed.X[:5] + 0.01
    X[:, 2] = mixed.X[:5, 2]
    predicted, _, slopes, spread_slopes = plane.predict_with_spread_and_gradient(X)
    np.testing.assert_allclose(predicted, plane.predict(X))
    np.testing.assert_allclose(plane.predict_with_gradient(X)[1], slopes)
    for j in (0, 1, 3):
        step = np.zeros(4)
        step[j] = 1e-3
        (more, wider), (less, narrower) = (plane.predict_with_spread(X + sign * step) for sign in (1, -1))
        np.testing.assert_allclose(slopes[:, j], (more - less) / 2e-3, rtol=0.02, atol=0.02)
        np.testing.assert_allclose(spread_slopes[:, j], (wider - narrower) / 2e-3, rtol=0.05, atol=0.05)


def test_intervals_hold_rows_that_it_never_saw(mixed: Dataset) -> None:
    is_new = np.zeros(mixed.n_rows, dtype=bool)
    is_new[::7] = True
    seen, new = mixed.taken(~is_new), mixed.taken(is_new)
    card = residual_intervals(seen, Plane().predict(seen.X))
    confidence = ConformalPredictor(corrected(Plane(), seen, card), whole_encoding(seen), card, seen)
    interval = confidence.predict_interval(new.X)
    assert ((interval.low <= new.y) & (new.y <= interval.high)).mean() >= 0.85
    assert np.mean(interval.high - interval.low) < 4 * new.y.std()


def test_a_model_that_is_right_stays_as_it_is(mixed: Dataset) -> None:
    right = replace(mixed, y=Plane().predict(mixed.X))
    card = residual_intervals(right, Plane().predict(mixed.X))
    assert card.residuals is None and isinstance(corrected(Plane(), right, card), Plane)


def test_rows_without_a_number_do_not_count_and_too_few_with_one_are_refused(mixed: Dataset) -> None:
    def partly(X: np.ndarray) -> np.ndarray:
        return np.where(X[:, 0] > 2, 3 * X[:, 0], np.nan)

    predicted = partly(mixed.X)
    card = residual_intervals(mixed, predicted)
    assert card.n_rows == np.isfinite(predicted).sum() < mixed.n_rows
    found = corrected(CallablePredictor(mixed.feature_names, partly), mixed, card).predict(mixed.X)
    assert (np.isnan(found) == np.isnan(predicted)).all()
    predicted[14:] = np.nan
    with pytest.raises(TrainingError, match="at least 15"):
        residual_intervals(mixed, predicted)
