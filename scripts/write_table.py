"""How a shipped table is written: the rows as CSV and what is known about them as JSON beside it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

DATA_FOLDER = Path(__file__).parent.parent / "data"


def write_table(
    name: str,
    frame: pd.DataFrame,
    *,
    title: str,
    outcome: str,
    source: str,
    licence: str,
    sweep: str | None = None,
    parts: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
) -> None:
    """Write data/NAME.csv and data/NAME.json; every column but the outcome is a feature."""
    about = {
        "title": title,
        "outcome": outcome,
        "features": [column for column in frame.columns if column != outcome],
        "sweep": sweep,
        "parts": list(parts),
        "units": dict(units or {}),
        "source": source,
        "licence": licence,
    }
    frame.to_csv(DATA_FOLDER / f"{name}.csv", index=False, lineterminator="\n")
    text = json.dumps(about, indent=2, ensure_ascii=False)
    (DATA_FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"data/{name}.csv: {len(frame):,} rows")
