import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models.families.trees import Trees, trees_of


def grown(rng: np.random.Generator, n_inputs: int, n_splits: int) -> list[tuple]:
    """Return the nodes of a random tree, parents before their children: left, right, input, threshold, value."""
    nodes = [[-1, -1, 0, 0.0, rng.normal()]]
    for _ in range(n_splits):
        leaves = [i for i, node in enumerate(nodes) if node[0] == -1]
        split = leaves[rng.integers(len(leaves))]
        nodes[split][:4] = [len(nodes), len(nodes) + 1, int(rng.integers(n_inputs)), rng.normal()]
        nodes += [[-1, -1, 0, 0.0, rng.normal()] for _ in range(2)]
    return [tuple(node) for node in nodes]


def stacked(trees: list[list[tuple]], n_inputs: int) -> Trees:
    left, right, inputs, thresholds, values = map(
        np.array, zip(*[node for tree in trees for node in tree], strict=True)
    )
    starts = np.concatenate([[0], np.cumsum([len(tree) for tree in trees])])
    kinds = [left.astype("i4"), right.astype("i4"), inputs.astype("i4"), thresholds.astype(float), values.astype(float)]
    return Trees(starts, *kinds, n_inputs)


def walked(tree: list[tuple], row: np.ndarray) -> float:
    node = 0
    while tree[node][0] != -1:
        left, right, column, threshold, _ = tree[node]
        node = left if row[column] <= threshold else right
    return tree[node][4]


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), n_trees=st.integers(1, 4), n_splits=st.integers(0, 12), n=st.integers(0, 20))
def test_every_tree_is_walked_as_it_says(seed, n_trees, n_splits, n):
    rng = np.random.default_rng(seed)
    trees = [grown(rng, 3, n_splits) for _ in range(n_trees)]
    inputs = rng.normal(size=(n, 3)).astype(np.float32)
    expected = [[walked(tree, row) for row in inputs] for tree in trees]
    assert np.array_equal(stacked(trees, 3).answers(inputs), np.reshape(expected, (n_trees, n)))


def test_a_value_on_the_threshold_goes_left():
    tree = [(1, 2, 0, 0.5, 0.0), (-1, -1, 0, 0.0, 1.0), (-1, -1, 0, 0.0, 2.0)]
    inputs = np.array([[0.5], [np.nextafter(np.float32(0.5), np.float32(1))]], dtype=np.float32)
    assert stacked([tree], 1).answers(inputs).tolist() == [[1.0, 2.0]]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3)).astype(np.float32)
    return X, np.sin(X[:, 0]) + X[:, 1] * X[:, 2]


def test_a_forest_answers_as_scikit_learn_does(table):
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(15, random_state=0).fit(*table)
    trees = trees_of(forest.estimators_, 3)
    assert np.array_equal(trees.answers(table[0]), [tree.predict(table[0]) for tree in forest.estimators_])


def test_boosted_trees_answer_as_scikit_learn_does(table):
    from sklearn.ensemble import HistGradientBoostingRegressor

    boosted = HistGradientBoostingRegressor(max_iter=30, random_state=0).fit(*table)
    trees = trees_of([tree for (tree,) in boosted._predictors], 3)
    elsewhere = np.concatenate([table[0], 3 * table[0]])
    sums = trees.answers(elsewhere).sum(axis=0) + boosted._baseline_prediction.item()
    assert np.allclose(sums, boosted.predict(elsewhere), rtol=1e-12)
