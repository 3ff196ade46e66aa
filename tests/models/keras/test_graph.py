"""Functional models: those of known layers are read, everything else is refused with words."""

import sys

import numpy as np
import pytest

from models import Ensemble, ModelFileError
from models.keras.file import read_networks
from models.keras.writer import keras_file_of
from models.networks.network import Dense, Network
from tests.models.conftest import KerasFile
from tests.models.networks.test_ensemble import KINDS, member


@pytest.fixture
def file() -> KerasFile:
    """An ensemble of three; its layers are the input, three times three dense ones, and the average."""
    rng = np.random.default_rng(0)
    return KerasFile(keras_file_of([member(rng) for _ in range(3)]))


def tensor(name: str) -> dict:
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "keras_history": [name, 0, 0]}}


def nest(layers):
    inner = dict(layers[-1], name="inner")
    layers[-1]["inbound_nodes"] = [{"args": [[tensor("inner"), tensor("inner")]], "kwargs": {}}]
    layers.append(inner)


def test_an_honest_ensemble_is_read(file):
    networks = read_networks(file.pack())
    assert (networks.n_members, networks.n_inputs) == (3, 5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda layers: layers[2].update(inbound_nodes=[]), "used more than once, or by nobody"),
        (lambda layers: layers[2].update(inbound_nodes="all"), "used more than once, or by nobody"),
        (lambda layers: layers[2].update(inbound_nodes=layers[2]["inbound_nodes"] * 2), "used more than once"),
        (lambda layers: layers[2]["inbound_nodes"][0].update(args=[]), "takes something else"),
        (lambda layers: layers[2]["inbound_nodes"][0].update(args=[tensor("inputs")] * 2), "takes one block"),
        (lambda layers: layers[2]["inbound_nodes"][0].update(args=[7]), "passes something else"),
        (lambda layers: layers[2]["inbound_nodes"][0].update(kwargs={"training": True}), "called with options"),
        (lambda layers: layers[2]["inbound_nodes"][0].update(kwargs=None), "called with options"),
        (lambda layers: layers[4]["inbound_nodes"][0].update(args=[tensor("nobody")]), "from a layer that is absent"),
        (lambda layers: layers[1]["inbound_nodes"][0].update(args=[tensor(layers[4]["name"])]), "from itself"),
        (lambda layers: layers[1].update(name=layers[2]["name"]), "name of its own"),
        (lambda layers: layers[1].update(name=None), "name of its own"),
        (lambda layers: layers[1].update(class_name="Lambda"), "'Lambda' cannot be read"),
        (lambda layers: layers[1].update(module="os"), "cannot be read"),
        (lambda layers: layers.append(dict(layers[1], name="stray")), "does not hold the kernel"),
        (lambda layers: layers[-1]["inbound_nodes"][0].update(args=[[tensor("inputs")]]), "cannot be merged"),
        (lambda layers: layers[-1]["inbound_nodes"][0].update(args=[[tensor("inputs")] * 65]), "has 5 outputs"),
        (lambda layers: layers[1]["config"].update(units=10**9), "units .* from 1 to 4,096"),
        (lambda layers: layers.extend(dict(layers[1], name=f"n{i}") for i in range(700)), "2 to 640 layers"),
        (lambda layers: layers[1]["inbound_nodes"][0].update(args=[tensor(layers[1]["name"])]), "from itself"),
    ],
)
def test_what_is_no_graph_of_known_layers_is_refused(file, change, says):
    loaded = set(sys.modules)
    change(file.layers)
    with pytest.raises(ModelFileError, match=says) as caught:
        read_networks(file.pack())
    assert len(str(caught.value)) < 600
    assert not {name for name in set(sys.modules) - loaded if name.startswith(("keras", "tensorflow"))}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"input_layers": []}, "at least one input"),
        ({"input_layers": [["inputs", 0, 0], ["inputs", 0, 0]]}, "one input twice"),
        ({"output_layers": [["outcome", 1, 0]]}, "none of its layers' only one"),
        ({"output_layers": [["nobody", 0, 0]]}, "an output that is none of its layers"),
        ({"output_layers": [["member_1_hidden_1", 0, 0]]}, "outputs|single outcomes"),
        ({"output_layers": [["inputs", 0, 0]]}, "has 5 outputs"),
        ({"layers": None}, "list of 2 to 640 layers"),
    ],
)
def test_ends_that_cannot_be(file, change, says):
    file.config["config"] |= change
    with pytest.raises(ModelFileError, match=says):
        read_networks(file.pack())


@pytest.mark.parametrize(
    "change",
    [
        lambda layers: layers[1]["config"].update(activation="tanh"),  # members of two shapes
        lambda layers: nest(layers),  # an average of averages
        lambda layers: layers.append(dict(layers[0], name="second")),  # an input that nothing takes
    ],
)
def test_what_is_no_average_of_chains_is_read_as_a_graph(file, change):
    expected = read_networks(file.pack()).mean(np.zeros((1, 5), dtype="f4"))
    change(file.layers)
    read = read_networks(file.pack())
    assert read.n_inputs == 5 and np.isfinite(expected) and np.isfinite(read.mean(np.zeros((1, 5), dtype="f4")))


@pytest.mark.parametrize(
    "change", [{"module": "keras.src.models.cloning"}, {"registered_name": "evil>Functional"}, {"class_name": "Model"}]
)
def test_other_models_are_refused(file, change):
    file.config |= change
    with pytest.raises(ModelFileError, match="Only Sequential models, and Functional ones"):
        read_networks(file.pack())


def test_all_members_count_against_the_limit():
    zeros = [Dense(np.zeros(shape, np.float32)) for shape in ((5, 1100), (1100, 1100), (1100, 1))]
    file = KerasFile(keras_file_of([Network(5, tuple(zeros))] * 5))
    with pytest.raises(ModelFileError, match=r"too many parameters: at most 5,000,000"):
        read_networks(file.pack())


def test_an_average_in_a_sequential_model_is_refused(keras_file):
    average = {"module": "keras.layers", "class_name": "Average", "config": {}, "registered_name": None}
    keras_file.layers.insert(-1, average)
    with pytest.raises(ModelFileError):
        read_networks(keras_file.pack())


@pytest.mark.parametrize("kind", KINDS)
def test_members_come_back_as_they_were(kind):
    rng = np.random.default_rng(1)
    members = [member(rng, kind) for _ in range(4)]
    inputs = rng.normal(size=(50, 5)).astype(np.float32)
    got = read_networks(keras_file_of(members)).forward(inputs)
    np.testing.assert_array_equal(got, Ensemble(tuple(members)).forward(inputs))


def test_equal_networks_are_written_as_equal_files():
    network = Network(2, (Dense(np.ones((2, 1), dtype="f4")),))
    assert keras_file_of([network]) == keras_file_of([network])
    with pytest.raises(ValueError, match="one number of inputs"):
        keras_file_of([])


@pytest.mark.tensorflow
class TestAgainstKeras:
    def test_a_chain_written_as_a_functional_model(self, keras, keras_bytes):
        layers, inputs = keras.layers, keras.Input((4,))
        x = layers.Dense(6, activation="tanh")(inputs)
        x = layers.Dropout(0.5)(x, training=False)
        x = layers.BatchNormalization()(layers.Activation("relu")(x))
        model = keras.Model(inputs, layers.Dense(1)(x))
        network = read_networks(keras_bytes(model))
        rows = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
        expected = model(rows, training=False).numpy()[:, 0]
        np.testing.assert_allclose(network.mean(rows), expected, rtol=1e-5, atol=1e-6)

    def test_an_average_of_chains(self, keras, keras_bytes):
        layers, inputs = keras.layers, keras.Input((3,))
        ends = []
        for _ in range(3):
            x = layers.BatchNormalization()(inputs)
            ends.append(layers.Dense(1)(layers.Dense(5, activation="silu", bias_initializer="normal")(x)))
        model = keras.Model(inputs, layers.Average()(ends))
        rows = np.random.default_rng(0).normal(size=(300, 3)).astype(np.float32)
        got = read_networks(keras_bytes(model)).forward(rows)
        assert got.shape == (3, 300)
        assert (np.ptp(got, axis=0) > 0).all()
        np.testing.assert_allclose(got.mean(axis=0), model(rows).numpy()[:, 0], rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("kind", ["shared", "two outputs", "training"])
    def test_other_graphs_are_refused(self, keras, keras_bytes, kind):
        layers, inputs = keras.layers, keras.Input((3,))
        hidden, last = layers.Dense(3, activation="relu"), layers.Dense(1)
        model = {
            "shared": lambda: keras.Model(inputs, last(hidden(hidden(inputs)))),
            "two outputs": lambda: keras.Model(inputs, [last(inputs), layers.Dense(1)(inputs)]),
            "training": lambda: keras.Model(inputs, last(layers.Dropout(0.5)(inputs, training=True))),
        }[kind]()
        with pytest.raises(ModelFileError):
            read_networks(keras_bytes(model))
