import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import (
    Candidates,
    Categorical,
    Diversity,
    FloorKind,
    Numeric,
    QualityFloor,
    SearchSpace,
    SpaceError,
)
from optimizer.results import THETA, solow_polasky

SPACE = SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5), Categorical("c", (0.4, 0.6))))

unhurried = settings(suppress_health_check=[HealthCheck.too_slow])


@st.composite
def point_sets(draw, least=1):
    n, p = draw(st.integers(least, 9)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points = rng.normal(size=(n, p)) * draw(st.sampled_from([0.01, 0.3, 1.0, 20.0]))
    return np.round(points) if draw(st.booleans()) else points


thetas = st.floats(0.05, 20)


def scored(X, scores, penalties=0.0):
    scores = np.array(scores, dtype=float)
    penalties = np.broadcast_to(np.array(penalties, dtype=float), scores.shape)
    return Candidates(np.array(X, dtype=float), scores, penalties - scores, penalties)


@unhurried
@given(points=point_sets(), theta=thetas)
def test_a_set_is_worth_between_one_and_all_of_its_rows(points, theta):
    assert 1 - 1e-6 <= solow_polasky(points, theta) <= len(np.unique(points, axis=0)) + 1e-6


@unhurried
@given(points=point_sets(), theta=thetas, factor=st.floats(1, 5))
def test_a_larger_theta_never_takes_away(points, theta, factor):
    assert solow_polasky(points, theta * factor) >= solow_polasky(points, theta) - 1e-6


@unhurried
@given(points=point_sets(), theta=thetas, data=st.data())
def test_a_row_that_occurs_again_adds_nothing(points, theta, data):
    again = data.draw(st.lists(st.integers(0, len(points) - 1), min_size=1, max_size=4))
    assert solow_polasky(np.vstack([points, points[again]]), theta) == pytest.approx(solow_polasky(points, theta))


@unhurried
@given(points=point_sets(least=2), theta=thetas)
def test_a_row_more_never_takes_away(points, theta):
    assert solow_polasky(points, theta) >= solow_polasky(points[:-1], theta) - 1e-6


def test_two_rows_by_hand():
    assert solow_polasky(np.array([[0.0], [2.0]]), theta=0.5) == pytest.approx(2 / (1 + np.exp(-1)))


def test_rows_on_a_line_by_hand():
    gaps = np.array([0.5, 1.0, 3.0])  # 1 + sum of tanh(theta gap / 2): Leinster (2013), The magnitude of metric spaces
    points = np.concatenate([[0.0], np.cumsum(gaps)])[:, None]
    assert solow_polasky(points, theta=1.5) == pytest.approx(1 + np.tanh(1.5 * gaps / 2).sum())


def test_rows_far_apart_count_whole_and_no_rows_count_nothing():
    assert solow_polasky(1e3 * np.eye(5)) == pytest.approx(5)
    assert solow_polasky(np.empty((0, 2))) == 0


def test_theta_must_be_positive():
    with pytest.raises(SpaceError, match=r"Theta of the Solow-Polasky diversity must be a number above 0, got 0\.0"):
        solow_polasky(np.zeros((1, 1)), 0.0)


def test_figures_by_hand():
    found = scored([[0, 0, 0], [2, 0, 0], [2, 1, 0], [4, 0, 0], [6, 0, 0]], [-10, -9.8, -9.5, -5, np.inf])
    chosen = found.take(np.array([0, 1, 2]))
    figures = Diversity.of(chosen, found, SPACE, QualityFloor(FloorKind.WITHIN_PERCENT, 5.0))
    assert figures.share_within == pytest.approx(3 / 4)  # the one without a score does not count
    assert figures.worst_over_best == pytest.approx(0.95)
    assert figures.smallest_distance == pytest.approx(1.0)
    assert figures.mean_distance == pytest.approx((1 + 2 + np.sqrt(5)) / 3)
    assert figures.solow_polasky == pytest.approx(solow_polasky(SPACE.scaled(chosen.X)))
    assert figures.theta == THETA


def test_one_representative_has_no_distances():
    found = scored([[0, 0, 0]], [3.0])
    figures = Diversity.of(found, found, SPACE, QualityFloor())
    assert (figures.share_within, figures.worst_over_best, figures.solow_polasky) == (1.0, 1.0, 1.0)
    assert figures.smallest_distance is figures.mean_distance is None


def test_without_representatives_there_are_no_figures():
    assert Diversity.of(Candidates.empty(3), Candidates.empty(3), SPACE, QualityFloor()) is None


@unhurried
@given(percent=st.floats(0, 100), seed=st.integers(0, 2**32 - 1))
def test_the_worst_that_passes_a_percentage_reaches_the_rest_of_it(percent, seed):
    rng = np.random.default_rng(seed)
    found = scored(SPACE.sample(30, rng), rng.normal(size=30) * 5, rng.random(30))
    floor = QualityFloor(FloorKind.WITHIN_PERCENT, percent)
    good = found.take(floor.passing(found))
    assert Diversity.of(good, found, SPACE, floor).worst_over_best >= 1 - percent / 100 - 1e-9
