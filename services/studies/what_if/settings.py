"""Where What if may begin: results, the reference, any recorded row, what somebody kept; and settings as a table."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from models import Dataset
from models.data.dataset import decode
from services.problems.reference import reference_name, reference_of, reference_row, row_numbered, suggested_row
from services.results.baselines import best_where
from services.results.names import titles
from services.specs.digits import label
from services.specs.results import OutcomeInfo, RunResult
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.outcomes import OtherOutcomes
from services.texts.tables import PLAUSIBILITY, feature_header

LIMITS_KEPT = "limits kept"


def variants_frame(explorer: WhatIfModel, rows: Sequence[tuple[str, Sequence[float]]]) -> pd.DataFrame:
    """Named settings as a table, one row each: what is predicted and known of them, then the features."""
    X = np.array([setting for _, setting in rows], dtype=float).reshape(len(rows), len(explorer.axes))
    band, unit = explorer.outcomes(X), explorer.objective[1]
    columns: dict[str, object] = {"variant": [name for name, _ in rows], objective_header(explorer): band.mean}
    if band.low is not None and band.high is not None:
        level = f"{100 * explorer.spec.level:g} %"
        columns |= {label(f"low {level}", unit): band.low, label(f"high {level}", unit): band.high}
    if explorer.others is not None:
        columns |= _other_columns(explorer, explorer.others, X)
    columns[PLAUSIBILITY] = explorer.plausibility(X)
    if explorer.density is not None:
        columns[label("density", explorer.density.unit)] = explorer.densities(X)
    if explorer.constraints:
        met = explorer.problem.space.holds(X).sum(axis=1)
        columns["rules met"] = [f"{n} of {len(explorer.constraints)}" for n in met]
    for j, axis in enumerate(explorer.axes):
        if not axis.is_swept:
            header = feature_header(axis.name, axis.unit, columns)
            columns[header] = decode(explorer.dataset.features[j], X[:, j])
    return pd.DataFrame(columns)


def _other_columns(explorer: WhatIfModel, others: OtherOutcomes, X: np.ndarray) -> dict[str, object]:
    """The other outcomes of settings (n, d), and how many limits they keep."""
    columns: dict[str, object] = {}
    for info, band in zip(others.infos, others.bands(X, explorer.spec.level), strict=True):
        columns[other_header(info)] = band.mean
        if band.low is not None and band.high is not None:
            low, high = other_ends(info, explorer.spec.level)
            columns |= {low: band.low, high: band.high}
    if others.limits:
        columns[LIMITS_KEPT] = [f"{n} of {len(others.limits)}" for n in others.n_kept(X)]
    return columns


def objective_header(explorer: WhatIfModel) -> str:
    """The header of the objective's column."""
    return label(f"{explorer.spec.told} {explorer.short}", explorer.objective[1])


def other_header(info: OutcomeInfo) -> str:
    """The header of an outcome's column: a prediction, or what a formula comes to."""
    return label(info.label if info.formula else f"predicted {info.label}", info.unit)


def other_ends(info: OutcomeInfo, level: float) -> tuple[str, str]:
    """The headers of the ends of an outcome's interval at a level."""
    low, high = (label(f"{info.label} {end} {100 * level:g} %", info.unit) for end in ("low", "high"))
    return low, high


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


def start_of_reference(explorer: WhatIfModel, result: RunResult | None) -> WhatIfStart:
    """What settings are compared with: the run's reference, else the best recorded row.

    Before a run has a result, that is the row that was measured best, of those that keep the limits of the run.

    Raises:
        DatasetError: the reference does not fit the table.
    """
    spec = explorer.spec
    if result is not None:
        name, rows = reference_of(result)
        if len(rows):
            best = f"{name}, the best recorded{best_where(result)}"
            return WhatIfStart(name if spec.reference else best, rows.X[0])
    if spec.reference is not None:
        return WhatIfStart(reference_name(spec.reference), tuple(reference_row(spec, explorer.table).tolist()))
    row = start_of_recorded(explorer.table, suggested_row(spec, explorer.rows_within_limits))
    return row._replace(name=f"{row.name}, measured best")


def start_of_recorded(dataset: Dataset, number: int) -> WhatIfStart:
    """A recorded row by its number, as the table counts it.

    Raises:
        DatasetError: no row has that number.
    """
    return WhatIfStart(f"Row {number}", tuple(dataset.X[row_numbered(dataset, number)].tolist()))


def what_if_starts(explorer: WhatIfModel, result: RunResult | None, kept: Sequence[WhatIfStart]) -> list[WhatIfStart]:
    """All that can be begun from but the single recorded rows, first what is begun from if nobody chooses.

    Raises:
        DatasetError: the reference does not fit the table.
    """
    found = starts_of_results(result) if result else []
    return [*found, start_of_reference(explorer, result), *kept]
