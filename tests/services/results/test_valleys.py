import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from optimizer import Categorical, Goal, Numeric, Objective, Problem, SearchSpace, SumConstraint
from services.results.search import run_spec
from services.results.valleys import MAX_POINTS, find_valleys, line, neighbour_sentences, neighbours, valley_sentences


def two_peaks(X):
    return np.maximum(10 - 4 * np.abs(X[:, 0] - 2), 8 - 4 * np.abs(X[:, 0] - 8))


class DistanceBound:
    """A penalty on the middle."""

    weight, name = 1.0, "fence"

    def cost(self, X):
        return np.where(np.abs(X[:, 0] - 5) < 2, 3.0, 0.0)


SPACE = SearchSpace.from_bounds([(0, 10)])


def terrain_of(predict, places, penalties=(), **objective):
    problem = Problem(SPACE, predict, Objective(**objective), penalties=penalties)
    return find_valleys(problem, problem.evaluate(np.array(places, dtype=float)[:, None]), "MPa")


def test_a_dip_is_told_in_the_unit_of_the_objective_and_as_its_goal_has_it():
    (one,) = terrain_of(two_peaks, [2, 8])
    assert (one.a, one.b, one.is_plateau) == (0, 1, False)
    lowest = two_peaks(line(SPACE, np.array([2.0]), np.array([8.0]), MAX_POINTS)).min()
    assert one.dip == pytest.approx(8 - lowest)
    assert one.words == f"A dip of {one.dip:.1f} MPa separates Result 1 and Result 2."
    (one,) = terrain_of(lambda X: -two_peaks(X), [2, 8], goal=Goal.MINIMUM)
    assert one.words.startswith("A rise of 10.") and one.words.endswith("MPa separates Result 1 and Result 2.")
    (one,) = terrain_of(two_peaks, [2, 8], goal=Goal.VALUE, value=9.0)
    assert "MPa farther from the value" in one.words


def test_level_ground_and_what_falls_by_less_than_any_model_knows_is_a_plateau():
    (one,) = terrain_of(lambda X: np.full(len(X), 3.0), [2, 8])
    assert one.is_plateau and one.dip == 0
    assert one.words == "Result 1 and Result 2 lie on one plateau: anything between them does about as well."
    assert terrain_of(two_peaks, [2, 8], scale=1000.0)[0].is_plateau


def test_realism_and_predictions_that_are_not_finite_make_no_plateau():
    (one,) = terrain_of(lambda X: np.full(len(X), 3.0), [2, 8], penalties=(DistanceBound(),))
    assert one.is_realism and not one.is_plateau
    assert "realism does not" in one.words
    (one,) = terrain_of(lambda X: np.where(np.abs(X[:, 0] - 5) < 1, np.nan, 1.0), [2, 8])
    assert not one.is_plateau
    assert "no finite prediction" in one.words


def test_the_model_is_asked_once():
    asked = []

    def predict(X):
        asked.append(len(X))
        return two_peaks(X)

    problem = Problem(SPACE, predict, Objective())
    results = problem.evaluate(np.linspace(0, 10, 50)[:, None])
    asked.clear()
    assert len(find_valleys(problem, results, "")) == 49
    assert asked == [49 * MAX_POINTS]
    assert find_valleys(problem, results.take(np.arange(1)), "") == ()


def test_candidates_between_are_candidates_of_the_space():
    features = (Numeric("a", 0, 10, std=2, step=1.0), Numeric("b", 0, 10, std=2), Categorical("c", (0.5, 0.5)))
    space = SearchSpace(features, constraints=(SumConstraint((0, 1), low=9.99, high=10.01),))
    a, b = np.array([2.0, 8.0, 0]), np.array([9.0, 1.0, 1])
    X = line(space, a, b, 9)
    assert space.contains(X).all()
    assert X[:, 2].tolist() == [0] * 5 + [1] * 4
    assert (np.diff(X[:, 0]) >= 0).all()


@given(st.integers(2, 12).flatmap(lambda k: arrays(float, (k, 2), elements=st.floats(-9, 9, width=16))))
def test_neighbours_connect_all_and_each_with_its_nearest(scaled):
    pairs = neighbours(scaled)
    assert len(pairs) == len(scaled) - 1
    reached = {0}
    for _ in pairs:
        reached |= {place for pair in pairs for place in pair if set(pair) & reached}
    assert reached == set(range(len(scaled)))
    distances = np.linalg.norm(scaled[:, None] - scaled[None], axis=2) + np.where(np.eye(len(scaled)), np.inf, 0)
    for k, nearest in enumerate(distances.min(axis=1)):
        assert min(distances[pair] for pair in pairs if k in pair) == pytest.approx(nearest)


def test_sentences_tell_plateaus_as_a_whole(bumps_spec, catalog):
    result = run_spec(bumps_spec, catalog.model_data(bumps_spec), is_beside_random=False).result
    assert len(result.valleys) == len(result.results) - 1
    assert valley_sentences(result) == [one.words for one in result.valleys]  # every peak is one of its own
    assert all(one.dip > 0 for one in result.valleys)
    level = [one.model_copy(update={"is_plateau": True}) for one in result.valleys]
    flat = result.model_copy(update={"valleys": tuple(level)})
    assert valley_sentences(flat) == [
        "All results lie on one plateau: anything between neighbours of them does about as well."
    ]
    some = result.model_copy(update={"valleys": (level[0], *result.valleys[1:])})
    first = f"Results {level[0].a + 1} and {level[0].b + 1} lie on one plateau"
    assert valley_sentences(some)[0].startswith(first)
    first, *others = neighbour_sentences(some, level[0].a)
    assert first == f"It lies on one plateau with Result {level[0].b + 1}: anything between does about as well."
    assert set(others) <= {one.words for one in result.valleys}
    real = result.model_copy(
        update={"valleys": tuple(one.model_copy(update={"is_realism": True}) for one in result.valleys)}
    )
    (sentence,) = valley_sentences(real)
    assert sentence.startswith(f"Between Results {level[0].a + 1} and {level[0].b + 1},")
    for k in range(len(real.results)):
        (sentence,) = neighbour_sentences(real, k)
        ends = [{one.a, one.b} - {k} for one in real.valleys if k in (one.a, one.b)]
        assert all(f"Result {end.pop() + 1}" in sentence for end in ends)
        assert f"Result {k + 1}" not in sentence
