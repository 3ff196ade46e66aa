"""What the concrete story costs without a screen, and whether it keeps its promises.

Run with ``python -m benchmarks.run``. The last line is JSON.
"""

import json
import statistics

from benchmarks.timing import print_table
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.results import ResultSet, RunResult

REPEATS = 5


def main() -> None:
    """Print the story's figures, then one JSON line."""
    catalog = Catalog.of(Settings.from_environment())
    spec = story_spec(story("concrete"), catalog)
    model_data = catalog.model_data(spec)
    results = [run_spec(spec, model_data).result for _ in range(REPEATS)]
    result = results[0]
    seconds = statistics.median(each.statistics.seconds for each in results)
    overhead = statistics.median(each.statistics.overhead_share for each in results)
    print_story(result)
    print(
        f"search: {seconds:.2f} s for {result.statistics.n_evaluations:,} candidates "
        f"of {spec.curve and spec.curve.points} predictions each, "
        f"{100 * overhead:.0f} % of it outside the evaluation (median of {REPEATS})"
    )
    figures = {
        "seconds": round(seconds, 3),
        "evaluations": result.statistics.n_evaluations,
        "overhead_share": round(overhead, 3),
        "densities": rounded(result.results.densities),
        "outcomes": rounded(result.results.outcomes),
        "best_recorded_outcome": round(max(result.best_recorded.outcomes), 1),
        "min_distance": round(result.min_distance or 0.0, 3),
        "unpenalised_densities": rounded(result.unpenalised.densities if result.unpenalised else None),
        "unpenalised_outcomes": rounded(result.unpenalised.outcomes if result.unpenalised else None),
    }
    print(json.dumps({"benchmark": "run", **figures}))


def print_story(result: RunResult) -> None:
    """Print the three sets of the density check."""
    sets: dict[str, ResultSet | None] = {
        "best recorded rows": result.best_recorded,
        "penalty off": result.unpenalised,
        "penalty on": result.results,
    }
    print_table(
        f"{result.objective_name} [{result.objective_unit}], {result.n_recorded:,} recorded rows",
        ("", "predicted", "densities [kg/m³]"),
        [(name, span(rows.outcomes), span(rows.densities or ())) for name, rows in sets.items() if rows is not None],
    )
    if result.density is not None:
        print(f"all recorded rows: density {result.density.mean:,.1f} ± {result.density.std:.1f} kg/m³")
    print(f"smallest distance between two results: {result.min_distance:.2f} recorded standard deviations")


def span(values: tuple[float, ...]) -> str:
    """The range of some values."""
    return f"{min(values):,.0f} to {max(values):,.0f}"


def rounded(values: tuple[float, ...] | None) -> list[float]:
    """Values with the digits that mean something."""
    return [round(value, 1) for value in values or ()]


if __name__ == "__main__":
    main()
