"""Where What if may begin: results, the reference, any recorded row, variants that were kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models import Dataset, DatasetError
from services.problems.reference import reference_name, reference_of, reference_row, suggested_row
from services.results.names import titles
from services.specs.results import RunResult
from services.specs.run import RunSpec
from services.studies.what_if.variants import Variant


class WhatIfStart(NamedTuple):
    """A setting to begin from.

    Attributes:
        name: as a person calls it.
        setting: d values in the order of the model's features, categories as codes.
        number: of the result that it is, 1 for the first, or None.
    """

    name: str
    setting: tuple[float, ...]
    number: int | None = None


def starts_of_results(result: RunResult) -> list[WhatIfStart]:
    """The results of a run, best first."""
    names = titles(result)
    return [WhatIfStart(name, x, k) for k, (name, x) in enumerate(zip(names, result.results.X, strict=True), start=1)]


def start_of_reference(spec: RunSpec, dataset: Dataset, result: RunResult | None) -> WhatIfStart:
    """What settings are compared with: the run's reference, else the best recorded row.

    Before a run has a result, that is the row that was measured best.

    Raises:
        DatasetError: the reference does not fit the table.
    """
    if result is not None:
        name, rows = reference_of(result)
        if len(rows):
            return WhatIfStart(name if spec.reference else f"{name}, the best recorded", rows.X[0])
    if spec.reference is not None:
        return WhatIfStart(reference_name(spec.reference), tuple(reference_row(spec, dataset).tolist()))
    row = start_of_recorded(dataset, suggested_row(spec, dataset))
    return row._replace(name=f"{row.name}, measured best")


def start_of_recorded(dataset: Dataset, number: int) -> WhatIfStart:
    """A recorded row by its number, as the table counts it.

    Raises:
        DatasetError: no row has that number.
    """
    places = np.flatnonzero(dataset.numbers == number)
    if not len(places):
        low, high = int(dataset.numbers.min()), int(dataset.numbers.max())
        raise DatasetError(f"There is no recorded row {number}: rows are numbered {low} to {high}, some are left out.")
    return WhatIfStart(f"Row {number}", tuple(dataset.X[places[0]].tolist()))


def what_if_starts(
    spec: RunSpec, dataset: Dataset, result: RunResult | None, variants: Sequence[Variant]
) -> list[WhatIfStart]:
    """All that can be begun from but the single recorded rows, first what is begun from if nobody chooses.

    Raises:
        DatasetError: the reference does not fit the table.
    """
    found = starts_of_results(result) if result else []
    kept = [WhatIfStart(variant.name, variant.setting) for variant in variants]
    return [*found, start_of_reference(spec, dataset, result), *kept]
