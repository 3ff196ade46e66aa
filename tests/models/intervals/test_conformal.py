from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import Dataset, Encoding, PhysicalLimits
from models.cards.card import CompanionCard, IntervalCard, KernelCard
from models.cards.settings import Smoothness
from models.intervals.conformal import ConformalPredictor, Direction


@dataclass(frozen=True)
class Slope:
    """A plane with a spread that grows with the first feature."""

    feature_names: tuple[str, ...] = ("a", "b", "kind", "age")

    def predict(self, X: np.ndarray) -> np.ndarray:
        return 3 * X[:, 0] + X[:, 1]

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.predict(X), 0.2 * np.abs(X[:, 0])

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, ...]:
        rise, widening = np.zeros(X.shape), np.zeros(X.shape)
        rise[:, 0], rise[:, 1], widening[:, 0] = 3, 1, 0.2 * np.sign(X[:, 0])
        return *self.predict_with_spread(X), rise, widening


@dataclass(frozen=True)
class Flat:
    """A predictor that knows nothing of its spread or its slopes."""

    feature_names: tuple[str, ...] = ("a", "b", "kind", "age")

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.zeros(len(X))


KERNEL = KernelCard(
    smoothness=Smoothness.EXPONENTIAL, scales=(2.0,) * 6, variance=1.0, linear=0.0, quadratic=0.0, noise=0.01
)
CARD = IntervalCard(
    companions=(CompanionCard(kernel=KERNEL, weight=0.5),),
    noise=0.1,
    scores=tuple(np.linspace(0.01, 2.0, 100)),
    above=2.0,
    below=1.5,
    coverage=0.9,
    level=0.9,
    n_rows=100,
)


@pytest.fixture
def confidence(mixed: Dataset, encoding: Encoding) -> ConformalPredictor:
    return ConformalPredictor(Slope(), encoding, CARD, mixed)


def test_predictions_are_those_of_the_predictor(confidence: ConformalPredictor, mixed: Dataset) -> None:
    expected = Slope().predict(mixed.X)
    assert confidence.predict_with_uncertainty(mixed.X)[0].tolist() == expected.tolist()
    assert confidence.predict_interval(mixed.X).mean.tolist() == expected.tolist()


@given(level=st.floats(0.05, 0.95), more=st.floats(0, 0.04))
def test_intervals_hold_the_prediction_and_widen_with_the_level(mixed, encoding, level, more) -> None:
    confidence = ConformalPredictor(Slope(), encoding, CARD, mixed)
    narrow, wide = (confidence.predict_interval(mixed.X[:20], each) for each in (level, level + more))
    assert ((wide.low <= narrow.low) & (narrow.low <= narrow.mean)).all()
    assert ((narrow.mean <= narrow.high) & (narrow.high <= wide.high)).all()


def test_uncertainty_grows_on_the_way_out(confidence: ConformalPredictor) -> None:
    way = np.array([[-step, 0.0, 1.0, 7.0] for step in (0.0, 2.0, 5.0, 20.0)])
    _, uncertainty = confidence.predict_with_uncertainty(way)
    assert (np.diff(uncertainty) > 0).all()
    interval = confidence.predict_interval(way)
    assert (np.diff(interval.high - interval.low) > 0).all()


def test_the_side_that_a_search_goes_to_counts(confidence: ConformalPredictor) -> None:
    far = np.array([[0.0, 9.0, 1.0, 7.0]])
    above, below, either = (confidence.toward(side).predict_with_uncertainty(far)[1][0] for side in Direction)
    assert below < above == either
    assert above / below == pytest.approx(2.0 / 1.5)


def test_only_the_side_where_a_search_is_disappointed_is_wider(confidence: ConformalPredictor) -> None:
    X = np.array([[0.0, 9.0, 1.0, 7.0], [5.0, 0.0, 2.0, 1.0]])
    above, below, either = (confidence.toward(side).predict_interval(X) for side in Direction)
    usual = CARD.factor(0.9)  # more than a normal one
    assert above.mean - above.low == pytest.approx(2 * 1.645 / usual * (above.high - above.mean), rel=1e-3)
    assert below.high - below.mean == pytest.approx(1.5 * 1.645 / usual * (below.mean - below.low), rel=1e-3)
    assert either.low == pytest.approx(above.low)
    assert (either.high >= below.high).all()


def test_no_interval_is_tighter_than_that_of_normal_errors(mixed: Dataset, encoding: Encoding) -> None:
    sure = CARD.model_copy(update={"scores": (0.001,), "above": 1.0, "below": 1.0, "companions": ()})
    interval = ConformalPredictor(Flat(), encoding, sure, mixed).predict_interval(mixed.X[:3], 0.9)
    assert interval.high == pytest.approx(1.645 * 0.1 * encoding.outcome_std, rel=1e-3)


def test_where_another_kind_of_model_disagrees_the_prediction_is_uncertain(mixed: Dataset, encoding: Encoding) -> None:
    far = np.array([[40.0, 0.0, 1.0, 7.0]])  # the jagged companion goes back to the mean of the rows, a plane goes on
    for weight in (0.5, 2.0):
        companions = (CompanionCard(kernel=KERNEL, weight=weight),)
        confidence = ConformalPredictor(Flat(), encoding, CARD.model_copy(update={"companions": companions}), mixed)
        predicted, error = confidence.predict_with_uncertainty(far)
        assert error / CARD.above == pytest.approx(np.sqrt(weight) * abs(predicted - mixed.y.mean()), rel=0.1)


def test_gradients_are_slopes(confidence: ConformalPredictor) -> None:
    X = np.array([[5.2, 0.31, 1.0, 7.0], [12.0, 0.4, 0.0, 28.0], [3.1, 4.0, 2.0, 1.0]])
    predicted, uncertainty, rise, widening = confidence.predict_with_uncertainty_and_gradient(X)
    assert predicted == pytest.approx(confidence.predict_with_uncertainty(X)[0])
    assert uncertainty == pytest.approx(confidence.predict_with_uncertainty(X)[1])
    for j in (0, 1, 3):
        step = np.zeros(4)
        step[j] = 1e-3 * confidence.encoding.stds[j]  # inputs are in single precision
        (more, wider), (less, narrower) = (confidence.predict_with_uncertainty(X + sign * step) for sign in (1, -1))
        assert rise[:, j] == pytest.approx((more - less) / (2 * step[j]), rel=1e-3, abs=1e-6)
        assert widening[:, j] == pytest.approx((wider - narrower) / (2 * step[j]), rel=0.02, abs=1e-2)
    assert not widening[:, 2].any()


def test_gradients_of_interval_ends_are_slopes_and_go_on_beyond_what_the_outcome_can_be(
    confidence: ConformalPredictor, mixed: Dataset
) -> None:
    limits = PhysicalLimits(float(mixed.y.min()), float(mixed.y.max()))
    ended = replace(confidence, dataset=replace(mixed, limits=limits))
    X = np.array([[5.2, 0.31, 1.0, 7.0], [12.0, 0.4, 0.0, 28.0], [3.1, 4.0, 2.0, 1.0]])
    interval, slopes = ended.open_interval_with_gradient(X, 0.9)
    assert np.array(interval) == pytest.approx(np.array(ended.open_interval(X, 0.9)))
    assert np.array(interval.within(limits)) == pytest.approx(np.array(ended.predict_interval(X, 0.9)))
    assert (interval.high > limits.high).any() or (interval.low < limits.low).any()
    for j in (0, 1, 3):
        step = np.zeros(4)
        step[j] = 1e-3 * confidence.encoding.stds[j]  # inputs are in single precision
        more, less = (np.array(ended.open_interval(X + sign * step, 0.9)) for sign in (1, -1))
        assert np.array(slopes)[:, :, j] == pytest.approx((more - less) / (2 * step[j]), rel=0.02, abs=2e-2)


def test_a_predictor_without_slopes_has_intervals_without_them(mixed: Dataset, encoding: Encoding) -> None:
    confidence = ConformalPredictor(Flat(), encoding, CARD, mixed)
    assert (confidence.predict_with_uncertainty(mixed.X)[1] > 0).all()
    assert not confidence.has_gradient
    with pytest.raises(TypeError, match="has_gradient"):
        confidence.predict_with_uncertainty_and_gradient(mixed.X[:1])


def test_a_row_without_an_answer_has_no_interval(confidence: ConformalPredictor) -> None:
    interval = confidence.predict_interval(np.array([[np.nan, 0.0, 1.0, 7.0]]))
    assert np.isnan(interval.mean).all() and np.isnan(interval.low).all() and np.isnan(interval.high).all()


def test_no_interval_leaves_what_the_outcome_can_be(confidence: ConformalPredictor, mixed: Dataset) -> None:
    limits = PhysicalLimits(float(mixed.y.min()), float(mixed.y.max()))
    limited = replace(confidence, dataset=replace(mixed, limits=limits))
    far = np.array([[40.0, 0.0, 1.0, 7.0], [-40.0, 0.0, 1.0, 7.0], *mixed.X[:20]])
    found, free = limited.predict_interval(far), confidence.predict_interval(far)
    for own, other in zip(found, free, strict=True):
        assert own.tolist() == np.clip(other, limits.low, limits.high).tolist()
        assert own.tolist() != other.tolist()
    # what the search asks for keeps its slope
    for own, other in zip(limited.predict_with_uncertainty(far), confidence.predict_with_uncertainty(far), strict=True):
        assert own.tolist() == other.tolist()
