import numpy as np
import pytest

from optimizer import Categorical, Numeric, SpaceError
from optimizer.features import Scaling, evenly

FEATURES = (
    Numeric("a", 0.0, 10.0, std=99.0),
    Categorical("kind", (0.5, 0.3, 0.2)),
    Numeric("still", 0.0, 9.0, std=1.0),
)
ROWS = np.array([[0.0, 0, 5.0], [4.0, 1, 5.0], [4.0, 1, 5.0], [8.0, 0, 5.0]])


def test_numbers_are_in_recorded_deviations_and_two_categories_are_1_apart():
    scaling = Scaling.of_rows(ROWS, FEATURES)
    assert scaling.counts.tolist() == [True, True, False]
    scaled = scaling.scaled(np.array([[0.0, 0, 1.0], [ROWS[:, 0].std(), 0, 9.0], [0.0, 2, 1.0]]))
    assert np.linalg.norm(scaled[1] - scaled[0]) == pytest.approx(1)
    assert np.linalg.norm(scaled[2] - scaled[0]) == pytest.approx(1)


def test_rows_are_different_by_what_counts():
    again = np.vstack([ROWS, ROWS + np.array([0, 0, 3.0])])
    scaling = Scaling.of_rows(again, FEATURES, left_out=(2,))
    np.testing.assert_array_equal(scaling.different(again), [[0, 0, 0], [4, 1, 0], [8, 0, 0]])


def test_scaled_rows_go_back_to_what_they_were():
    scaling = Scaling.of_rows(ROWS, FEATURES)
    rows = scaling.different(ROWS)
    np.testing.assert_allclose(scaling.unscaled(scaling.scaled(rows)), rows)


def test_gradients_go_back_to_the_units_of_the_features():
    scaling = Scaling.of_rows(ROWS, FEATURES)
    slopes = np.array([[2.0, 7.0, 7.0, 7.0]])
    np.testing.assert_allclose(scaling.unscaled_gradient(slopes), [[2 / ROWS[:, 0].std(), 0, 0]])


def test_nothing_that_differs_is_refused():
    with pytest.raises(SpaceError, match="The judge needs a column in which the recorded rows differ"):
        Scaling.of_rows(ROWS, FEATURES, left_out=(0, 1), what="judge")


@pytest.mark.parametrize(("n", "most"), [(1, 5), (5, 5), (7, 3), (1000, 10)])
def test_an_even_sample_has_both_ends(n, most):
    sample = evenly(n, most)
    assert len(sample) == min(n, most) and sample[0] == 0 and sample[-1] == n - 1
    assert np.ptp(np.diff(sample)) <= 1 if len(sample) > 1 else True


@pytest.mark.parametrize(("n", "most"), [(0, 5), (1, 5), (5, 5), (1000, 7)])
def test_even_thinning_keeps_both_ends(n, most):
    rows = evenly(n, most)
    assert len(rows) == min(n, most)
    if n:
        assert rows[0] == 0
        assert rows[-1] == n - 1


def test_a_strength_too_small_to_see_is_as_small_as_rounding_lets_see():
    tiny = Numeric("water", 0.0, 2.0, 1.0, mutation_strength=1.5e-236)
    assert not tiny.is_kept and tiny.strength() == 1e-9
    assert Numeric("water", 0.0, 2.0, 1.0, mutation_strength=0.0).strength() == 0.0
    assert Numeric("water", 0.0, 2.0, 1.0).strength(0.3) == 0.3
