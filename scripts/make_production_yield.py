"""Write data/production_yield.csv and its sidecar: 2,000 rows of a made-up production log, always the same."""

import numpy as np
import pandas as pd

from scripts.write_table import write_table

N_ROWS = 2_000


def main() -> None:
    """Write the table."""
    rng = np.random.default_rng(2024)
    pressure = rng.integers(2, 10, N_ROWS)
    temperature = rng.integers(10, 30, N_ROWS)
    speed = rng.weibull(2, N_ROWS).round(4)
    production_yield = np.clip(pressure**2 + temperature * speed + 10, 0, 100).round(4)
    write_table(
        "production_yield",
        pd.DataFrame(
            {"Pressure": pressure, "Temperature": temperature, "Speed": speed, "ProductionYield": production_yield}
        ),
        title="Production yield",
        outcome="ProductionYield",
        units={"ProductionYield": "%"},
        source="Made for Mixwright: clip(Pressure² + Temperature x Speed + 10, 0, 100)",
        licence="CC0 1.0",
    )


if __name__ == "__main__":
    main()
