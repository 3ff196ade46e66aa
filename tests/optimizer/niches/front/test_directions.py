import numpy as np
import pytest

from optimizer.niches.front.directions import distances_along, even_directions, nearest_directions


@pytest.mark.parametrize(("n_objectives", "at_most", "n"), [(2, 100, 100), (3, 100, 91), (4, 100, 84), (3, 2, 3)])
def test_directions_are_spread_evenly(n_objectives, at_most, n):
    directions = even_directions(n_objectives, at_most)
    assert directions.shape == (n, n_objectives)
    assert len(np.unique(directions, axis=0)) == n
    np.testing.assert_allclose(directions.sum(axis=1), 1.0)
    assert set(map(tuple, np.eye(n_objectives))) <= set(map(tuple, directions))


def test_a_row_belongs_to_the_direction_that_passes_it():
    directions = even_directions(3, 28)
    np.testing.assert_array_equal(nearest_directions(directions * 0.3, directions), np.arange(len(directions)))


def test_along_a_direction_the_nearest_to_its_line_is_best():
    rows = np.array([[0.5, 0.5], [0.1, 0.9], [0.6, 0.6]])
    along = distances_along(rows, np.array([[0.5, 0.5], [0.1, 0.9]]))
    np.testing.assert_array_equal(along.argmin(axis=0), [0, 1])
    np.testing.assert_allclose(along[:, 0], [1.0, 1.8, 1.2])
