"""The operator's models: any Keras model from (n, d) to (n, 1), run by TensorFlow as it would run it itself."""

import subprocess
import sys

import numpy as np
import pytest

from models import ModelFileError
from models.data.dataset import Column, ColumnKind
from models.data.encoding import Encoding
from models.keras.operator_model import KerasGradientPredictor, KerasModelFile
from models.keras.writer import keras_file_of
from models.networks.ensemble import Ensemble
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Network
from models.networks.predictor import EnsemblePredictor, GradientPredictor

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def encoding():
    """Two numbers and one of three categories: five inputs."""
    features = (Column("x"), Column("kind", ColumnKind.CATEGORICAL, categories=("a", "b", "c")), Column("z"))
    return Encoding(features, np.array([1.0, 0, -2]), np.array([2.0, 1, 0.5]), 10.0, 4.0)


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    return np.column_stack([rng.normal(size=2_500), rng.integers(0, 3, 2_500), rng.normal(size=2_500)])


@pytest.fixture
def file_of(tmp_path, encoding):
    def save(model) -> KerasModelFile:
        model.save(tmp_path / "plant.keras")
        return KerasModelFile(tmp_path / "plant.keras", encoding)

    return save


def branched(keras):
    """A model with a shortcut, a layer that normalises rows, and a function: nothing that the reader understands."""
    inputs = keras.Input((5,))
    hidden = keras.layers.LayerNormalization()(keras.layers.Dense(7, activation="tanh")(inputs))
    joined = keras.layers.Concatenate()([hidden, inputs])
    waved = keras.layers.Lambda(lambda x: x * x - x, output_shape=(12,))(joined)
    return keras.Model(inputs, keras.layers.Dense(1)(waved))


def test_it_predicts_what_keras_predicts_with_its_slopes(keras, file_of, encoding, rows):
    model = branched(keras)
    predictor = file_of(model).loaded()
    assert isinstance(predictor, KerasGradientPredictor) and isinstance(predictor, GradientPredictor)
    expected = model.predict(encoding.encode(rows), verbose=0)[:, 0] * 4.0 + 10.0
    np.testing.assert_allclose(predictor.predict(rows), expected, rtol=1e-5, atol=1e-5)
    values, gradients = predictor.predict_with_gradient(rows[:40])
    np.testing.assert_allclose(values, expected[:40], rtol=1e-5, atol=1e-5)
    assert (gradients[:, 1] == 0).all()
    for j in (0, 2):
        step = np.zeros(3)
        step[j] = 0.01
        slopes = (predictor.predict(rows[:40] + step) - predictor.predict(rows[:40] - step)) / 0.02
        np.testing.assert_allclose(gradients[:, j], slopes, rtol=0.02, atol=0.02)


def test_blocks_of_any_length_give_the_same_and_a_missing_value_gives_none(keras, file_of, rows):
    predictor = file_of(branched(keras)).loaded()
    whole = predictor.predict(rows)
    np.testing.assert_allclose(
        np.concatenate([predictor.predict(part) for part in np.split(rows, [1, 40, 900])]), whole, rtol=1e-5
    )
    spoilt = rows[:5].copy()
    spoilt[1, 0], spoilt[3, 1] = np.nan, 7
    for answers in (predictor.predict(spoilt)[:, None], predictor.predict_with_gradient(spoilt)[1]):
        assert np.isnan(answers).all(axis=1).tolist() == [False, True, False, True, False]
    assert predictor.predict(rows[:0]).shape == (0,)
    with pytest.raises(ValueError, match="rows of 3 feature values"):
        predictor.predict(rows[:, :2])


def test_a_model_without_slopes_is_no_gradient_predictor(keras, file_of, rows):
    inputs = keras.Input((5,))
    steps = keras.layers.Lambda(lambda x: (x * 4) // 1, output_shape=(5,))(inputs)
    predictor = file_of(keras.Model(inputs, keras.layers.Dense(1)(steps))).loaded()
    assert not isinstance(predictor, GradientPredictor)
    assert np.isfinite(predictor.predict(rows[:10])).all()


def test_what_does_not_map_rows_to_one_number_says_so(keras, file_of):
    with pytest.raises(ModelFileError, match=r"maps \(None, 4\) to \(None, 1\); expected \(None, 5\)"):
        file_of(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])).loaded()
    with pytest.raises(ModelFileError, match=r"to \(None, 2\)"):
        file_of(keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])).loaded()


def test_what_cannot_be_run_says_so(keras, file_of):
    inputs = keras.Input((5,))
    waved = keras.layers.Lambda(lambda x: keras.ops.sin(x), output_shape=(5,))(inputs)
    with pytest.raises(ModelFileError, match="Lambda layer may use nothing from outside"):
        file_of(keras.Model(inputs, keras.layers.Dense(1)(waved))).loaded()


def test_what_keras_cannot_load_says_so(tmp_path, encoding):
    (tmp_path / "torn.keras").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(ModelFileError, match="Keras cannot load the operator's model 'torn'"):
        KerasModelFile(tmp_path / "torn.keras", encoding).loaded()


def test_before_it_is_loaded_it_answers_nothing_and_loads_nothing(tmp_path):
    script = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from models.data.dataset import Column\nfrom models.data.encoding import Encoding\n"
        "from models.keras.operator_model import *\n"
        "file = KerasModelFile(Path('plant.keras'), Encoding((Column('x'),), np.zeros(1), np.ones(1), 0.0, 1.0))\n"
        "try:\n    file.predict(np.zeros((1, 1)))\n"
        "except ModelNotLoadedError as error:\n"
        "    print(file.feature_names, error)\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "('x',) The model 'plant' runs in TensorFlow" in done.stdout


@pytest.mark.parametrize("n_members", [1, 3])
def test_keras_loads_what_was_written_without_it(keras, tmp_path, encoding, rows, n_members):
    rng = np.random.default_rng(n_members)

    def numbers(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype("f4")

    networks = [
        Network(
            5,
            (
                Dense(numbers(5, 6), None, ACTIVATIONS["tanh"]),
                Affine(numbers(6), numbers(6)),
                Dense(numbers(6, 6), numbers(6), ACTIVATIONS["relu"]),
                Activate(ACTIVATIONS["gelu"]),
                Dense(numbers(6, 1), numbers(1)),
            ),
        )
        for _ in range(n_members)
    ]
    path = tmp_path / "written.keras"
    path.write_bytes(keras_file_of(networks))
    model = keras.models.load_model(path, compile=False)
    expected = EnsemblePredictor(encoding, Ensemble(tuple(networks))).predict(rows)
    given = encoding.decode_outcome(model.predict(encoding.encode(rows), verbose=0)[:, 0])
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-4)
