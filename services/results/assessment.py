"""What a result says of candidates and recorded rows: predicted outcome, interval, plausibility, robustness."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models import Dataset
from optimizer import Candidates, Curve, Problem
from services.catalog.intervals import confidence_of
from services.catalog.loading import ModelWithData
from services.problems.constraints import constraints_met
from services.problems.plausibility import PlausibilityCheck, build_plausibility
from services.results.baselines import RecordedBest
from services.results.nearest import nearest_rows
from services.results.robustness import robust_band
from services.specs.results import ResultSet
from services.specs.run import RunSpec

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
        return self._predicted(candidates).model_copy(update={**self._plausibility_check.of_candidates(candidates.X)})

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
