"""Reading .keras files: hostile and malformed ones are refused with one type, honest ones predict as Keras does."""

import copy
import json
import sys
import zipfile

import h5py
import numpy as np
import pytest

from models import ModelFileError
from models.keras.file import read_networks
from models.store import SHIPPED_FOLDER, SHIPPED_MODELS
from tests.models.conftest import zip_of

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "elu", "selu", "gelu", "softplus", "silu", "swish", "leaky_relu")
KERNEL = "layers/dense/vars/0"


def lambda_layer(function: object) -> dict:
    return {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"name": "lambda", "dtype": "float32", "function": function, "arguments": {}},
        "registered_name": None,
    }


def test_an_honest_file_is_read(honest_bytes):
    network = read_networks(honest_bytes)
    assert (network.n_inputs, network.n_parameters) == (8, 8 * 32 + 32 + 2 * (32 * 32 + 32) + 32 + 1)
    assert np.isfinite(network.forward(np.zeros((3, 8), dtype=np.float32))).all()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no .keras file"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 600, "cannot be read as a Keras model"),
        (b"\x80\x04\x95pickle", "no .keras file"),
        (b"PK\x03\x04" + b"\0" * 100, "cannot be read as a Keras model"),
        (b"PK\x03\x04" + b"x" * 20_000_001, "at most 20,000,000"),
    ],
)
def test_what_is_no_keras_file_is_refused(data, says):
    with pytest.raises(ModelFileError, match=says):
        read_networks(data)


@pytest.mark.parametrize("kept", [5, 100, 3_000, 20_000])
def test_a_truncated_file_is_refused(honest_bytes, kept):
    with pytest.raises(ModelFileError):
        read_networks(honest_bytes[:kept])


def test_a_flipped_byte_never_raises_anything_else(honest_bytes):
    rng = np.random.default_rng(0)
    for _ in range(300):
        data = bytearray(honest_bytes)
        for position in rng.integers(4, len(data), 5):
            data[position] = rng.integers(256)
        try:
            read_networks(bytes(data))
        except ModelFileError as error:
            assert str(error)


def test_a_member_twice_is_refused(keras_file, tmp_path):
    path = tmp_path / "twice.keras"
    path.write_bytes(keras_file.pack())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", b"{}")
    with pytest.raises(ModelFileError, match="holds exactly"):
        read_networks(path.read_bytes())


def test_a_member_that_declares_too_little_is_refused(keras_file):
    keras_file.config["note"] = " " * 2_000_000
    size = len(keras_file.contents()["config.json"])
    with pytest.raises(ModelFileError):
        read_networks(keras_file.pack().replace(size.to_bytes(4, "little"), (5_000).to_bytes(4, "little")))


def test_another_compression_is_refused(keras_file):
    with pytest.raises(ModelFileError, match="packed"):
        read_networks(keras_file.pack(zipfile.ZIP_LZMA))


@pytest.mark.parametrize(
    ("member", "content", "says"),
    [
        *((extra, b"boo", "holds exactly") for extra in ("../../evil.txt", "/etc/evil", "assets/vocabulary.txt")),
        ("config.json", b" " * 50_000_000, "declares 50,0"),
        *(("config.json", content, None) for content in (b"", b"[]", b"nul", b"\xff\xfe", b"[" * 500_000)),
        ("config.json", b'{"class_name": "Sequential"}', None),
        *(("model.weights.h5", content, None) for content in (b"", b"\x89HDF\r\n\x1a\n", b"no HDF5 at all" * 100)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_members_that_are_not_as_keras_writes_them_are_refused(keras_file, member, content, says):
    keras_file.members[member] = content
    with pytest.raises(ModelFileError, match=says):
        read_networks(keras_file.pack())


def test_without_its_members_it_is_no_keras_file():
    with pytest.raises(ModelFileError, match=r"holds 'readme\.txt'"):
        read_networks(zip_of({"readme.txt": b"hello"}))


def insert(*more, at=2):
    """A change that adds layers in the middle."""
    return lambda file: file.layers.__setitem__(slice(at, at), more)


def changed(**entry):
    """A change of the entry of the first dense layer."""
    return lambda file: file.layers[1].update(entry)


def configured(**entry):
    """A change of the configuration as a whole."""
    return lambda file: file.config.update(entry)


def layer(index, **settings):
    """A change of the settings of one layer."""
    return lambda file: file.edit_layer(index, **settings)


OTHER_MODELS = [
    {"class_name": "Functional"},
    {"module": "os", "class_name": "system"},
    {"registered_name": "evil>Thing"},
    *({"config": config} for config in (None, {"layers": []}, {"layers": "all"}, {"layers": [None, 3]})),
]
OTHER_KINDS = ["TFSMLayer", "TextVectorization", "TimeDistributed", "Conv1D", "<script>" * 99, None, 7]
ELSEWHERE = [{"module": "builtins"}, {"module": "keras.src.layers"}, {"registered_name": "evil>Dense"}]
UNITS = [10**9, 10**8, 4097, 0, -1, 2.5, "32", None, True, 1e400]
SHAPES = [[None, 10**9], [None, 0], [None], [4, 8], None, "8", [None, 8, 1], {"0": None, "1": 8}]
SETTINGS = [
    {"activation": "sparsemax"},
    {"activation": {"class_name": "function", "config": "set_floatx", "module": "keras.config"}},
    {"activation": None},
    {"use_bias": "yes"},
    {"dtype": "float64"},
    {"dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}},
    {"dtype": {"class_name": "Lambda", "config": {"name": "float32"}}},
    {"quantization_config": {"mode": "int8"}},
    {"lora_rank": 4},
]
FUNCTIONS = [
    {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}},
    {"module": "keras.config", "class_name": "function", "config": "set_floatx"},
    "relu",
]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        *((configured(**entry), None) for entry in OTHER_MODELS),
        *((insert(lambda_layer(function)), "type 'Lambda' cannot be read") for function in FUNCTIONS),
        *((changed(class_name=kind), "cannot be read; those that can") for kind in OTHER_KINDS),
        *((changed(**entry), "cannot be read") for entry in ELSEWHERE),
        (lambda file: insert(copy.deepcopy(file.config), at=1)(file), "'Sequential' cannot be read"),
        (lambda file: insert(file.layers[0])(file), "first only"),
        *((layer(1, units=units), "from 1 to 4,096") for units in UNITS),
        *((layer(0, batch_shape=shape), None) for shape in SHAPES),
        *((layer(1, **settings), None) for settings in SETTINGS),
        (layer(-1, units=3), "as float32 of shape"),
        (lambda file: [layer(i, units=4096)(file) for i in (1, 2, 3)], "as float32 of shape"),  # before it is allocated
        (lambda file: insert(*[file.layers[2]] * 20_000)(file), None),
    ],
)
def test_a_configuration_that_is_not_understood_is_refused_unrun(keras_file, change, says):
    change(keras_file)
    loaded = set(sys.modules)
    with pytest.raises(ModelFileError, match=says) as caught:
        read_networks(keras_file.pack())
    assert len(str(caught.value)) < 600
    assert not {name for name in set(sys.modules) - loaded if name.startswith(("keras", "tensorflow"))}


def test_what_only_training_needs_is_ignored(keras_file):
    keras_file.edit_layer(1, kernel_regularizer=lambda_layer("evil"), kernel_initializer={"class_name": "os.system"})
    keras_file.config |= {"compile_config": {"loss": "evil>loss"}, "build_config": 7}
    assert read_networks(keras_file.pack()).n_inputs == 8


def replace_kernel(value):
    def edit(file):
        del file[KERNEL]
        file[KERNEL] = value

    return edit


def virtual_kernel(file):
    layout = h5py.VirtualLayout((8, 32), dtype="<f4")
    layout[...] = h5py.VirtualSource("/etc/other.h5", "x", shape=(8, 32))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def external_kernel(file):
    del file[KERNEL]
    file.create_dataset(KERNEL, (8, 32), "<f4", external=[("/etc/passwd", 0, 8 * 32 * 4)])


def shape_bomb(file):
    del file[KERNEL]
    file.create_dataset(KERNEL, (31_000, 31_000), "<f4", chunks=(1_000, 1_000))


def packed_kernel(file):
    del file[KERNEL]
    file.create_dataset(KERNEL, (8, 32), "<f4", compression="gzip")


def cyclic_group(file):
    del file["layers/dense"]
    file["layers/dense"] = file["layers"]


class TestWeights:
    @pytest.mark.parametrize(
        ("edit", "says"),
        [
            (replace_kernel(h5py.ExternalLink("/etc/other.h5", "/x")), "does not hold"),
            (replace_kernel(h5py.SoftLink("/layers/dense_1/vars/0")), "does not hold"),
            (virtual_kernel, "plain numbers"),
            (external_kernel, "plain numbers"),
            (shape_bomb, "plain numbers"),
            (packed_kernel, "plain numbers"),
            (replace_kernel(np.zeros((32, 8), "<f4")), "Expected the kernel"),
            (replace_kernel(np.zeros((8, 33), "<f4")), "Expected the kernel"),
            (replace_kernel(np.zeros((8, 32), "<i4")), "Expected the kernel"),
            (replace_kernel(np.zeros((8, 32), "<f8")), "Expected the kernel"),
            (replace_kernel(np.full((8, 32), np.nan, "<f4")), "missing or infinite"),
            (replace_kernel(np.full((8, 32), np.inf, "<f4")), "missing or infinite"),
            (replace_kernel("text"), "Expected the kernel"),
            (lambda file: file.__delitem__("layers/dense_2"), "does not hold"),
            (lambda file: file.__delitem__("layers"), "does not hold"),
            (lambda file: (file.__delitem__(KERNEL), file.create_group(KERNEL)), "plain numbers"),
            (cyclic_group, "does not hold"),
        ],
    )
    def test_weights_that_are_not_as_planned(self, keras_file, edit, says):
        keras_file.edit_weights(edit)
        with pytest.raises(ModelFileError, match=says):
            read_networks(keras_file.pack())

    def test_what_the_plan_does_not_name_is_never_opened(self, keras_file):
        keras_file.edit_weights(lambda file: file.__setitem__("stray", h5py.ExternalLink("/etc/other.h5", "/x")))
        assert read_networks(keras_file.pack()).n_inputs == 8


@pytest.mark.tensorflow
class TestAgainstKeras:
    def check(self, keras_bytes, model, n_inputs, seed=0):
        inputs = np.random.default_rng(seed).normal(0, 2, (700, n_inputs)).astype(np.float32)
        expected = model(inputs, training=False).numpy()[:, 0]
        got = read_networks(keras_bytes(model)).mean(inputs)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    def test_every_activation_inside_and_alone(self, keras, keras_bytes, activation):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((5,)),
                layers.Dense(17, activation=activation, bias_initializer="normal"),
                layers.Dense(9, use_bias=False),
                layers.Activation(activation),
                layers.Dense(1, activation=activation, bias_initializer="normal"),
            ]
        )
        self.check(keras_bytes, model, 5)

    @pytest.mark.parametrize(("scale", "center"), [(True, True), (True, False), (False, True), (False, False)])
    def test_batch_normalisation_and_dropout(self, keras, keras_bytes, scale, center):
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.BatchNormalization(scale=scale, center=center),
                layers.Dense(8, activation="relu"),
                layers.Dropout(0.4),
                layers.BatchNormalization(scale=scale, center=center, epsilon=0.01),
                layers.Dense(1),
            ]
        )
        rng = np.random.default_rng(1)
        model.set_weights([rng.uniform(0.1, 2, weight.shape) for weight in model.get_weights()])
        self.check(keras_bytes, model, 4)

    def test_a_compiled_and_fitted_model(self, keras, keras_bytes):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        rng = np.random.default_rng(2)
        model.fit(rng.normal(size=(40, 2)), rng.normal(size=40), epochs=1, verbose=0)
        self.check(keras_bytes, model, 2)

    @pytest.mark.parametrize("name", SHIPPED_MODELS)
    def test_a_shipped_ensemble_as_keras_reads_it(self, keras, name):
        path = SHIPPED_FOLDER / f"{name}.keras"
        networks = read_networks(path.read_bytes())
        inputs = np.random.default_rng(0).normal(0, 2, (700, networks.n_inputs)).astype(np.float32)
        expected = keras.saving.load_model(path)(inputs).numpy()[:, 0]
        assert networks.n_members == 5
        np.testing.assert_allclose(networks.forward(inputs).mean(axis=0), expected, rtol=1e-5, atol=1e-4)

    def test_the_honest_file_as_keras_reads_it(self, keras, honest_bytes, tmp_path):
        path = tmp_path / "honest.keras"
        path.write_bytes(honest_bytes)
        self.check(lambda _: honest_bytes, keras.saving.load_model(path), 8)


def test_the_fixture_itself_is_plain(keras_file):
    assert json.dumps(keras_file.config).count("Lambda") == 0
    assert read_networks(keras_file.pack()).n_inputs == 8
