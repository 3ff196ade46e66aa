"""A graph: what it computes, block by block, and that networks made of it are the same."""

import numpy as np
import pytest

from models.keras.file import read_keras
from models.keras.writer import keras_file_of
from models.networks.ensemble import Ensemble
from models.networks.graph import Graph, Node
from models.networks.network import ACTIVATIONS
from models.networks.operations import Activate, Columns, Join, Merge, Multiply, Standardise
from models.networks.read_model import as_ensemble
from tests.models.networks.test_ensemble import KINDS, member


def dense(rng, n_in, n_out):
    return Multiply(rng.normal(size=(n_in, n_out)).astype("f4"), rng.normal(size=n_out).astype("f4"))


@pytest.fixture
def residual():
    """Return a graph with two branches that meet twice."""
    rng = np.random.default_rng(0)
    return Graph(
        4,
        (
            Node(Standardise(np.ones(4, dtype="f4"), np.full(4, 2, dtype="f4")), (0,)),
            Node(dense(rng, 4, 3), (1,)),
            Node(Activate(ACTIVATIONS["tanh"]), (2,)),
            Node(Merge("add"), (2, 3)),
            Node(Columns(0, 2), (1,)),
            Node(Join(), (4, 5)),
            Node(dense(rng, 5, 1), (6,)),
        ),
    )


def by_hand(graph, X):
    operations = [node.operation for node in graph.nodes]
    z = (X.astype(float) - 1) / 2
    hidden = z @ operations[1].kernel + operations[1].bias
    joined = np.concatenate([hidden + np.tanh(hidden), z[:, :2]], axis=1)
    return (joined @ operations[6].kernel + operations[6].bias)[:, 0]


def copy(rows, block):
    np.copyto(block, rows)


def ones(outputs):
    return np.ones((1, *outputs.shape), dtype=np.float32)


def test_it_computes_what_it_says(residual):
    X = np.random.default_rng(1).normal(size=(3000, 4)).astype("f4")
    assert residual.block_rows < len(X)  # several blocks
    np.testing.assert_allclose(residual.mean(X), by_hand(residual, X), rtol=1e-4, atol=1e-5)
    assert residual.widths == (4, 4, 3, 3, 3, 2, 5, 1)
    assert (residual.n_members, residual.n_parameters) == (1, 8 + 15 + 6)


def test_gradients_of_several_functions_come_in_one_pass(residual):
    X = np.random.default_rng(2).normal(size=(50, 4)).astype("f4")
    outputs, slopes = residual.run(X, copy, lambda y: np.concatenate([ones(y), -2 * ones(y)]), 2)
    step = 1e-4
    for j in range(4):
        moved = np.eye(4)[j] * step
        expected = (by_hand(residual, X + moved) - by_hand(residual, X - moved)) / (2 * step)
        np.testing.assert_allclose(slopes[0][:, j], expected, rtol=1e-2, atol=1e-3)
    np.testing.assert_array_equal(slopes[1], -2 * slopes[0])
    np.testing.assert_array_equal(outputs, residual.run(X, copy)[0])


def test_what_takes_nothing_from_an_input_has_slope_0():
    graph = Graph(2, (Node(Columns(1, 2), (0,)),))
    slopes = graph.run(np.ones((3, 2), dtype="f4"), copy, ones, 1)[1]
    np.testing.assert_array_equal(slopes[0], [[0, 1]] * 3)


@pytest.mark.parametrize("nodes", [(Node(Join(), (0, 1)),), (Node(Join(), ()),), (Node(Join(), (-1,)),)])
def test_what_is_not_there_yet_cannot_be_taken(nodes):
    with pytest.raises(ValueError, match="not there yet"):
        Graph(1, nodes)


def test_it_ends_in_one_outcome():
    with pytest.raises(ValueError, match="one output, the outcome; this one has 2"):
        Graph(2, (Node(Join(), (0,)),))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 3])
def test_networks_become_a_graph_and_back(kind, n):
    rng = np.random.default_rng(3)
    networks = Ensemble(tuple(member(rng, kind) for _ in range(n)))
    (graph,) = read_keras(keras_file_of(networks.members)).outputs.values()
    X = rng.normal(size=(40, networks.n_inputs)).astype("f4")
    np.testing.assert_allclose(graph.mean(X), networks.mean(X), rtol=1e-4, atol=1e-5)
    back = as_ensemble(graph)
    assert back is not None and back.n_members == n
    np.testing.assert_array_equal(back.forward(X), networks.forward(X))


def test_any_other_graph_is_no_network(residual):
    assert as_ensemble(residual) is None
    rng = np.random.default_rng(4)
    shared = Graph(2, (Node(dense(rng, 2, 1), (0,)), Node(dense(rng, 1, 1), (1,)), Node(Merge("average"), (1, 2))))
    assert as_ensemble(shared) is None
    of_two_shapes = Graph(
        2,
        (
            Node(dense(rng, 2, 1), (0,)),
            Node(dense(rng, 2, 3), (0,)),
            Node(dense(rng, 3, 1), (2,)),
            Node(Merge("average"), (1, 3)),
        ),
    )
    assert as_ensemble(of_two_shapes) is None
