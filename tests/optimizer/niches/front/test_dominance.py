import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer.niches.front.dominance import (
    GreedyHypervolume,
    Scaling,
    farthest_first,
    gaps,
    hypervolume,
    is_feasible_front,
    is_nondominated,
    leads,
)


@st.composite
def score_rows(draw, least=1, most=25):
    n, m = draw(st.integers(least, most)), draw(st.integers(2, 4))
    values = st.integers(0, 6).map(float) | st.just(np.inf)
    return np.array(draw(st.lists(st.lists(values, min_size=m, max_size=m), min_size=n, max_size=n)))


def dominates(one, other):
    return (one <= other).all() and (one < other).any()


class TestDominance:
    @given(score_rows())
    def test_a_row_is_on_the_front_when_none_dominates_it_and_it_is_the_first_of_its_equals(self, scores):
        is_best = is_nondominated(scores)
        for i, row in enumerate(scores):
            is_beaten = not np.isfinite(row).all() or any(
                dominates(other, row) for other in scores if np.isfinite(other).all()
            )
            is_first = not (scores[:i] == row).all(axis=1).any()
            assert is_best[i] == (is_first and not is_beaten)

    @given(score_rows(), st.data())
    def test_limits_come_first(self, scores, data):
        broken = np.array(
            data.draw(st.lists(st.sampled_from([0.0, 0.5, 2.0]), min_size=len(scores), max_size=len(scores)))
        )
        is_front = is_feasible_front(scores, broken)
        known = np.isfinite(scores).all(axis=1)
        assert is_front.any() == known.any()
        if known.any():
            least = broken[known].min()
            assert (broken[is_front] == least).all()
            np.testing.assert_array_equal(
                scores[is_front], scores[known & (broken == least)][is_nondominated(scores[known & (broken == least)])]
            )

    @given(score_rows())
    def test_a_gap_is_what_a_row_would_have_to_gain(self, scores):
        scores = scores[np.isfinite(scores).all(axis=1)]
        front = scores[is_nondominated(scores)]
        behind = gaps(scores, front)
        np.testing.assert_array_equal(behind[is_nondominated(scores)], 0.0)
        moved = scores - behind[:, None] - 1e-9
        for row in moved:
            assert not any(dominates(other, row) for other in front)
        lead = leads(scores, front) if len(front) else np.zeros(len(scores))
        assert (lead <= 1e-12).all()  # none is ahead of the front that it belongs to

    def test_a_lead_is_what_the_front_would_have_to_gain(self):
        front = np.array([[0.0, 1.0], [1.0, 0.0]])
        np.testing.assert_allclose(leads(np.array([[0.5, 0.25], [1.0, 1.5], [-0.2, 2.0]]), front), [0.5, -0.5, 0.2])


class TestScaling:
    def test_a_front_reaches_from_0_to_1(self):
        front = np.array([[1.0, 30.0], [3.0, 10.0]])
        np.testing.assert_array_equal(Scaling.of(front).scaled(front), [[0.0, 1.0], [1.0, 0.0]])

    def test_one_row_and_none_have_a_unit(self):
        np.testing.assert_array_equal(Scaling.of(np.array([[1.0, 5.0]])).scaled(np.array([[2.0, 5.0]])), [[1.0, 0.0]])
        np.testing.assert_array_equal(Scaling.of(np.empty((0, 2))).scaled(np.array([[2.0, 5.0]])), [[2.0, 5.0]])


class TestHypervolume:
    def test_it_is_the_volume_up_to_the_reference(self):
        assert hypervolume(np.array([[0.1, 0.1]])) == pytest.approx(1.0)
        assert hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]])) == pytest.approx(1.1**2 - 1.0)
        assert hypervolume(np.array([[1.2, 0.0]])) == 0.0

    @given(score_rows(least=2, most=12))
    def test_each_choice_is_the_one_that_adds_most(self, scores):
        scaled = np.where(np.isfinite(scores), scores / 6, np.inf)
        greedy, is_open = GreedyHypervolume(scaled), np.ones(len(scores), dtype=bool)
        chosen = []
        while True:
            row, adds = greedy.best(is_open)
            before = hypervolume(scaled[chosen]) if chosen else 0.0
            most = max((hypervolume(scaled[[*chosen, i]]) for i in np.flatnonzero(is_open)), default=0.0) - before
            assert adds == pytest.approx(max(most, 0.0), abs=1e-9)
            if row < 0 or len(chosen) == 4:
                break
            chosen.append(row)
            greedy.choose(row)
            is_open[row] = False
        assert greedy.total == pytest.approx(hypervolume(scaled[chosen]) if chosen else 0.0)


class TestFarthestFirst:
    def test_each_is_the_farthest_from_those_before(self):
        points = np.array([[0.0], [0.1], [1.0], [0.4]])
        np.testing.assert_array_equal(farthest_first(points, 3, np.array([0])), [0, 2, 3])

    def test_equal_points_are_chosen_once(self):
        assert len(farthest_first(np.zeros((5, 2)), 3, np.empty(0, dtype=int))) == 1
        assert len(farthest_first(np.empty((0, 2)), 3, np.empty(0, dtype=int))) == 0
