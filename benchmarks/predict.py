"""How fast rows are predicted: NumPy against Keras, a compiled tf.function, and plain matrix products as the limit.

The ratios compare what gets the same encoded rows and gives the same numbers; the predictor of the app, which also
encodes recorded rows and gives outcomes in their unit, has a row of its own.

Run with ``python -m benchmarks.predict``. The last line is JSON.
"""

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import interleaved_medians, print_table
from benchmarks.train import keras_model
from models import Column, Encoding, EnsemblePredictor, TrainingSettings
from models.keras.backend import load_backend
from models.training.fitting import first_networks

N_ROWS = 10_000
N_FEATURES = 8


def main() -> None:
    """Print rows per second of each way, then one JSON line."""
    keras, tf = load_backend()
    network = first_networks(N_FEATURES, TrainingSettings(), 1)
    model = keras_model(network)
    columns = tuple(Column(f"x{j}") for j in range(N_FEATURES))
    encoding = Encoding(columns, np.full(N_FEATURES, 5.0), np.full(N_FEATURES, 2.0), 0.0, 1.0)
    predictor = EnsemblePredictor(encoding, network)
    X = np.random.default_rng(0).normal(5, 2, (N_ROWS, N_FEATURES))
    inputs = encoding.encode(X)
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
    print(json.dumps({"benchmark": "predict", **figures}))


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


if __name__ == "__main__":
    main()
