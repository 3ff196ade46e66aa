import numpy as np
import pytest

from optimizer import Numeric, Plausibility
from optimizer.plausibility.mixture import Mixture
from optimizer.plausibility.neighbours import Neighbours
from optimizer.plausibility.regions import neighbours_by_regions

RNG = np.random.default_rng(3)
RECIPES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0], [8.0, 8.0]])
ROWS = np.concatenate([recipe + RNG.normal(0, 0.1, (40, 2)) for recipe in RECIPES])
FEATURES = (Numeric("a", -20.0, 20.0, std=1.0), Numeric("b", -20.0, 20.0, std=1.0))


def test_candidates_are_judged_by_their_nearest_rows():
    X = RNG.uniform(-5, 10, (50, 2))
    assert neighbours_by_regions(ROWS).unusualness(X) == pytest.approx(Neighbours.of_rows(ROWS).unusualness(X))


def test_recorded_rows_are_judged_by_those_of_other_recipes():
    recorded = neighbours_by_regions(ROWS).recorded
    assert len(recorded) == len(ROWS)
    assert recorded.min() > 3 and recorded.max() < 7  # recipes lie 4 apart, the last one 5.7
    assert Neighbours.of_rows(ROWS).recorded.max() < 1


def test_what_lies_as_far_as_the_recipes_do_from_each_other_is_plausible_and_what_lies_farther_is_not():
    judge = Plausibility.of_rows(ROWS, FEATURES, measure="regions")
    near, between, far = judge.percent(np.array([[0.5, 0.5], [2.0, 2.0], [-19.0, 19.0]]))
    assert near == 100
    assert between > 50
    assert far == 0


def test_the_same_rows_give_the_same_measure():
    assert neighbours_by_regions(ROWS).recorded.tolist() == neighbours_by_regions(ROWS).recorded.tolist()


def test_very_few_rows_are_judged_by_the_others():
    few = ROWS[[0, 40, 80]]
    assert neighbours_by_regions(few).recorded.tolist() == Neighbours.of_rows(few).recorded.tolist()


def test_the_second_check_judges_recorded_rows_by_other_recipes_too():
    check = Plausibility.second_check(ROWS, FEATURES, first="regions")
    assert isinstance(check.measure, Mixture)
    assert check.percent(RECIPES).min() == 100
    assert check.percent(np.array([[-19.0, 19.0]]))[0] == 0
