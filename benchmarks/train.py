"""How fast a model is trained on the concrete mixes: our loop against ``Model.fit``, and five members against one.

Run with ``python -m benchmarks.train``. Both loops have the same rows, network, first weights, optimiser (Adam), batch
size and number of epochs, without early stopping; both times hold everything from an untrained model to a trained one,
tracing and compiling included. Only the import of TensorFlow is left out of both.

The ensemble's rows are trained as the app does, with its own settings but the same number of epochs for one and for
five: from the table to the bytes of the .keras file. Members learn from resampled rows. The last line is JSON.
"""

import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import print_table, seconds
from models import Dataset, Encoding, Ensemble, TrainingSettings, score, train
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
MEMBERS = 5


def main() -> None:
    """Print seconds and R2 of all ways, then one JSON line."""
    load_backend()
    dataset = Catalog.of(Settings.from_environment()).datasets.load("concrete")
    figures = compare_loops(dataset) | compare_members(dataset)
    print(json.dumps({"benchmark": "train", **figures}))


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


def compare_members(dataset: Dataset) -> dict[str, float]:
    """Print and return what five members cost beside one, and what they are worth on the same held-out rows."""
    same_epochs = TrainingSettings(patience=None, epochs=300)
    ways = {"one": replace(same_epochs, n_members=1), "five": replace(same_epochs, n_members=MEMBERS)}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(OUR_RUNS):
        for way, settings in ways.items():
            taken[way].append(seconds(lambda settings=settings: train(dataset, settings)))  # type: ignore[misc]
    medians = {way: statistics.median(times) for way, times in taken.items()}
    seeds = range(4)
    r2 = {
        way: [
            train(dataset, TrainingSettings(n_members=settings.n_members, seed=seed)).card.metrics.r2 for seed in seeds
        ]
        for way, settings in ways.items()
    }
    print_table(
        f"{same_epochs.epochs} epochs as the app trains, table to file; R2 with early stopping, seeds 0 to {seeds[-1]}",
        ("members", "seconds, median", "first run", "R2, seed 0", "R2, mean"),
        [
            (way, f"{medians[way]:.2f}", f"{taken[way][0]:.2f}", f"{r2[way][0]:.4f}", f"{statistics.mean(r2[way]):.4f}")
            for way in ways
        ],
    )
    ratio = medians["five"] / medians["one"]
    print(f"{MEMBERS} members cost {ratio:.2f} times the time of one")
    return {
        "seconds_one_member": round(medians["one"], 3),
        "seconds_ensemble": round(medians["five"], 3),
        "ensemble_ratio": round(ratio, 2),
        "r2_one_member": round(statistics.mean(r2["one"]), 4),
        "r2_ensemble": round(statistics.mean(r2["five"]), 4),
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
