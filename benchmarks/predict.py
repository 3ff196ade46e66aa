"""How fast rows are predicted: NumPy against Keras, a compiled tf.function, and plain matrix products as the limit.

The ratios compare what gets the same encoded rows and gives the same numbers; the predictor of the app, which also
encodes recorded rows and gives outcomes in their unit, has a row of its own. An ensemble of five is compared with one
member's pass and with five passes one after the other.

Run with ``python -m benchmarks.predict``. The last line is JSON.
"""

import contextlib
import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.timing import interleaved_medians, print_table
from benchmarks.train import keras_model
from models import (
    BoostingSettings,
    Column,
    Dataset,
    Encoding,
    Ensemble,
    EnsemblePredictor,
    ForestSettings,
    GaussianProcessSettings,
    TrainingSettings,
    UncertainPredictor,
    train_family,
)
from models.cards.settings import FamilySettings
from models.keras.backend import load_backend
from models.training.fitting import first_networks

N_ROWS = 10_000
N_FEATURES = 8
MEMBERS = 5
GENERATION = 300
"""Rows of a small call, as a search makes them."""


def main() -> None:
    """Print rows per second of each way, then one JSON line."""
    keras, tf = load_backend()
    network = first_networks(N_FEATURES, TrainingSettings(), 1)
    model = keras_model(network)
    predictor = EnsemblePredictor(encoding(), network)
    X = np.random.default_rng(0).normal(5, 2, (N_ROWS, N_FEATURES))
    inputs = predictor.encoding.encode(X)
    compiled = tf.function(model, input_signature=[tf.TensorSpec((None, N_FEATURES), tf.float32)])
    kernels = [np.asarray(layer.kernel) for layer in network.members[0].layers if hasattr(layer, "kernel")]
    ways: dict[str, Callable[[], object]] = {
        "NumPy network, encoded rows": lambda: network.forward(inputs),
        "NumPy predictor, raw rows to outcomes": lambda: predictor.predict(X),
        "plain matrix products alone (the limit)": lambda: matrix_products(inputs, kernels, network.block_rows),
        "compiled tf.function, encoded rows": lambda: compiled(inputs).numpy(),
        "Keras predict, one batch": lambda: model.predict(inputs, batch_size=N_ROWS, verbose=0),
        "Keras predict, no progress bar": lambda: model.predict(inputs, verbose=0),
        "Keras predict, as it comes": lambda: predict_as_it_comes(model, inputs),
    }
    largest = float(np.abs(predictor.predict(X) - compiled(inputs).numpy()[:, 0]).max())
    repeats = {way: 10 if way.startswith("Keras") else 60 for way in ways}
    taken = interleaved_medians(ways, repeats)
    ours, whole, limit, function, one_batch, silent, default = taken.values()
    print_table(
        f"{N_ROWS:,} rows through {N_FEATURES} x 32 x 32 x 32 x 1 (Keras {keras.__version__})",
        ("way", "ms", "rows per second"),
        [(way, f"{1e3 * seconds:.2f}", f"{N_ROWS / seconds:,.0f}") for way, seconds in taken.items()],
    )
    print(f"largest difference from TensorFlow: {largest:.1e} standard deviations of the outcome")
    figures = {
        "rows_per_second": round(N_ROWS / whole),
        "vs_keras_default": round(default / ours, 1),
        "vs_keras_silent": round(silent / ours, 1),
        "vs_keras_one_batch": round(one_batch / ours, 1),
        "vs_tf_function": round(function / ours, 2),
        "vs_limit": round(ours / limit, 2),
    }
    print(json.dumps({"benchmark": "predict", **figures, **ensemble_figures(X), **family_figures(X, GENERATION)}))


def encoding() -> Encoding:
    """That of numeric features with mean 5 and standard deviation 2."""
    columns = tuple(Column(f"x{j}") for j in range(N_FEATURES))
    return Encoding(columns, np.full(N_FEATURES, 5.0), np.full(N_FEATURES, 2.0), 0.0, 1.0)


def ensemble_figures(X: np.ndarray) -> dict[str, float]:
    """Print and return what an ensemble costs beside one of its members and beside all of them one by one."""
    networks = first_networks(N_FEATURES, TrainingSettings(), MEMBERS)
    ensemble = EnsemblePredictor(encoding(), networks)
    members = [Ensemble((member,)) for member in networks.members]
    one_predictor = EnsemblePredictor(encoding(), members[0])
    inputs = encoding().encode(X)
    few = inputs[:GENERATION]
    ways: dict[str, Callable[[], object]] = {
        "one member, encoded rows": lambda: members[0].forward(inputs),
        f"{MEMBERS} members one by one, encoded rows": lambda: [member.forward(inputs) for member in members],
        f"{MEMBERS} members stacked, encoded rows": lambda: networks.forward(inputs),
        "one member, raw rows to outcomes": lambda: one_predictor.predict(X),
        "ensemble, raw rows to outcomes": lambda: ensemble.predict(X),
        "ensemble with spread": lambda: ensemble.predict_with_spread(X),
        "one member with gradient": lambda: one_predictor.predict_with_gradient(X),
        "ensemble with spread and both gradients": lambda: ensemble.predict_with_spread_and_gradient(X),
        f"{MEMBERS} members one by one, {GENERATION} rows": lambda: [each.forward(few) for each in members],
        f"{MEMBERS} members stacked, {GENERATION} rows": lambda: networks.forward(few),
    }
    taken = interleaved_medians(ways, dict.fromkeys(ways, 30))
    print_table(
        f"{N_ROWS:,} rows through an ensemble of {MEMBERS}",
        ("way", "ms", "rows per second"),
        [(way, f"{1e3 * seconds:.2f}", f"{rows_of(way) / seconds:,.0f}") for way, seconds in taken.items()],
    )
    one, one_by_one, stacked, one_whole, whole, with_spread, sloped_one, sloped, few_by_one, few_stacked = (
        taken.values()
    )
    return {
        "ensemble_rows_per_second": round(N_ROWS / with_spread),
        "ensemble_vs_one": round(stacked / one, 2),
        "ensemble_vs_one_by_one": round(stacked / one_by_one, 2),
        "ensemble_vs_one_by_one_generation": round(few_stacked / few_by_one, 2),
        "ensemble_predictor_vs_one": round(whole / one_whole, 2),
        "ensemble_gradients_vs_one": round(sloped / sloped_one, 2),
    }


def rows_of(way: str) -> int:
    """How many rows a way of the ensemble's table takes."""
    return GENERATION if way.endswith(f"{GENERATION} rows") else N_ROWS


def predict_as_it_comes(model: Any, inputs: np.ndarray) -> None:
    """Call Keras' predict with its defaults: batches of 32 rows and a progress bar, which is written to nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        model.predict(inputs)


def matrix_products(inputs: np.ndarray, kernels: list[np.ndarray], n_block: int) -> np.ndarray:
    """The products of the layers and nothing else, in the same blocks with the same reused memory."""
    outputs = np.empty((len(inputs), 1), dtype=np.float32)
    buffers = [np.empty((n_block, kernel.shape[1]), dtype=np.float32) for kernel in kernels]
    for start in range(0, len(inputs), n_block):
        x = inputs[start : start + n_block]
        for kernel, buffer in zip(kernels, buffers, strict=True):
            x = np.matmul(x, kernel, out=buffer[: len(x)])
        outputs[start : start + n_block] = x
    return outputs


LEARNED_ROWS = 1_000
REPEATS = 5
SETTINGS: tuple[FamilySettings, ...] = (ForestSettings(), BoostingSettings(), GaussianProcessSettings())


def family_figures(X: np.ndarray, n_few: int) -> dict[str, float]:
    """Print what predicting rows (n, d), and the first n_few of them, costs with each family; return rows per second.

    The models learned with their default settings from 1,000 rows of a smooth function with noise.
    """
    dataset = _table(X.shape[1])
    models = [train_family(dataset, settings) for settings in SETTINGS]
    ways: dict[str, Callable[[], object]] = {}
    for model in models:
        label, predictor = model.card.family.words.label, model.predictor
        assert isinstance(predictor, UncertainPredictor)
        ways[label] = partial(predictor.predict, X)
        ways[f"{label}, with spread"] = partial(predictor.predict_with_spread, X)
        ways[f"{label}, with spread, {n_few} rows"] = partial(predictor.predict_with_spread, X[:n_few])
    taken = interleaved_medians(ways, dict.fromkeys(ways, REPEATS))
    print_table(
        f"{len(X):,} rows by models of other families, learned from {LEARNED_ROWS:,} rows",
        ("way", "ms"),
        [(way, f"{1e3 * seconds:.1f}") for way, seconds in taken.items()],
    )
    labels = {model.card.family: model.card.family.words.label for model in models}
    return {f"{family}_rows_per_second": round(len(X) / taken[label]) for family, label in labels.items()}


def _table(n_features: int) -> Dataset:
    """Rows of a smooth function with noise."""
    rng = np.random.default_rng(1)
    X = rng.normal(5, 2, (LEARNED_ROWS, n_features))
    y = np.sin(X[:, 0]) + 0.2 * X[:, 1] * X[:, 2] + rng.normal(0, 0.2, LEARNED_ROWS)
    columns = tuple(Column(f"x{j}") for j in range(n_features))
    return Dataset("families", columns, Column("y"), X, y)


if __name__ == "__main__":
    main()
