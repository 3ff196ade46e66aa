"""Models handed on as a line and numbers: the same on the other side, and nothing that was tampered with."""

import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models import ModelFileError
from models.networks.graph import Graph, Node
from models.networks.operations import Join, Merge, Multiply
from models.networks.plain import MARK, packed, unpacked
from models.networks.read_model import ReadModel
from tests.models.networks.test_operations import SMOOTH


def dense(n_in, n_out, seed=0):
    rng = np.random.default_rng(seed)
    return Multiply(rng.normal(size=(n_in, n_out)).astype("f4"), rng.normal(size=n_out).astype("f4"))


@given(st.lists(st.sampled_from(sorted(SMOOTH)), max_size=6), st.integers(0, 99))
@settings(max_examples=40)
def test_they_arrive_as_they_were(names, seed):
    nodes, width = [], 3
    for operation, widths in (SMOOTH[name] for name in names):
        if len({*widths}) == 1:
            nodes.append(Node(dense(width, widths[0], seed), (len(nodes),)))
            nodes.append(Node(operation, (len(nodes),) * len(widths)))
            width = operation.width(widths)
    graph = Graph(3, (*nodes, Node(dense(width, 1, seed), (len(nodes),))))
    X = np.random.default_rng(seed).normal(size=(20, 3)).astype("f4")
    arrived = unpacked(packed(ReadModel({"yield": graph, "other": graph}, ((), (), ()))))
    assert list(arrived.outputs) == ["yield", "other"] and arrived.vocabularies == ((), (), ())
    for other in arrived.outputs.values():
        np.testing.assert_array_equal(other.mean(X), graph.mean(X))


def test_words_of_inputs_are_handed_on():
    graph = Graph(3, (Node(dense(3, 1), (0,)),))
    assert unpacked(packed(ReadModel({"y": graph}, ((), ("A", "B"))))).vocabularies == ((), ("A", "B"))


def tampered(edit=lambda line: None, numbers=None):
    graph = Graph(2, (Node(dense(2, 3), (0,)), Node(Merge("add"), (1, 1)), Node(dense(3, 1), (2,))))
    line, _, rest = packed(ReadModel({"y": graph}))[len(MARK) :].partition(b"\n")
    told = json.loads(line)
    edit(told)
    return MARK + json.dumps(told).encode() + b"\n" + (rest if numbers is None else numbers.tobytes())


def set_node(index, *what):
    return lambda told: told["outputs"]["y"].__setitem__(index, list(what))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MARK,
        MARK + b"[]\n",
        MARK + b"[" * 100_000,
        MARK + b'{"a": 1}\n',
        tampered()[len(MARK) :],
        tampered(set_node(0, "Multiply", [0], {"kernel": [2, 4], "bias": [4]})),
        tampered(set_node(0, "Multiply", [0], {"kernel": [2, -3], "bias": [3]})),
        tampered(set_node(0, "Multiply", [0], {"kernel": [2, 10**9], "bias": [3]})),
        tampered(set_node(0, "Multiply", [0], {"kernel": [2, 3, 1], "bias": [3]})),
        tampered(set_node(0, "Multiply", [2], {"kernel": [2, 3], "bias": [3]})),
        tampered(set_node(0, "Multiply", ["0"], {"kernel": [2, 3], "bias": [3]})),
        tampered(set_node(1, "Activate", [1], {"activation": "os.system"})),
        tampered(set_node(1, "Lambda", [1], {})),
        tampered(set_node(1, "Merge", [1, 1], {"how": ["add"]})),
        tampered(set_node(1, "Columns", [1], {"first": 0.5, "last": 3})),
        tampered(lambda told: told["outputs"]["y"].pop()),
        tampered(lambda told: told["outputs"].update(y="all")),
        tampered(lambda told: told.update(outputs={})),
        tampered(lambda told: told.update(n_inputs=4_000_000_000)),
        tampered(lambda told: told.update(vocabularies=[["a", "b", "c"]])),
        tampered(numbers=np.zeros(11, dtype="f4")),
        tampered(numbers=np.zeros(14, dtype="f4")),
        tampered(numbers=np.full(13, np.nan, dtype="f4")),
        tampered()[:-1],
    ],
    ids=lambda data: repr(data[18:40]),
)
def test_what_was_tampered_with_is_refused(data):
    assert unpacked(tampered())
    with pytest.raises(ModelFileError, match="save the model anew"):
        unpacked(data)


def test_wide_models_are_refused():
    graph = Graph(2, (*[Node(Join(), (0,) * 1500)] * 40, Node(dense(3000, 1), (40,))))
    with pytest.raises(ModelFileError):
        unpacked(packed(ReadModel({"y": graph})))
