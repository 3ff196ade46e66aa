"""Several runs side by side: which of them measure the same, and their results in a few figures each."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from models import Dataset
from services.problems.building import build_space
from services.problems.projection import MapProjection
from services.specs.digits import common_decimals, number_words
from services.specs.results import ResultSet, RunResult
from services.specs.run import RunSpec
from services.texts.results import interval_words, percent_words

NOTHING = "–"
_Figure = Callable[[RunResult], str]


def alike(results: Sequence[RunResult]) -> list[list[int]]:
    """The places of the runs in groups that search for the same outcome in the same unit, in their order."""
    return _grouped([(result.objective_name, result.objective_unit) for result in results])


def on_one_map(results: Sequence[RunResult]) -> list[list[int]]:
    """The places of the runs in groups that one map can show: the same table and the same features."""
    return _grouped(
        [(result.spec.dataset.digest, tuple((f.name, f.categories) for f in result.features)) for result in results]
    )


def map_of(specs: Sequence[RunSpec], dataset: Dataset) -> MapProjection:
    """One map for runs of the same table and features: by all features that any of them leaves free.

    Raises:
        SpaceError: the runs and the table do not fit together.
        DatasetError: a named feature does not exist.
    """
    features = {feature.name: feature for feature in specs[0].features}
    for spec in specs[1:]:
        features |= {f.name: f for f in spec.features if f.is_free and not features[f.name].is_free}
    curves = [spec.curve for spec in specs if spec.curve is not None]
    common = specs[0].revised(
        features=tuple(features.values()), constraints=(), curve=curves[0] if len(curves) == len(specs) else None
    )
    return MapProjection.of(dataset.X, build_space(common, dataset))


def letters(n: int) -> list[str]:
    """What n runs side by side are called: "A", "B" ..."""
    return [chr(ord("A") + k) for k in range(n)]


def figures_of_runs(results: Sequence[RunResult], names: Sequence[str]) -> pd.DataFrame:
    """The results of runs that measure the same as a table of words: a figure per row, a run per column.

    Figures that no run has are left out.
    """
    rows = [(label, [figure(result) for result in results]) for label, figure in _figures(results[0]).items()]
    known = [(label, values) for label, values in rows if any(value != NOTHING for value in values)]
    columns = {name: [values[k] for _, values in known] for k, name in enumerate(names)}
    return pd.DataFrame({"": [label for label, _ in known]} | columns)


def _figures(first: RunResult) -> dict[str, _Figure]:
    """The figures of every run, the most important first."""
    unit = f" [{first.objective_unit}]" if first.objective_unit else ""
    level = f"{100 * first.spec.level:g} %"
    density_unit = f" [{first.density.unit}]" if first.density and first.density.unit else ""
    return {
        f"Best {first.objective_short}{unit}": lambda result: _outcome(result.results, 0),
        f"Its interval, {level}{unit}": _interval,
        f"Worst result{unit}": lambda result: _outcome(result.results, -1),
        "Results": lambda result: f"{len(result.results)} of {result.spec.n_results}",
        "Worth so many different ones": lambda result: _number(result.diversity and result.diversity.solow_polasky, 1),
        "Nearest two [std. dev.]": lambda result: _number(result.min_distance, 2),
        f"Density{density_unit}": lambda result: _range(result.results.densities),
        "Plausibility": _plausibility,
        f"Best recorded{unit}": lambda result: _outcome(result.best_recorded, 0),
        "Evaluations": lambda result: f"{result.statistics.n_evaluations:,}",
        "Search [s]": lambda result: f"{result.statistics.seconds:.1f}",
    }


def _outcome(rows: ResultSet, k: int) -> str:
    return number_words(rows.outcomes[k], common_decimals(rows.outcomes)) if rows.outcomes else NOTHING


def _number(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else f"{value:.{decimals}f}"


def _interval(result: RunResult) -> str:
    words = interval_words(result, result.results, 0) if len(result.results) else ""
    return words.partition("(")[2].rstrip(")") or NOTHING


def _plausibility(result: RunResult) -> str:
    values = result.results.plausibility
    if not values:
        return NOTHING
    low, high = percent_words(min(values)), percent_words(max(values))
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def _range(values: Sequence[float] | None) -> str:
    finite = [value for value in values or () if np.isfinite(value)]
    if not finite:
        return NOTHING
    decimals = common_decimals(finite)
    low, high = number_words(min(finite), decimals), number_words(max(finite), decimals)
    return low if low == high else f"{low} to {high}"


def _grouped(keys: Sequence[object]) -> list[list[int]]:
    return [[k for k, key in enumerate(keys) if key == one] for one in dict.fromkeys(keys)]
