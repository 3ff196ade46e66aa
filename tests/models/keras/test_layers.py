"""Every layer that is understood gives what Keras gives; what it cannot say is refused in words."""

import numpy as np
import pytest

from models import ModelFileError
from models.keras.file import read_keras
from models.keras.layers import LAYERS, Given, with_constant
from models.networks.plain import packed, unpacked
from models.networks.read_model import as_ensemble

X = np.random.default_rng(0).normal(size=(200, 4)) * [1, 10, 100, 1000] + [0, 5, 300, 2000]
X = X.astype(np.float32)


def normalised(layers):
    """Return a Normalization layer that has seen the rows."""
    layer = layers.Normalization()
    layer.adapt(X)
    return layer


def sequential(keras, *later):
    return keras.Sequential([keras.Input((4,)), normalised(keras.layers), *later, keras.layers.Dense(1)])


CHAINS = {
    "normalization": lambda k: [k.Dense(8, activation="relu")],
    "leaky": lambda k: [k.Dense(8), k.LeakyReLU(negative_slope=0.1)],
    "prelu": lambda k: [k.Dense(8), k.PReLU(alpha_initializer="random_normal")],
    "elu": lambda k: [k.Dense(8), k.ELU(alpha=0.7)],
    "relu": lambda k: [k.Dense(8), k.ReLU(max_value=1.5, negative_slope=0.05, threshold=0.1)],
    "plain relu": lambda k: [k.Dense(8), k.ReLU()],
    "layer normalisation": lambda k: [k.Dense(8), k.LayerNormalization(gamma_initializer="random_normal")],
    "softmax": lambda k: [k.Dense(5, activation="softmax"), k.Dense(4), k.Softmax()],
    "only training": lambda k: [k.GaussianNoise(0.1), k.Dropout(0.1), k.AlphaDropout(0.1), k.GaussianDropout(0.1)],
    **{
        name: lambda k, name=name: [k.Dense(8, activation=name)]
        for name in ("mish", "softsign", "exponential", "hard_sigmoid", "relu6", "hard_silu", "log_sigmoid")
    },
}


def blocks(keras):
    """A graph in which blocks of values meet in every way."""
    k, inputs = keras.layers, keras.Input((4,))
    scaled = k.Rescaling(1 / 100.0, offset=-1.0)(inputs)
    a = k.Dense(8, activation="tanh")(scaled)
    b = k.Dense(8)(a)
    c = k.Add()([a, b])
    d = k.Concatenate()([c, scaled])
    e = k.Multiply()([c, b])
    f = k.Maximum()([k.Subtract()([c, e]), a])
    g = k.Minimum()([k.Average()([f, b]), e])
    return keras.Model(inputs, k.Dense(1)(k.Concatenate()([d, k.Reshape((8,))(g)])))


def arithmetic(keras):
    """A graph that is written with + and *."""
    inputs = keras.Input((4,))
    h = keras.layers.Dense(4)(normalised(keras.layers)(inputs))
    h = h + keras.ops.relu(h) * 2.0
    return keras.Model(inputs, keras.layers.Dense(1)(1.5 - h * h))


def given_moments(keras):
    """A Normalization layer that was told mean and variance."""
    told = keras.layers.Normalization(mean=[0.0, 5.0, 300.0, 2000.0], variance=[1.0, 100.0, 1e4, 1e6])
    return keras.Sequential([keras.Input((4,)), told, keras.layers.Dense(1)])


def outcomes_of(data, inputs):
    """Return what is read of a file gives for rows, after a way through a closed-off process."""
    model = unpacked(packed(read_keras(data)))
    return {name: graph.mean(inputs.astype(np.float32)) for name, graph in model.outputs.items()}, model


@pytest.mark.tensorflow
class TestAgainstKeras:
    def agrees(self, keras_bytes, model, given, inputs):
        found, read = outcomes_of(keras_bytes(model), inputs)
        expected = model.predict(given, verbose=0)
        columns = [column for each in (expected if isinstance(expected, list) else [expected]) for column in each.T]
        for outcome, column in zip(found.values(), columns, strict=True):
            np.testing.assert_allclose(outcome, column, rtol=1e-5, atol=1e-5 * np.abs(column).max())
        return read

    @pytest.mark.parametrize("name", CHAINS)
    def test_chains(self, keras, keras_bytes, name):
        self.agrees(keras_bytes, sequential(keras, *CHAINS[name](keras.layers)), X, X)

    @pytest.mark.parametrize("make", [blocks, arithmetic, given_moments])
    def test_graphs(self, keras, keras_bytes, make):
        read = self.agrees(keras_bytes, make(keras), X, X)
        assert as_ensemble(next(iter(read.outputs.values()))) is None

    def test_several_inputs_stand_side_by_side(self, keras, keras_bytes):
        k, mix, age = keras.layers, keras.Input((3,), name="mix"), keras.Input((1,), name="age")
        joined = k.Concatenate()([k.Dense(4, activation="relu")(mix), k.Dense(3, activation="gelu")(age)])
        read = self.agrees(keras_bytes, keras.Model([mix, age], k.Dense(1)(joined)), [X[:, :3], X[:, 3:]], X)
        assert read.n_inputs == 4 and not any(read.vocabularies)

    @pytest.mark.parametrize("is_wide", [False, True])
    def test_several_outputs_are_several_outcomes(self, keras, keras_bytes, is_wide):
        k, inputs = keras.layers, keras.Input((4,))
        h = k.Dense(6, activation="silu")(normalised(k)(inputs))
        outputs = (
            k.Dense(2, name="both")(h) if is_wide else [k.Dense(1, name="strength")(h), k.Dense(1, name="slump")(h)]
        )
        read = self.agrees(keras_bytes, keras.Model(inputs, outputs), X, X)
        assert list(read.outputs) == (["both 1", "both 2"] if is_wide else ["strength", "slump"])

    def test_codes(self, keras, keras_bytes):
        k, numbers, code = keras.layers, keras.Input((4,)), keras.Input((1,), dtype="int32")
        parts = [
            normalised(k)(numbers),
            k.CategoryEncoding(num_tokens=5, output_mode="one_hot")(code),
            k.Flatten()(k.Embedding(5, 3)(code)),
        ]
        codes = np.random.default_rng(1).integers(0, 5, (200, 1)).astype("int32")
        model = keras.Model([numbers, code], k.Dense(1)(k.Concatenate()(parts)))
        self.agrees(keras_bytes, model, [X, codes], np.hstack([X, codes]))

    @pytest.mark.parametrize("mode", ["int", "one_hot"])
    def test_lookups_of_numbers(self, keras, keras_bytes, mode):
        k, numbers, code = keras.layers, keras.Input((4,)), keras.Input((1,), dtype="int64")
        found = k.IntegerLookup(vocabulary=[30, 10, 20], output_mode=mode)(code)
        found = k.CategoryEncoding(num_tokens=4)(found) if mode == "int" else found
        codes = np.random.default_rng(1).choice([10, 20, 30, 40], (200, 1)).astype("int64")  # 40 is not known
        model = keras.Model([numbers, code], k.Dense(1)(k.Concatenate()([normalised(k)(numbers), found])))
        self.agrees(keras_bytes, model, [X, codes], np.hstack([X, codes]))

    @pytest.mark.parametrize("is_learned", [False, True])
    def test_words(self, keras, keras_bytes, is_learned):
        import tensorflow

        k, numbers, word = keras.layers, keras.Input((4,)), keras.Input((1,), dtype="string")
        words = np.random.default_rng(1).choice(["B", "A", "C"], (200, 1), p=[0.5, 0.3, 0.2])
        given = tensorflow.constant(words)
        if is_learned:  # its words stand in a file of their own
            lookup = k.StringLookup(output_mode="int")
            lookup.adapt(given)
            found = k.Flatten()(k.Embedding(4, 2)(lookup(word)))
        else:
            found = k.StringLookup(vocabulary=["A", "B", "C"], output_mode="one_hot")(word)
        model = keras.Model([numbers, word], k.Dense(1)(k.Concatenate()([normalised(k)(numbers), found])))
        known = ("B", "A", "C") if is_learned else ("A", "B", "C")
        inputs = np.hstack([X, *(words == each for each in known)])
        assert self.agrees(keras_bytes, model, [tensorflow.constant(X), given], inputs).vocabularies[-1] == known

    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda k: k.Embedding(5, 2), "put a Flatten layer after it"),
            (lambda k: k.RepeatVector(2), "'RepeatVector' cannot be read"),
            (lambda k: k.Normalization(mean=0.0, variance=1.0, invert=True), "not inverted"),
            (lambda k: k.IntegerLookup(vocabulary=[1, 2], num_oov_indices=3), "one code for unknown words"),
            (lambda k: k.IntegerLookup(vocabulary=[1, 2], mask_token=0), "'mask_token' set"),
        ],
    )
    def test_what_cannot_be_said_is_refused(self, keras, keras_bytes, make, says):
        layer = make(keras.layers)
        later = (
            keras.layers.Dense(1) if "RepeatVector" not in says and "Flatten" not in says else keras.layers.Identity()
        )
        model = keras.Sequential([keras.Input((1,)), layer, later])
        with pytest.raises(ModelFileError, match=says):
            read_keras(keras_bytes(model))


def given(kind, widths=(3,), **settings):
    return Given(kind, settings, widths, lambda name, shape: np.full(shape, -1, dtype=np.float32))


@pytest.mark.parametrize(
    ("about", "says"),
    [
        (given("Dense", (3, 3), units=2, activation="relu"), "takes one block of values, this one is given 2"),
        (given("Normalization", axis=-1), "variance of a Normalization layer is negative"),
        (given("BatchNormalization", axis=-1, epsilon=0.001), "A variance of a batch normalisation is negative"),
        (given("Normalization", axis=0), "over the last axis"),
        (given("Normalization", axis=-1, mean=[1, 2], variance=[1, 2]), "has 2 numbers, expected 3"),
        (given("Rescaling", scale="2", offset=0.0), "has to be a number"),
        (given("ReLU", max_value=-1.0), "largest value of a ReLU"),
        (given("LeakyReLU"), "negative slope of a LeakyReLU"),
        (given("PReLU", shared_axes=[2]), "shared over an axis"),
        (given("LayerNormalization", axis=[1, 2]), "over the last axis"),
        (given("Embedding", mask_zero=True), "mask_zero=False"),
        (given("CategoryEncoding", num_tokens=3, output_mode="one_hot"), "a column of their own"),
        (given("CategoryEncoding", num_tokens=3, output_mode="tf_idf"), "'tf_idf' of categories"),
        (given("Reshape", target_shape=[3, 1]), "may only make rows of 3 values"),
        (given("Concatenate", axis=0), "along the last axis"),
        (given("Softmax", axis=0), "over the last axis"),
        (given("IntegerLookup", output_mode="int"), "is empty"),
    ],
)
def test_settings_that_cannot_be_are_refused(about, says):
    with pytest.raises(ModelFileError, match=says):
        LAYERS[about.kind](about)


@pytest.mark.parametrize(
    ("kind", "is_first", "expected"),
    [("Add", False, 5), ("Add", True, 5), ("Multiply", False, 6), ("Subtract", False, 1), ("Subtract", True, -1)],
)
def test_arithmetic_with_a_number(kind, is_first, expected):
    operation = with_constant(kind, 2.0, 1, is_first=is_first)
    assert operation.forward([np.full((1, 1), 3, dtype=np.float32)]) == expected


@pytest.mark.parametrize(("kind", "constant"), [("Power", 2.0), ("Divide", 0.0)])
def test_other_arithmetic_is_refused(kind, constant):
    with pytest.raises(ModelFileError, match="with a number cannot be read"):
        with_constant(kind, constant, 1, is_first=False)
