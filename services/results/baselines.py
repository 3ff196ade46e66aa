"""What results have to beat: the best that was recorded, and as many candidates drawn at random."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models import Dataset
from optimizer import Budget, Candidates, Curve, Hooks, Problem, Summary, search
from optimizer.constraints.constraint import listed
from optimizer.features import evenly
from optimizer.methods.random_search import RandomSearch
from services.catalog.loading import ModelWithData
from services.catalog.rows import RowBudget
from services.problems.found_rules import usual_sum
from services.problems.outcomes.objective import build_curve
from services.problems.reference import reference_of
from services.specs.digits import common_decimals, counted, number_words
from services.specs.results import DensityInfo, ResultSet, RunResult
from services.specs.run import RunSpec

N_AT_ONCE = 100  # candidates per call of the model; the best of each call is looked at again
BLOCK_ROWS = 2_000  # recorded rows evaluated at once: with a curve of 100 points, 200,000 predictions
MAX_ASKED_ROWS = 300  # recorded rows that tell the usual objective
MAX_CURVES = 50  # recorded rows whose curves are asked, where rows cost
MAX_DENSITIES = 5_000  # recorded densities kept for the density check, evenly spaced


def best_of_random(
    spec: RunSpec,
    problem: Problem,
    n_evaluations: int,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[float], object] = lambda share: None,
) -> Candidates | None:
    """The best of as many random candidates as the search evaluated, one row, by the score of the same problem.

    None where the search evaluated nothing or the user stops (asked between calls of the model), and no row where no
    random candidate would be a result. ``report`` is told which share of them has been drawn.
    """
    if not n_evaluations or should_stop():
        return None
    method, rng = RandomSearch(n_per_generation=N_AT_ONCE), np.random.default_rng([spec.seed, 2])
    hooks = Hooks(lambda generation: report(generation.evaluations / n_evaluations), should_stop)
    outcome = search(problem, method, Budget(n_evaluations), rng, hooks)
    found = problem.passing(outcome.found)
    return None if should_stop() else found.take(np.arange(min(1, len(found))))


def baseline_sentence(result: RunResult) -> str:
    """The best result beside reference, best recorded row and best of random; "" without one."""
    if not len(result.results) or result.spec.is_front:
        return ""  # of a front no result is the best
    n, recorded, random = result.statistics.n_evaluations, result.best_recorded, result.baseline_random
    best = result.results.outcomes[0]
    decimals = common_decimals([best, *recorded.outcomes[:1], *(random.outcomes[:1] if random else ())])

    def predicted(value: float) -> str:
        return f"{result.spec.told} {number_words(value, decimals)} {result.objective_unit}".rstrip()

    words = [f"Best result: {predicted(best)}"]
    if result.reference is not None and len(result.reference):
        name, reference = reference_of(result)
        words.append(f"reference ({name}): {predicted(reference.outcomes[0])}")
    if len(recorded):
        words.append(f"best recorded{best_where(result)}: {_recorded_words(result, predicted(recorded.outcomes[0]))}")
        if other := other_words(result):
            words[-1] += f" ({other})"
    if random is not None and len(random):
        words.append(f"best of {n:,} random candidates: {predicted(random.outcomes[0])}")
    elif random is not None:
        words.append(f"none of {n:,} random candidates would be a result")
    return "; ".join(words) + "."


def within_words(result: RunResult) -> str:
    """Where a search could go, as part of a sentence."""
    limits = ["limits"] * any(outcome.is_limited for outcome in result.outcomes)
    return f"within your {listed(['bounds', *(['rules'] * bool(result.constraints)), *limits])}"


def best_where(result: RunResult) -> str:
    """Where the best recorded row is the best, with a blank before it; "" where it is the best of all rows."""
    return f" {within_words(result)}" if result.best_of_all is not None and result.n_within else ""


def other_words(result: RunResult) -> str:
    """Which recorded row is the best of all, and why results are not compared with it; "" where they are.

    Where no row lies within bounds and rules, that is said, for then they are.
    """
    other, is_by_model = result.best_of_all, result.spec.curve is not None
    if other is None:
        return ""
    if not result.n_within:
        return f"no recorded row lies {within_words(result)}: {other.why}"
    value = other.predicted if is_by_model else other.measured
    amount = f"{number_words(value, common_decimals([value, *result.results.outcomes]))} {result.objective_unit}"
    return f"of all rows: row {other.row}, {amount.rstrip()}{' by the model' if is_by_model else ''}, but {other.why}"


def already_words(result: RunResult, rows: ResultSet, k: int) -> str:
    """What was measured at row ``k`` of a set already, such as "row 17, measured 43.1 MPa"; "" where nothing was."""
    known = rows.already[k] if rows.already is not None else None
    if known is None:
        return ""
    shown = listed([str(row) for row in known.rows])
    named = f"row {shown}" if known.n == 1 else f"rows {shown}"
    if known.n > len(known.rows):
        named = f"{counted(known.n, 'row')}, {', '.join(map(str, known.rows))} among them"
    return f"{named}, measured {measured_words(result, rows, k)}"


def measured_words(result: RunResult, rows: ResultSet, k: int) -> str:
    """The outcome that was measured at row ``k`` of a set, such as "43.1 MPa on average of 3"; "" where none was."""
    known = rows.already[k] if rows.already is not None else None
    if known is None:
        return ""
    mean = "" if known.n == 1 else f" on average of {known.n}"
    value = f"{number_words(known.mean, common_decimals([known.mean]))} {result.outcome_unit}".rstrip()
    return f"{value}{mean}{at_words(result, known.at)}"


def at_words(result: RunResult, at: float | None) -> str:
    """Where on the curve something was measured, such as " at age 28 days"; "" where no curve was searched."""
    if at is None or result.sweep is None:
        return ""
    return f" at {result.sweep.feature} {at:,.6g} {result.sweep.unit}".rstrip()


def _recorded_words(result: RunResult, predicted: str) -> str:
    best, curve = result.best_recorded, result.spec.curve
    row = f" (row {best.rows[0]})" if best.rows else ""
    if best.measured is None or result.spec.is_calculated:
        return predicted + row
    value = best.measured[0]
    measured = f"measured {number_words(value, common_decimals([value]))} {result.outcome_unit}".rstrip()
    if curve is None:
        return f"{measured}, {predicted} by the model{row}"
    j, swept = next((j, feature) for j, feature in enumerate(result.features) if feature.name == curve.feature)
    at = f"at {swept.name} {best.X[0][j]:,.6g} {swept.unit}".rstrip()
    return f"{predicted} by the model, {measured} {at}{row}"


@dataclass(frozen=True, slots=True)
class RecordedBest:
    """Recorded rows, best first.

    Attributes:
        candidates: their settings, with the model's objective and their penalties.
        measured: (k,) recorded outcomes.
        rows: (k,) recorded row numbers, as the table counts them.
    """

    candidates: Candidates
    measured: np.ndarray
    rows: np.ndarray


def best_recorded(problem: Problem, dataset: Dataset, n: int) -> RecordedBest:
    """The best ``n`` different recorded rows by the objective that was searched for, as `ordered_rows` has them."""
    return ordered_rows(problem, dataset).best(problem, dataset, np.arange(n))


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """Different recorded rows, best first.

    Attributes:
        places: (m,) of them among the rows of the dataset.
        candidates: their settings with the model's objective, where that tells the order; else None.
    """

    places: np.ndarray
    candidates: Candidates | None

    def best(
        self, problem: Problem, dataset: Dataset, chosen: np.ndarray, limit: RowBudget | None = None
    ) -> RecordedBest:
        """Those at some places of the order (k,); what lies beyond its end, or beyond a limit of rows, is left out."""
        chosen = chosen[chosen < len(self.places)]
        if limit is not None and self.candidates is None:
            chosen = chosen[: limit.n_candidates_left]
        rows, known = self.places[chosen], self.candidates
        candidates = problem.evaluate(dataset.X[rows]) if known is None else known.take(chosen)
        return RecordedBest(candidates, dataset.y[rows], dataset.numbers[rows])


def ordered_rows(
    problem: Problem, dataset: Dataset, within: np.ndarray | None = None, limit: RowBudget | None = None
) -> OrderedRows:
    """All different recorded rows in the order of the objective that was searched for.

    The outcome itself counts as it was measured; a curve, which nobody measured whole, by the model. Rows that
    differ only in the sweep feature of a searched curve are one: that which was measured nearest to its point, or to
    its end. Penalties do not count in the order: a recorded row was really there.

    Args:
        within: (r,) whether each recorded row lies within the bounds and rules of a run; None for all.
        limit: rows that may be asked; then curves of a few rows are, those measured best.
    """
    curve = problem.objective.curve
    if curve is None:
        return OrderedRows(_distinct(dataset.X, np.argsort(problem.objective.scores(dataset.y), kind="stable")), None)
    # of rows that are one mix at several ages, the one nearest to the telling point comes first
    order = np.argsort(np.abs(dataset.X[:, curve.feature] - telling_point(curve)), kind="stable")
    first = np.sort(_distinct(np.delete(dataset.X, curve.feature, axis=1), order))
    if limit is not None:
        first = _measured_best(problem, dataset, first, within, limit)
    blocks = np.array_split(first, max(1, int(np.ceil(len(first) / BLOCK_ROWS))))
    candidates = Candidates.concatenate([problem.evaluate(dataset.X[block]) for block in blocks])
    objective = np.where(np.isfinite(candidates.scores), problem.objective.scores(candidates.outcomes), np.inf)
    chosen = np.argsort(objective, kind="stable")
    return OrderedRows(first[chosen], candidates.take(chosen))


def _measured_best(
    problem: Problem, dataset: Dataset, places: np.ndarray, within: np.ndarray | None, limit: RowBudget
) -> np.ndarray:
    """The few of some rows (m,) of which a curve may be asked: those measured best, first within bounds and rules."""
    n = min(max(1, limit.n_few), MAX_CURVES, limit.n_candidates_left)
    ordered = places[np.argsort(problem.objective.scores(dataset.y[places]), kind="stable")]
    if within is not None:  # results are compared with these, and the best of all is named beside them
        ordered = np.concatenate([ordered[within[ordered]][: max(1, n - 1)], ordered])
    return np.sort(list(dict.fromkeys(ordered.tolist()))[:n]).astype(int)


def telling_point(curve: Curve) -> float:
    """The sweep value at which a single measurement says most of a curve: its point, else its end."""
    return curve.at if curve.summary is Summary.POINT and curve.at is not None else float(curve.grid[-1])


def recorded_objective(spec: RunSpec, model_data: ModelWithData) -> tuple[float, float, float]:
    """The lowest, mean and highest objective of the recorded rows (an even sample of them), by the model."""
    dataset = model_data.dataset
    rows = evenly(dataset.n_rows, MAX_ASKED_ROWS)
    predict = model_data.predictor.predict
    curve = build_curve(spec.curve, dataset) if spec.curve else None
    if model_data.is_deferred:
        # an area is about the outcome times the width of the curve
        width = curve.grid[-1] - curve.grid[0] if curve and curve.summary is Summary.AREA else 1.0
        outcomes = dataset.y[rows] * width  # as measured: the model answers only in a worker
    else:
        outcomes = curve.summarise(dataset.X[rows], predict) if curve else predict(dataset.X[rows])
    finite = outcomes[np.isfinite(outcomes)]
    return (float(finite.min()), float(finite.mean()), float(finite.max())) if len(finite) else (0.0, 0.0, 0.0)


def density_info(spec: RunSpec, dataset: Dataset) -> DensityInfo | None:
    """The density of the recorded rows, or None for a table without parts."""
    parts = spec.parts(dataset.parts)
    if not parts:
        return None
    recorded = dataset.X[:, dataset.indices(parts)].sum(axis=1)
    rows = evenly(len(recorded), MAX_DENSITIES)
    target, tolerance = (spec.density.target, spec.density.tolerance) if spec.density else usual_sum(dataset, parts)
    return DensityInfo(
        unit=dataset.features[dataset.index(parts[0])].unit,
        recorded=tuple(recorded[rows].tolist()),
        mean=float(recorded.mean()),
        std=float(recorded.std()),
        target=target,
        tolerance=tolerance,
    )


def _distinct(keys: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Rows in this order, of those with equal keys the first."""
    _, first = np.unique(keys[order], axis=0, return_index=True)
    return order[np.sort(first)]
