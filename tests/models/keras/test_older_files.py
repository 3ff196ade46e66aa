"""Models in .h5 files, as Keras 2 wrote them: read as data like the rest."""

import io
import json

import h5py
import numpy as np
import pytest

from models import ModelFileError
from models.keras.file import read_keras, read_networks

KERNELS = {"first": np.arange(6, dtype="f4").reshape(2, 3), "last": np.ones((3, 1), dtype="f4")}
X = np.array([[1, 2], [-3, 4]], dtype="f4")


def layer(kind, name, before=None, **settings):
    """A layer as Keras 2 describes it."""
    entry = {"class_name": kind, "config": {"name": name, "dtype": "float32", **settings}, "name": name}
    return entry | {"inbound_nodes": [] if before is None else [[[each, 0, 0, {}] for each in before]]}


def functional(*more):
    dense = {"use_bias": False, "activation": "relu"}
    layers = [
        layer("InputLayer", "inputs", batch_input_shape=[None, 2]),
        layer("Dense", "first", ["inputs"], units=3, **dense),
        *more,
        layer("Dense", "last", [more[-1]["name"] if more else "first"], units=1, **(dense | {"activation": "linear"})),
    ]
    ends = {"input_layers": [["inputs", 0, 0]], "output_layers": [["last", 0, 0]]}
    return {"class_name": "Model", "config": {"name": "model", "layers": layers} | ends}


def h5_of(config, edit=lambda file: None):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
        for name, kernel in KERNELS.items():
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            group.create_dataset(f"{name}/kernel:0", data=kernel)
        edit(file)
    return buffer.getvalue()


def test_a_functional_model_is_read():
    expected = np.maximum(X @ KERNELS["first"], 0) @ KERNELS["last"]
    np.testing.assert_array_equal(read_networks(h5_of(functional())).mean(X), expected[:, 0])


def test_a_branch_is_read():
    added = layer("Add", "added", ["first", "first"])
    expected = np.maximum(X @ KERNELS["first"], 0) @ KERNELS["last"] * 2
    np.testing.assert_array_equal(read_networks(h5_of(functional(added))).mean(X), expected[:, 0])


def test_a_sequential_model_is_read():
    layers = functional()["config"]["layers"]
    config = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    np.testing.assert_array_equal(read_networks(h5_of(config)).mean(X), read_networks(h5_of(functional())).mean(X))


def renamed(name):
    def edit(file):
        file["model_weights/first"].attrs["weight_names"] = [name.encode()]

    return edit


def linked(link):
    def edit(file):
        del file["model_weights/first/first/kernel:0"]
        file["model_weights/first/first/kernel:0"] = link

    return edit


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (h5_of(None), "no whole model, perhaps weights alone"),
        (h5_of([1, 2]), "no JSON object"),
        (h5_of({"class_name": "Evil", "config": {}}), "Only Sequential models"),
        (h5_of(functional() | {"registered_name": "evil>Model"}), "Only Sequential models"),
        (h5_of(functional(layer("Lambda", "evil", ["first"]))), "'Lambda' cannot be read"),
        (h5_of(functional(layer("Add", "added", ["first", "nobody"]))), "from a layer that is absent"),
        (h5_of(functional(), renamed("../last/last/kernel:0")), "does not hold the kernel"),
        (h5_of(functional(), renamed("/model_weights/last/last/kernel:0")), "does not hold the kernel"),
        (h5_of(functional(), lambda file: file["model_weights/first"].attrs.pop("weight_names")), "stored as plain"),
        (h5_of(functional(), lambda file: file.pop("model_weights")), "does not hold the kernel"),
        (h5_of(functional(), linked(h5py.SoftLink("/model_weights/last/last/kernel:0"))), "does not hold the kernel"),
        (h5_of(functional(), linked(h5py.ExternalLink("/etc/passwd", "/"))), "does not hold the kernel"),
        (h5_of(functional())[:2_000], "cannot be read as a Keras model"),
    ],
)
def test_what_cannot_be_is_refused(data, says):
    with pytest.raises(ModelFileError, match=says):
        read_networks(data)


def test_values_that_are_passed_otherwise_are_refused():
    config = functional()
    config["config"]["layers"][1]["inbound_nodes"] = [[["inputs", 0, 0, {"training": True}]]]
    with pytest.raises(ModelFileError, match="something else than single values"):
        read_keras(h5_of(config))


@pytest.mark.tensorflow
def test_what_keras_writes_today(keras, tmp_path):
    layers, inputs = keras.layers, keras.Input((2,))
    x = layers.BatchNormalization(gamma_initializer="random_normal")(layers.Dense(4, activation="tanh")(inputs))
    model = keras.Model(inputs, layers.Dense(1)(layers.Add()([x, layers.LeakyReLU(negative_slope=0.3)(x)])))
    model.save(tmp_path / "model.h5")
    got = read_networks((tmp_path / "model.h5").read_bytes()).mean(X)
    np.testing.assert_allclose(got, model.predict(X, verbose=0)[:, 0], rtol=1e-5, atol=1e-6)
