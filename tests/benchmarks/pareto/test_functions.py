import numpy as np
import pytest

from benchmarks.pareto.figures import Reference, igdx, inverse_proximity
from benchmarks.pareto.functions import MMF, N_SUBSETS, OMNI, RE, subsets


@pytest.mark.parametrize("function", [*MMF, OMNI], ids=lambda each: each.name)
def test_nothing_dominates_the_known_pareto_set(function):
    low, high = np.array(function.bounds, dtype=float).T
    X = function.pareto_set(60)
    assert ((low - 1e-9 <= X) & (high + 1e-9 >= X)).all()
    goals = function.evaluate(X)
    others = function.evaluate(np.random.default_rng(0).uniform(low, high, (20_000, len(low))))
    for row in goals[1:-1:17]:
        assert not ((others <= row) & (others < row - 1e-6)).all(axis=1).any()


@pytest.mark.parametrize("function", RE, ids=lambda each: each.name)
def test_problems_of_engineering_have_goals_everywhere(function):
    low, high = np.array(function.bounds, dtype=float).T
    goals = function.evaluate(np.random.default_rng(0).uniform(low, high, (1000, len(low))))
    assert goals.shape == (1000, int(function.name[2])) and np.isfinite(goals).all()


def test_goals_of_a_disc_brake_are_those_of_its_formulas():
    goals = RE[2].evaluate(np.array([[60.0, 80.0, 1500.0, 12.0]]))[0]
    squares, cubes = 80.0**2 - 60.0**2, 80.0**3 - 60.0**3
    assert goals[0] == pytest.approx(4.9e-5 * squares * 11)
    assert goals[1] == pytest.approx(9.82e6 * squares / (1500 * 12 * cubes))


def test_each_subset_counts_once_and_what_lies_beside_does_not():
    assert len(subsets(OMNI.pareto_set(5))) == N_SUBSETS
    np.testing.assert_array_equal(subsets(np.array([[1.2, 1.2, 3.2], [1.3, 1.3, 3.3]])), [1])
    assert len(subsets(np.array([[1.2, 1.2, 1.45], [0.5, 0.5, 0.5]]))) == 0


def test_a_front_against_itself_is_1_and_the_whole_set_covers_all():
    front = np.column_stack([np.linspace(0, 1, 20), 1 - np.linspace(0, 1, 20)])
    reference = Reference.of(front)
    assert reference.ratio(front) == pytest.approx(1.0)
    assert 0.5 < reference.greedy_ratio(front, 3) < reference.greedy_ratio(front, 10) < 1.0
    assert igdx(MMF[3], MMF[3].pareto_set(500)) == 0.0
    half = MMF[3].pareto_set(500)
    half = half[half[:, 0] < 0]
    assert inverse_proximity(MMF[3], half) > igdx(MMF[3], half) > 0.1
