"""What a result says of candidates and recorded rows: predicted outcome, interval, plausibility, robustness."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models import Column, Dataset
from optimizer import Candidates, Curve, Feature, Problem
from optimizer.features import Scaling
from services.catalog.loading import ModelWithData, confidence_of
from services.problems.building import build_curve
from services.problems.constraints import constraints_met
from services.problems.plausibility import PlausibilityCheck, build_plausibility
from services.results.baselines import RecordedBest, telling_point
from services.results.robustness import robust_band
from services.specs.digits import sensible_decimals
from services.specs.results import NearestRow, ResultSet
from services.specs.run import RunSpec

MAX_IN_WORDS = 6
_TIE = 1e-9  # standard deviations: rows nearer to each other than this are equally near


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


def _differences(spec: RunSpec, dataset: Dataset, x: np.ndarray, row: int) -> list[_Difference]:
    """In what the candidate differs from a recorded row, largest first; what rounds to nothing is left out."""
    found = []
    for j, column in enumerate(dataset.features):
        if column.name == spec.swept:
            continue
        recorded, std = dataset.X[row, j], float(dataset.stds[j])
        if column.is_categorical:
            one = _other_category(column, x[j], recorded)
        else:
            step = spec.step_of(column.name, is_integer=column.is_integer)
            one = _other_number(column, x[j] - recorded, std, step)
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda one: -one.size)


def _other_category(column: Column, code: float, recorded: float) -> _Difference | None:
    if code == recorded:
        return None
    own, instead = column.categories[int(code)], column.categories[int(recorded)]
    return _Difference(column.name, own, 1.0, f"{column.name}: {own} instead of {instead}", "")


def _other_number(column: Column, gap: float, std: float, step: float | None) -> _Difference | None:
    decimals = sensible_decimals(std, step)
    value = round(float(gap), decimals)
    if value == 0:
        return None
    size = abs(gap) / std if std > 0 else np.inf  # the records never left this value
    return _Difference(column.name, value, size, f"{value:+,.{decimals}f}", column.unit)


def difference_words(differences: list[_Difference]) -> str:
    """Differences as one line; a unit that all of them share is said once."""
    if not differences:
        return "the same settings"
    shown, n_more = differences[:MAX_IN_WORDS], len(differences) - MAX_IN_WORDS
    units = {one.unit for one in shown}
    shared = units.pop() if len(units) == 1 else None
    words = ", ".join(_one_in_words(one, with_unit=shared is None) for one in shown)
    if n_more > 0:
        words += f", and {n_more} smaller difference{'s' if n_more > 1 else ''}"
    return f"{words} ({shared})" if shared else words


def _one_in_words(one: _Difference, with_unit: bool) -> str:
    if isinstance(one.value, str):
        return one.words
    return " ".join(part for part in (one.words, one.unit if with_unit else "", one.name) if part)


Numbers = tuple[float, ...]


@dataclass(frozen=True)
class ResultAssessment:
    """Makes the sets of a result.

    Attributes:
        curve: that is shown, or None.
    """

    spec: RunSpec
    model_data: ModelWithData
    problem: Problem
    curve: Curve | None

    def of_candidates(self, candidates: Candidates) -> ResultSet:
        """All there is to say of what a search found."""
        dataset, features = self._dataset, self.problem.space.features
        nearest = nearest_rows(self.spec, dataset, features, candidates.X)
        own = {"nearest": nearest} | self._plausibility_check.of_candidates(candidates.X)
        return self._with_uncertainty(candidates, is_sought=True).model_copy(update=own)

    def of_recorded(self, best: RecordedBest) -> ResultSet:
        """The same of recorded rows, which have numbers and measured outcomes."""
        own: dict[str, object] = {"measured": _numbers(best.measured), "rows": tuple(best.rows.tolist())}
        own |= self._plausibility_check.of_recorded(best.candidates.X)
        return self._with_uncertainty(best.candidates, is_sought=False).model_copy(update=own)

    def of_compared(self, candidates: Candidates) -> ResultSet:
        """What figures need of candidates that are no results, but shown beside them."""
        return self._predicted(candidates).model_copy(update=self._plausibility_check.of_candidates(candidates.X))

    def _predicted(self, candidates: Candidates) -> ResultSet:
        X, parts = candidates.X, self._parts
        curves = self.curve.values(X, self.problem.predict) if self.curve and len(X) else None
        return ResultSet(
            X=_rows(X),
            outcomes=_numbers(candidates.outcomes),
            scores=_numbers(candidates.scores),
            penalties=_numbers(candidates.penalties),
            densities=_numbers(X[:, parts].sum(axis=1)) if parts else None,
            curves=_rows(curves) if curves is not None else None,
            constraints_met=constraints_met(self.problem.space.constraints, X),
        )

    def _with_uncertainty(self, candidates: Candidates, *, is_sought: bool) -> ResultSet:
        robust_low, robust_high = robust_band(self.spec, self.model_data, self.problem, candidates.X)
        lows, highs = self._interval(candidates.X, is_sought)
        known = {"lows": lows, "highs": highs}
        known |= {"robust_low": _numbers(robust_low), "robust_high": _numbers(robust_high)}
        return self._predicted(candidates).model_copy(update=known)

    def _interval(self, X: np.ndarray, is_sought: bool) -> tuple[Numbers | None, Numbers | None]:
        """The ends of the interval of the objective, or None twice where the model cannot tell.

        Along a curve errors are taken as going together: its summary is off by the summary of how far it is off.
        """
        confidence = confidence_of(self.spec, self.model_data)
        if confidence is None or not len(X):
            return None, None

        def predict_with_half_width(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            interval = confidence.predict_interval(rows, self.spec.level, is_sought=is_sought)
            return interval.mean, (interval.high - interval.low) / 2

        outcomes, half = self.problem.objective.outcomes_with_uncertainty(X, predict_with_half_width)
        return _numbers(outcomes - half), _numbers(outcomes + half)

    @cached_property
    def _plausibility_check(self) -> PlausibilityCheck:
        gate = self.problem.gate  # has built what the search saw
        make = (lambda *_: gate.plausibility) if gate else build_plausibility
        return PlausibilityCheck.of(self.spec, self._dataset, self.problem.space.features, make)

    @property
    def _dataset(self) -> Dataset:
        return self.model_data.dataset

    @property
    def _parts(self) -> list[int]:
        return self._dataset.indices(self.spec.parts(self._dataset.parts))


def _numbers(values: np.ndarray) -> Numbers:
    return tuple(values.tolist())


def _rows(matrix: np.ndarray) -> tuple[Numbers, ...]:
    return tuple(tuple(row) for row in matrix.tolist())
