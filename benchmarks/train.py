"""How fast a model is trained on the concrete mixes: our loop against ``Model.fit``.

Run with ``python -m benchmarks.train``. Both have the same rows, network, first weights, optimiser (Adam), batch size
and number of epochs, without early stopping; both times hold everything from an untrained model to a trained one,
tracing and compiling included. Only the import of TensorFlow is left out of both. The last line is JSON.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.timing import print_table, seconds
from models import Dataset, Encoding, TrainingSettings, score, split_rows
from models.backend import load_backend
from models.fitting import build_model, fit_model
from models.steps import Samples

DATA = Path(__file__).parent.parent / "data"
SETTINGS = TrainingSettings(epochs=200, learning_rate=0.001, patience=None, weight_decay=0.0, averaging=0.0)
OUR_RUNS, KERAS_RUNS = 5, 3


def main() -> None:
    """Print seconds and R2 of both, then one JSON line."""
    load_backend()
    dataset = concrete()
    split = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0)
    encoding = Encoding.from_dataset(dataset, split.train)
    train, validation = (
        Samples(encoding.encode(dataset.X[rows]), encoding.encode_outcome(dataset.y[rows]))
        for rows in (split.train, split.validation)
    )
    trained: dict[str, list[Any]] = {"ours": [], "keras": []}

    def ours() -> None:
        model = build_model(encoding.n_inputs, SETTINGS)
        fit_model(model, train, validation, SETTINGS)
        trained["ours"].append(model)

    def keras() -> None:
        trained["keras"].append(fit_with_keras(encoding.n_inputs, train))

    taken: dict[str, list[float]] = {"ours": [], "keras": []}
    for run in range(max(OUR_RUNS, KERAS_RUNS)):
        taken["ours"] += [seconds(ours)] if run < OUR_RUNS else []
        taken["keras"] += [seconds(keras)] if run < KERAS_RUNS else []
    inputs, measured = encoding.encode(dataset.X[split.test]), dataset.y[split.test]
    r2 = {
        way: score(measured, encoding.decode_outcome(models[0](inputs).numpy()[:, 0])).r2
        for way, models in trained.items()
    }
    print_table(
        f"{SETTINGS.epochs} epochs of 3 x 32 on {len(split.train)} concrete rows, batches of {SETTINGS.batch_size}",
        ("loop", "seconds, median", "first run", "R2 held out"),
        [(way, f"{statistics.median(times):.2f}", f"{times[0]:.2f}", f"{r2[way]:.4f}") for way, times in taken.items()],
    )
    medians = {way: statistics.median(times) for way, times in taken.items()}
    figures = {
        "seconds": round(medians["ours"], 3),
        "seconds_keras": round(medians["keras"], 3),
        "speedup": round(medians["keras"] / medians["ours"], 1),
        "speedup_first_run": round(taken["keras"][0] / taken["ours"][0], 1),
        "r2": round(r2["ours"], 4),
        "r2_keras": round(r2["keras"], 4),
    }
    print(json.dumps({"benchmark": "train", **figures}))


def fit_with_keras(n_inputs: int, train: Samples) -> Any:
    """Return a model trained the ordinary way."""
    keras, _ = load_backend()
    model = build_model(n_inputs, SETTINGS)
    model.compile(optimizer=keras.optimizers.Adam(SETTINGS.learning_rate), loss="mse")
    model.fit(train.inputs, train.outcomes, batch_size=SETTINGS.batch_size, epochs=SETTINGS.epochs, verbose=0)
    return model


def concrete() -> Dataset:
    """Return the concrete mixes that ship."""
    about = json.loads((DATA / "concrete.json").read_text(encoding="utf-8"))
    roles = {role: about[role] for role in ("outcome", "features", "sweep", "parts", "units")}
    return Dataset.from_frame(pd.read_csv(DATA / "concrete.csv"), name="concrete", **roles)


if __name__ == "__main__":
    main()
