"""How fast a model is trained on the concrete mixes: our loop against ``Model.fit``.

Run with ``python -m benchmarks.train``. Both loops have the same rows, network, first weights, optimiser (Adam), batch
size and number of epochs, without early stopping; both times hold everything from an untrained model to a trained one,
tracing and compiling included. Only the import of TensorFlow is left out of both. The last line is JSON.
"""

import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import print_table, seconds
from models import Dataset, Encoding, Ensemble, TrainingSettings, score
from models.data.split import split_rows
from models.keras.backend import load_backend
from models.keras.writer import keras_file_of
from models.training.fitting import first_networks, fit_members
from services.catalog.loading import Catalog
from services.catalog.settings import Settings

SETTINGS = TrainingSettings(
    epochs=200, learning_rate=0.001, patience=None, weight_decay=0.0, averaging=0.0, n_members=1
)
OUR_RUNS, KERAS_RUNS = 5, 3


def main() -> None:
    """Print seconds and R2 of all ways, then one JSON line."""
    load_backend()
    dataset = Catalog.of(Settings.from_environment()).datasets.load("concrete")
    print(json.dumps({"benchmark": "train", **compare_loops(dataset)}))


def compare_loops(dataset: Dataset) -> dict[str, float]:
    """Print and return how long our loop takes and how long ``Model.fit``."""
    split = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0)
    encoding = Encoding.from_dataset(dataset, split.train)
    inputs, outcomes = encoding.encode(dataset.X), encoding.encode_outcome(dataset.y)
    trained: dict[str, list[Callable[[np.ndarray], np.ndarray]]] = {"ours": [], "keras": []}

    def ours() -> None:
        fit = fit_members(inputs, outcomes, [split.train], [split.validation], SETTINGS)
        keras_model(fit.networks)
        trained["ours"].append(lambda rows: fit.networks.forward(rows)[0])

    def keras() -> None:
        model = fit_with_keras(inputs[split.train], outcomes[split.train])
        trained["keras"].append(lambda rows: model(rows).numpy()[:, 0])

    taken: dict[str, list[float]] = {"ours": [], "keras": []}
    for run in range(max(OUR_RUNS, KERAS_RUNS)):
        taken["ours"] += [seconds(ours)] if run < OUR_RUNS else []
        taken["keras"] += [seconds(keras)] if run < KERAS_RUNS else []
    measured = dataset.y[split.test]
    r2 = {
        way: score(measured, encoding.decode_outcome(models[0](inputs[split.test]))).r2
        for way, models in trained.items()
    }
    print_table(
        f"{SETTINGS.epochs} epochs of 3 x 32 on {len(split.train)} concrete rows, batches of {SETTINGS.batch_size}",
        ("loop", "seconds, median", "first run", "R2 held out"),
        [(way, f"{statistics.median(times):.2f}", f"{times[0]:.2f}", f"{r2[way]:.4f}") for way, times in taken.items()],
    )
    medians = {way: statistics.median(times) for way, times in taken.items()}
    return {
        "seconds": round(medians["ours"], 3),
        "seconds_keras": round(medians["keras"], 3),
        "speedup": round(medians["keras"] / medians["ours"], 1),
        "speedup_first_run": round(taken["keras"][0] / taken["ours"][0], 1),
        "r2": round(r2["ours"], 4),
        "r2_keras": round(r2["keras"], 4),
    }


def fit_with_keras(inputs: np.ndarray, outcomes: np.ndarray) -> Any:
    """A model trained the ordinary way, from the same first weights."""
    keras, _ = load_backend()
    model = keras_model(first_networks(inputs.shape[1], SETTINGS, 1))
    model.compile(optimizer=keras.optimizers.Adam(SETTINGS.learning_rate), loss="mse")
    model.fit(inputs, outcomes, batch_size=SETTINGS.batch_size, epochs=SETTINGS.epochs, verbose=0)
    return model


def keras_model(networks: Ensemble) -> Any:
    """The model that Keras makes of the networks' file."""
    keras, _ = load_backend()
    with tempfile.TemporaryDirectory(prefix="mixwright-") as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(keras_file_of(networks.members))
        return keras.models.load_model(path)


if __name__ == "__main__":
    main()
