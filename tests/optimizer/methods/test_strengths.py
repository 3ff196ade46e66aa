"""What mutation strengths mean, for every method that draws children by them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import METHODS, Budget, Categorical, Numeric, Objective, Problem, SearchSpace, search, uses_strengths
from optimizer.constraints.constraint import SumConstraint
from optimizer.methods.bayesian import Bayesian
from optimizer.niches.coordinates import usual_strength
from optimizer.niches.gaussians import Strategy
from optimizer.niches.settings import NicheSettings

LISTENING = [method for method in METHODS.values() if uses_strengths(method)]
OTHERS = [
    Bayesian(n_random=10, n_trials=30) if method.name == "bayesian" else method
    for method in METHODS.values()
    if not uses_strengths(method)
]
by_name = pytest.mark.parametrize("method", LISTENING, ids=[method.name for method in LISTENING])


def waves(X):
    """Many hills along every feature, categories among them."""
    return (np.cos(3 * X) + 0.1 * X**2).sum(axis=1)


def waves_with_slopes(X):
    return waves(X), -3 * np.sin(3 * X) + 0.2 * X


def found(method, space, budget=1500, seed=0, *, function=waves, has_gradient=False):
    gradient = waves_with_slopes if has_gradient else None
    problem = Problem(space, function, Objective(goal="minimum"), predict_with_gradient=gradient)
    return search(problem, method, Budget(budget), np.random.default_rng(seed))


def kept_values(outcome, columns):
    """The values of these columns that each lineage ever had, by its number."""
    values = {}
    for generation in outcome.trace:
        for lineage, row in zip(generation.ids.tolist(), generation.bests.X[:, columns].tolist(), strict=True):
            values.setdefault(lineage, set()).add(tuple(row))
    return values


def mixed(**strengths):
    features = (
        Numeric("a", -4.0, 4.0, std=2.0),
        Numeric("b", -4.0, 4.0, std=2.0),
        Numeric("n", -4, 4, std=2.0, step=1.0),
        Numeric("f", -4.0, 4.0, std=2.0, step=0.05),
        Categorical("c", (0.4, 0.3, 0.2, 0.1)),
    )
    return SearchSpace(tuple(replace(f, mutation_strength=strengths.get(f.name)) for f in features))


@by_name
@settings(max_examples=8)
@given(
    kept=st.sets(st.sampled_from("abnfc"), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
    has_gradient=st.booleans(),
)
def test_a_strength_of_0_keeps_what_a_lineage_found(method, kept, seed, has_gradient):
    outcome = found(method, mixed(**dict.fromkeys(kept, 0.0)), seed=seed, has_gradient=has_gradient)
    columns = sorted("abnfc".index(name) for name in kept)
    assert outcome.n_lineages >= 3
    assert {len(values) for values in kept_values(outcome, columns).values()} == {1}


@by_name
def test_what_is_kept_is_a_value_that_was_drawn(method):
    """Crossed, hopped, spread and polished candidates bring in none of their own."""
    space = SearchSpace((Numeric("a", -4.0, 4.0, std=2.0), Numeric("k", 0.0, 1.0, std=0.3, mutation_strength=0.0)))
    seen = []

    def spied(X):
        seen.append(X[:, 1].copy())
        return waves(X)

    outcome = found(
        replace(method, **({"spread": 0.3} if method.name == "niches" else {})), space, 6000, function=spied
    )
    values, counts = np.unique(np.concatenate(seen), return_counts=True)
    assert counts.max() > 100 and set(outcome.found.X[:, 1]) <= set(values)
    drawn = {value for row in kept_values(outcome, [1]).values() for value in row}
    assert {(value,) for value in values[counts > 50]} <= drawn


@by_name
@pytest.mark.parametrize("strength", [0.1, 0.5, 2.0])
def test_a_strength_is_the_standard_deviation_of_the_first_children(method, strength):
    """In recorded standard deviations, however wide the bounds; of all lineages together, for each has its own."""
    features = [Numeric(f"x{j}", -1e4, (j + 1) * 1e4, std=2.0 * (j + 1), mutation_strength=strength) for j in range(3)]
    moves = first_moves(method, SearchSpace(tuple(features))) / [2.0, 4.0, 6.0]
    np.testing.assert_allclose(moves.std(axis=0), strength, rtol=0.2)
    np.testing.assert_allclose(moves.std(), strength, rtol=0.12)


@by_name
def test_each_feature_has_its_own_strength(method):
    strengths = np.array([0.05, 1.0, 0.3])
    features = [Numeric(f"x{j}", -100.0, 100.0, std=3.0, mutation_strength=s) for j, s in enumerate(strengths)]
    moves = first_moves(method, SearchSpace(tuple(features))) / 3.0
    np.testing.assert_allclose(moves.std(axis=0), strengths, rtol=0.2)


@by_name
def test_a_category_changes_with_the_probability_that_is_its_strength(method):
    space = SearchSpace((Numeric("x", -1.0, 1.0, std=0.5), Categorical("c", (0.25,) * 4, mutation_strength=0.4)))
    changed = (first_moves(method, space)[:, 1] != 0).mean()
    assert changed == pytest.approx(0.3, abs=0.06)  # a fourth of what is drawn is what was there


def first_moves(method, space):
    """(n, d) how far the first children are from their parents, of many seeds."""
    moves = []
    for seed in range(12):
        asked = []

        def spied(X, asked=asked):
            asked.append(X)
            return X[:, 0]

        outcome = found(method, space, 6000, seed=seed, function=spied)
        parents = outcome.trace[0].bests.X
        n_each = Strategy.of(numbers(space)).n_children if method.name == "niches" else method.n_mutants
        n_parents = min(len(parents), len(asked[1]) // n_each)
        children = asked[1][: n_parents * n_each].reshape(n_parents, n_each, -1)
        moves.append((children - parents[:n_parents, None]).reshape(-1, space.n_features))
    return np.concatenate(moves)


def numbers(space):
    return sum(isinstance(feature, Numeric) for feature in space.features)


def test_without_a_number_niches_draw_as_far_as_the_window_says():
    usual = SearchSpace((Numeric("x", 0.0, 40.0, std=7.0),))
    strength = usual_strength(0.0, 40.0, 7.0)
    told = SearchSpace((replace(usual.features[0], mutation_strength=strength),))
    assert strength == pytest.approx(0.0464 * 40 / 7, rel=1e-3)
    one, other = (found(NicheSettings(), space) for space in (usual, told))
    np.testing.assert_array_equal(one.found.X, other.found.X)


@by_name
def test_a_rule_moves_even_what_a_lineage_keeps(method):
    """A sum that must stay is met by every candidate, and little else is left to give way."""
    features = (Numeric("a", 0.0, 1.0, std=0.3), Numeric("k", 0.0, 1.0, std=0.3, mutation_strength=0.0))
    space = SearchSpace(features, (SumConstraint((0, 1), 1.0, 1.0),))
    outcome = found(method, space, 800)
    np.testing.assert_allclose(outcome.found.X.sum(axis=1), 1.0, atol=1e-9)


@pytest.mark.parametrize("method", OTHERS, ids=[method.name for method in OTHERS])
def test_other_methods_do_not_listen(method):
    one, other = (found(method, mixed(a=strength, c=strength), 120) for strength in (None, 1.0))
    np.testing.assert_array_equal(one.found.X, other.found.X)
