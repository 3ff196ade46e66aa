"""Write data/bumps.csv and its sidecar: 60 recorded points of a curve with many peaks, always the same."""

import numpy as np
import pandas as pd

from models.networks.functions import FUNCTIONS
from scripts.write_table import write_table

N_ROWS = 60


def main() -> None:
    """Write the table."""
    known = FUNCTIONS["bumps"]
    rng = np.random.default_rng(7)
    # One point at a random place of each of 60 equal pieces: no large gap, no regular grid.
    x = (known.low + (known.high - known.low) * (np.arange(N_ROWS) + rng.random(N_ROWS)) / N_ROWS).round(3)
    y = known.evaluate(x[:, None]).round(4)
    write_table(
        "bumps",
        pd.DataFrame({"x": x, "y": y}),
        title=known.title,
        outcome=known.outcome,
        source=f"Made for Mixwright: y = {known.formula}",
        licence="CC0 1.0",
    )


if __name__ == "__main__":
    main()
