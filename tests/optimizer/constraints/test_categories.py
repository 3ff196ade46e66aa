from itertools import product

import numpy as np
from hypothesis import given, strategies as st

from optimizer import Categorical, ForbiddenConstraint, SearchSpace
from optimizer.constraints.categories import CategoryConstraints

FEATURES = tuple(Categorical(f"c{j}", (1 / 3,) * 3) for j in range(3))
pairs = st.tuples(st.integers(0, 2), st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True).map(tuple))
constraints = st.lists(
    st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(
        lambda c: ForbiddenConstraint(tuple(c))
    ),
    min_size=1,
    max_size=4,
)
EVERY = np.array(list(product(range(3), repeat=3)), dtype=float)


@given(constraints=constraints)
def test_repair_changes_as_few_categories_as_it_takes(constraints):
    categories = CategoryConstraints.of(FEATURES, constraints)
    is_allowed = categories.holds(EVERY)
    assert categories.is_possible == is_allowed.any()
    repaired = categories.repaired(EVERY)
    np.testing.assert_array_equal(repaired[is_allowed], EVERY[is_allowed])
    if is_allowed.any():
        assert categories.holds(repaired).all()
        fewest = (EVERY[:, None] != EVERY[is_allowed][None]).sum(axis=2).min(axis=1)
        np.testing.assert_array_equal((repaired != EVERY).sum(axis=1), fewest)


def test_redrawing_is_uniform_over_what_is_allowed():
    space = SearchSpace(FEATURES, (ForbiddenConstraint(((0, (0,)), (1, (0, 1)))), ForbiddenConstraint(((2, (2,)),))))
    X = space.sample(14_000, np.random.default_rng(0))
    rows, counts = np.unique(X, axis=0, return_counts=True)
    assert len(rows) == 7 * 2 and counts.min() > 850 and counts.max() < 1150


def test_frozen_categories_are_never_changed():
    fixed = Categorical("c0", (0.5, 0.5), frozen=1)
    constraint = ForbiddenConstraint(((0, (1,)), (1, (0,))))
    X = SearchSpace((fixed, *FEATURES[1:]), (constraint,)).repair(np.zeros((3, 3)))
    np.testing.assert_array_equal(X[:, :2], [[1, 1]] * 3)
