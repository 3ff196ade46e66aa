"""A result as tables: what people read, sort and take away."""

import numpy as np
import pandas as pd

from services.results import FeatureInfo, ResultSet, RunResult


def label(name: str, unit: str) -> str:
    """Return a name with its unit, as headers show it."""
    return f"{name} [{unit}]" if unit else name


def set_frame(result: RunResult, rows: ResultSet, names: list[str]) -> pd.DataFrame:
    """Return one set of candidates or recorded rows as a table, one row each.

    Args:
        result: that the set belongs to, for features and units.
        rows: the set.
        names: what each row is called.
    """
    columns: dict[str, object] = {"candidate": names}
    columns[label(f"predicted {result.objective_short}", result.objective_unit)] = rows.outcomes
    if rows.measured is not None and result.spec.curve is None:
        columns[label(f"measured {result.outcome_name}", result.outcome_unit)] = rows.measured
    if rows.densities is not None and result.density is not None:
        columns[label("density", result.density.unit)] = rows.densities
    columns["penalty"] = rows.penalties
    X = np.array(rows.X, dtype=float).reshape(len(rows), len(result.features))
    for j, feature in enumerate(result.features):
        if result.spec.curve is not None and feature.name == result.spec.curve.feature:
            continue
        header = label(feature.name, feature.unit)
        columns[f"{header} (feature)" if header in columns else header] = readable(feature, X[:, j])
    return pd.DataFrame(columns)


def results_frame(result: RunResult) -> pd.DataFrame:
    """Return the representatives as a table."""
    return set_frame(result, result.results, result_names(len(result.results)))


def recorded_frame(result: RunResult) -> pd.DataFrame:
    """Return the best recorded rows as a table."""
    rows = result.best_recorded.rows or ()
    return set_frame(result, result.best_recorded, [f"Row {row}" for row in rows])


def comparison_frame(result: RunResult) -> pd.DataFrame:
    """Return representatives, then the best recorded rows, in one table."""
    return pd.concat([results_frame(result), recorded_frame(result)], ignore_index=True)


def result_names(n: int) -> list[str]:
    """Return what the representatives are called."""
    return [f"Result {number}" for number in range(1, n + 1)]


def readable(feature: FeatureInfo, values: np.ndarray) -> np.ndarray:
    """Return (n,) values as a person reads them: category names for codes, else the numbers themselves."""
    if not feature.categories:
        return values
    return np.array(feature.categories, dtype=object)[values.astype(int)]


def provenance_frame(result: RunResult) -> pd.DataFrame:
    """Return where a result comes from: table, model, digests, seed and versions."""
    spec, tally = result.spec, result.tally
    rows = {
        "run": spec.name,
        "table": result.dataset_name,
        "recorded rows": result.n_recorded,
        "table digest": spec.dataset.digest,
        "model": spec.model.name,
        "model digest": spec.model.digest,
        "seed": spec.seed,
        "evaluations": tally.n_evaluations,
        "generations": tally.n_generations,
        "lineages": tally.n_lineages,
        "ended by": tally.stop_reason.value,
        "specification": spec.model_dump_json(),
    } | {f"version of {name}": version for name, version in result.versions.items()}
    return pd.DataFrame({"what": list(rows), "value": [str(value) for value in rows.values()]})


def closing_sentence(result: RunResult) -> str:
    """Return what the search did, in plain words."""
    tally = result.tally
    if tally.n_generations == 0:
        return "You stopped it before the first generation, so there are no results."
    end = {
        "budget": "The budget was used up",
        "time": "The time was up",
        "no improvement": "Nothing better had come for a while",
        "stopped": "You stopped it",
    }[tally.stop_reason.value]
    kept = f"{tally.n_kept} of their best candidates passed the quality floor"
    sentence = (
        f"{tally.n_lineages} lineages tried over {tally.n_generations} generations; {kept}, and {len(result.results)} "
        f"different ones were kept as results. The last improvement came in generation {tally.last_improvement + 1} of "
        f"{tally.n_generations}. {end} after {tally.n_evaluations:,} evaluations in {tally.seconds:.1f} s."
    )
    if tally.n_nonfinite:
        sentence += f" {tally.n_nonfinite:,} predictions were not finite and never counted as best."
    if len(result.results) < result.spec.n_results:
        sentence += f" You asked for {result.spec.n_results} results; there were no more different ones."
    return sentence
