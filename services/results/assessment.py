"""What a result says of candidates and recorded rows: outcome, interval, plausibility, nearest row, robustness.

Robust is what hardly moves when it is dosed as precisely as people dose, by a model that may err.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from models import Dataset
from optimizer import Candidates, Curve, Feature, Goal, Problem, Summary
from optimizer.features import Scaling
from services.catalog.loading import ModelWithData, confidence_of
from services.catalog.rows import RowBudget, tried
from services.problems.building import has_more_outcomes
from services.problems.constraints import recorded_rows_meeting
from services.problems.defaults import default_curve
from services.problems.measured import measured_rows, tolerances
from services.problems.outcomes.goals import Calculated, objective_data
from services.problems.outcomes.objective import build_curve, limited_outcomes, objective_interval, objective_limits
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.plausibility import PlausibilityCheck, build_plausibility
from services.results.baselines import RecordedBest, telling_point
from services.results.outcomes import candidate_values, recorded_values
from services.specs.digits import counted, sensible_decimals
from services.specs.results import MeasuredThere, NearestRow, ResultSet, RunResult
from services.specs.run import RunSpec

MAX_IN_WORDS = 6
MAX_ROWS_NAMED = 5  # recorded rows that are named as one setting
_TIE = 1e-9  # standard deviations: rows nearer to each other than this are equally near

QUANTILES = (0.05, 0.95)
N_DRAWS = 300
MIN_DRAWS = 100
FEW_DRAWS = 50  # the least, where rows cost
MAX_POINTS = 10  # of a curve: what matters is how it moves, and that shows on a few points
MAX_PREDICTIONS = 200_000


class _Difference(NamedTuple):
    """What differs in one feature: by how much or what instead, how big that is, and how it reads without its unit."""

    name: str
    value: float | str
    size: float
    words: str
    unit: str


def nearest_rows(spec: RunSpec, dataset: Dataset, features: Sequence[Feature], X: np.ndarray) -> tuple[NearestRow, ...]:
    """The nearest recorded row of every candidate in ``X`` (k, d).

    Distances are Euclidean, in recorded standard deviations; two different categories are 1 apart. The sweep feature of
    a searched curve does not count. Of equally near rows it is the one that was measured nearest to the point, or to
    the end, of the curve; without a curve, the first.

    Raises:
        SpaceError: no feature differs between recorded rows.
    """
    left_out = dataset.indices([spec.curve.feature] if spec.curve else [])
    scaling = Scaling.of_rows(dataset.X, features, left_out, what="nearest recorded row")
    recorded = scaling.scaled(dataset.X)
    return tuple(
        _nearest(spec, dataset, x, np.linalg.norm(recorded - scaled, axis=1))
        for x, scaled in zip(X, scaling.scaled(X), strict=True)
    )


def _nearest(spec: RunSpec, dataset: Dataset, x: np.ndarray, distances: np.ndarray) -> NearestRow:
    nearest = np.flatnonzero(distances <= distances.min() + _TIE)
    row, at = nearest[0], None
    if spec.curve is not None:
        curve = build_curve(spec.curve, dataset)
        swept = dataset.X[:, curve.feature]
        row = nearest[np.argmin(np.abs(swept[nearest] - telling_point(curve)))]
        at = float(swept[row])
    differences = _differences(spec, dataset, x, row)
    return NearestRow(
        row=int(dataset.numbers[row]),
        measured=float(dataset.y[row]),
        distance=float(distances[row]),
        differences=tuple((one.name, one.value) for one in differences),
        words=difference_words(differences),
        at=at,
    )


def measured_there(spec: RunSpec, dataset: Dataset, X: np.ndarray) -> tuple[MeasuredThere | None, ...]:
    """What was measured at every candidate in ``X`` (k, d) already, within the dosing tolerance; None for a new one."""
    return tuple(
        _measured_there(spec, dataset, places) if len(places) else None
        for places in measured_rows(spec, dataset).places(X)
    )


def _measured_there(spec: RunSpec, dataset: Dataset, places: np.ndarray) -> MeasuredThere:
    at = None
    if spec.curve is not None:  # of a mix at several ages, what was measured nearest to the point that tells most
        curve = build_curve(spec.curve, dataset)
        swept = dataset.X[places, curve.feature]
        at = float(swept[np.argmin(np.abs(swept - telling_point(curve)))])
        places = places[swept == at]
    numbers = dataset.numbers[places[:MAX_ROWS_NAMED]].tolist()
    return MeasuredThere(rows=tuple(map(int, numbers)), n=len(places), mean=float(dataset.y[places].mean()), at=at)


def _differences(spec: RunSpec, dataset: Dataset, x: np.ndarray, row: int) -> list[_Difference]:
    """In what the candidate differs from a recorded row, largest first; what rounds to nothing is left out."""
    found = []
    for j, column in enumerate(dataset.features):
        if column.name == spec.swept:
            continue
        recorded, name = dataset.X[row, j], column.name
        if column.is_categorical:
            if x[j] != recorded:
                own, instead = column.categories[int(x[j])], column.categories[int(recorded)]
                found.append(_Difference(name, own, 1.0, f"{name}: {own} instead of {instead}", ""))
            continue
        gap, std = x[j] - recorded, float(dataset.stds[j])
        decimals = sensible_decimals(std, spec.step_of(name, is_integer=column.is_integer))
        if value := round(float(gap), decimals):
            size = abs(gap) / std if std > 0 else np.inf  # the records never left this value
            found.append(_Difference(name, value, size, f"{value:+,.{decimals}f}", column.unit))
    return sorted(found, key=lambda one: -one.size)


def difference_words(differences: list[_Difference]) -> str:
    """Differences as one line; a unit that all of them share is said once."""
    if not differences:
        return "the same settings"
    shown, n_more = differences[:MAX_IN_WORDS], len(differences) - MAX_IN_WORDS
    units = {one.unit for one in shown}
    shared = units.pop() if len(units) == 1 else ""
    words = ", ".join(
        one.words
        if isinstance(one.value, str)
        else " ".join(filter(None, (one.words, "" if shared else one.unit, one.name)))
        for one in shown
    )
    if n_more > 0:
        words += f", and {counted(n_more, 'smaller difference')}"
    return f"{words} ({shared})" if shared else words


Numbers = tuple[float, ...]


@dataclass(frozen=True)
class ResultAssessment:
    """Makes the sets of a result.

    Attributes:
        model_data: rows and model of the objective.
        curve: that is shown, or None.
        outcomes: all outcomes of a run with several or with limits; else None.
    """

    spec: RunSpec
    model_data: ModelWithData
    problem: Problem
    curve: Curve | None
    outcomes: RunOutcomes | None = None

    @classmethod
    def of(cls, spec: RunSpec, model_data: ModelWithData, problem: Problem) -> "ResultAssessment":
        """That of a run: the curve shown is the searched one, else that over the sweep feature's recorded range."""
        outcomes = RunOutcomes.of(spec, model_data) if has_more_outcomes(spec) else None
        model_data = objective_data(spec, model_data)
        dataset = model_data.dataset
        shown = spec.curve or (default_curve(dataset, dataset.sweep) if dataset.sweep else None)
        if isinstance(model_data.predictor, Calculated):
            shown = None
        curve = build_curve(shown, dataset) if shown else None
        if curve is not None and model_data.rows is not None:
            curve = _affordable_curve(spec, curve, problem.objective.curve, model_data.rows)
        return cls(spec, model_data, problem, curve, outcomes)

    def of_candidates(self, candidates: Candidates) -> ResultSet:
        """All there is to say of what a search found."""
        nearest = nearest_rows(self.spec, self.model_data.dataset, self.problem.space.features, candidates.X)
        is_known = self.spec.model.kind == "function"  # where nobody measures, there is nothing to be told
        already = None if is_known else measured_there(self.spec, self.model_data.dataset, candidates.X)
        own = {"nearest": nearest, "already": already} | self._plausibility_check.judge(candidates.X).fields
        return self._with_uncertainty(candidates).model_copy(update=own)

    def of_recorded(self, best: RecordedBest) -> ResultSet:
        """The same of recorded rows, which have numbers and measured outcomes."""
        own: dict[str, object] = {"measured": _numbers(best.measured), "rows": tuple(best.rows.tolist())}
        own |= self._plausibility_check.judge(best.candidates.X).fields
        if constraints := self.problem.space.constraints:  # rows meet them as well as they were written down
            met = recorded_rows_meeting(constraints, self.model_data.dataset, best.candidates.X)
            own["constraints_met"] = tuple(map(tuple, met.tolist()))
        if (outcomes := self.outcomes) is not None:
            own["others"] = tried(
                self.model_data.rows,
                "Outcomes that are only shown were not predicted",
                lambda: recorded_values(outcomes, best.rows, best.candidates.X, self.spec.level),
            )
        return self._with_uncertainty(best.candidates).model_copy(update=own)

    def of_compared(self, candidates: Candidates) -> ResultSet:
        """What figures need of candidates that are no results, but shown beside them."""
        return self._predicted(candidates).model_copy(update=self._plausibility_check.judge(candidates.X).fields)

    def _predicted(self, candidates: Candidates) -> ResultSet:
        X, dataset, space = candidates.X, self.model_data.dataset, self.problem.space
        is_as_searched = dataset.limits.is_open
        outcomes = candidates.outcomes if is_as_searched else limited_outcomes(self.problem, dataset, X)
        parts = dataset.indices(self.spec.parts(dataset.parts))
        curves = None
        if (curve := self.curve) is not None and len(X):
            curves = tried(self.model_data.rows, "Curves were not drawn", lambda: curve.values(X, self.problem.predict))
        return ResultSet(
            X=_rows(X),
            outcomes=_numbers(outcomes),
            scores=_numbers(candidates.scores),
            penalties=_numbers(candidates.penalties),
            densities=_numbers(X[:, parts].sum(axis=1)) if parts else None,
            curves=_rows(dataset.limits.clip(curves)) if curves is not None else None,
            constraints_met=tuple(map(tuple, space.holds(X).tolist())) if space.constraints else None,
        )

    def _with_uncertainty(self, candidates: Candidates) -> ResultSet:
        X, objective, confidence = candidates.X, self.problem.objective, confidence_of(self.spec, self.model_data)
        predicted = self._predicted(candidates)  # first, for of rows that cost a band takes many
        band = tried(
            self.model_data.rows,
            "Dosing errors were not checked everywhere",
            lambda: robust_band(self.spec, self.model_data, self.problem, X),
        )
        known: dict[str, Any] = {}
        if band is not None:
            known = {"robust_low": _numbers(band[0]), "robust_high": _numbers(band[1])}
        if confidence is not None and len(X):
            _, low, high = objective_interval(objective, confidence, X, self.spec.level)
            known |= {"lows": _numbers(low), "highs": _numbers(high)}
        if (outcomes := self.outcomes) is not None:
            known["others"] = tried(
                self.model_data.rows,
                "Outcomes that are only shown were not predicted",
                lambda: candidate_values(outcomes, X, self.spec.level),
            )
        return predicted.model_copy(update=known)

    @cached_property
    def _plausibility_check(self) -> PlausibilityCheck:
        gate = self.problem.gate  # has built what the search saw
        make = (lambda *_: gate.plausibility) if gate else build_plausibility
        return PlausibilityCheck.of(self.spec, self.model_data.dataset, self.problem.space.features, make)


def _affordable_curve(spec: RunSpec, shown: Curve, searched: Curve | None, rows: RowBudget) -> Curve | None:
    """The curve as it is shown where rows cost: as it was searched, else with fewer points, or not at all."""
    if searched is not None and searched.summary is not Summary.POINT:
        return shown
    n_curves = 2 * spec.n_results + 1  # results, as many recorded rows, and the reference
    n_points = rows.n_left // 3 // n_curves
    if n_points < MAX_POINTS:
        rows.leave_out("Curves were not drawn", n_curves * MAX_POINTS)
        return None
    return shown.thinned(n_points)


def _numbers(values: np.ndarray) -> Numbers:
    return tuple(values.tolist())


def _rows(matrix: np.ndarray) -> tuple[Numbers, ...]:
    return tuple(tuple(row) for row in matrix.tolist())


def robust_band(
    spec: RunSpec, model_data: ModelWithData, problem: Problem, X: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of the 5-95 % band of the objective of candidates ``X`` (k, d), (k,) each.

    Each candidate is drawn a few hundred times with a dosing error in every numeric feature, frozen ones included, and
    predicted in one call. Where the model knows how uncertain it is, one more draw per candidate moves its prediction
    by so many calibrated standard errors, along a whole curve alike. All candidates get the same draws, seeded by the
    run. The ends keep to the limits that physics sets to the outcome. Where rows cost, there are as many draws as half
    of the rows that are left reach for.

    Raises:
        RowsSpentError: that is too few.
    """
    outcomes = problem.objective.outcomes(X, problem.predict)
    if not len(X):
        return outcomes, outcomes
    confidence = confidence_of(spec, model_data)
    searched = problem.objective.curve
    objective = replace(problem.objective, curve=searched.thinned(MAX_POINTS) if searched else None)
    n_points = len(objective.curve.grid) if objective.curve else 1
    n_draws = int(np.clip(MAX_PREDICTIONS // (len(X) * n_points), MIN_DRAWS, N_DRAWS))
    if (limit := model_data.rows) is not None:
        n_each = -(-limit.n_each * n_points // (len(searched.grid) if searched else 1))
        n_draws = int(np.clip(limit.n_left // 2 // (len(X) * n_each), FEW_DRAWS, n_draws))
        limit.check(len(X) * n_draws * n_each)
    rng = np.random.default_rng([spec.seed, 3])
    errors, luck = rng.standard_normal((n_draws, X.shape[1])), rng.standard_normal(n_draws)
    rows = disturbed(spec, model_data.dataset, X, errors).reshape(-1, X.shape[1])
    if confidence is None:
        drawn = objective.outcomes(rows, problem.predict)
    else:
        drawn, uncertainty = objective.outcomes_with_uncertainty(rows, confidence.predict_with_uncertainty)
        drawn = drawn + np.tile(np.append(0.0, luck), len(X)) * uncertainty
    moves = drawn.reshape(len(X), n_draws + 1)
    with np.errstate(invalid="ignore"):  # infinite predictions make NaN, which counts as no move
        moves = moves[:, 1:] - moves[:, :1]  # from the candidate itself
    low, high = np.quantile(np.where(np.isfinite(moves), moves, 0.0), QUANTILES, axis=1)
    low, high = outcomes + low, outcomes + high
    if model_data.dataset.limits.is_open:
        return low, high
    shown = limited_outcomes(problem, model_data.dataset, X)
    limits = objective_limits(problem.objective, model_data.dataset)
    return np.minimum(limits.clip(low), shown), np.maximum(limits.clip(high), shown)


def worst_cases(result: RunResult, rows: ResultSet) -> np.ndarray | None:
    """The worse end of every robust band, (k,), or None where there are none.

    That is the low end; when minimising, the high one; of a value that is searched for, the one farther from it.
    """
    if rows.robust_low is None or rows.robust_high is None:
        return None
    low, high = np.array(rows.robust_low, dtype=float), np.array(rows.robust_high, dtype=float)
    if result.goal is Goal.VALUE:
        value = result.spec.value
        assert value is not None
        return np.where(np.abs(low - value) > np.abs(high - value), low, high)
    return low if result.goal is Goal.MAXIMUM else high


def disturbed(spec: RunSpec, dataset: Dataset, X: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Candidates ``X`` (k, d) as they may be dosed, (k, n + 1, d); the first of each is as it should be.

    What was never recorded below 0 does not get there, and a part of which there is nothing is not dosed at all.
    ``errors`` (n, d) are in tolerances.
    """
    sizes = np.vstack([np.zeros(X.shape[1]), errors * tolerances(spec, dataset)])
    rows = X[:, None, :] + sizes
    is_amount = dataset.X.min(axis=0) >= 0
    rows = np.where(is_amount & (X[:, None, :] >= 0), np.maximum(rows, 0.0), rows)
    is_part = np.zeros(X.shape[1], dtype=bool)
    is_part[dataset.indices(spec.parts(dataset.parts))] = True
    return np.where(is_part & (X[:, None, :] == 0), 0.0, rows)
