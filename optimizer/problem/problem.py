"""A problem: a space, a prediction, an objective and what realism costs, evaluated a generation at a time."""

import time
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_matrix
from optimizer.features import Numeric, evenly
from optimizer.problem.candidates import Candidates
from optimizer.problem.gate import Gate, cost_beyond, slope_beyond
from optimizer.problem.limits import Limits
from optimizer.problem.measured import MeasuredRows
from optimizer.problem.objective import (
    Field,
    Objective,
    Predict,
    PredictWithGradient,
    PredictWithUncertainty,
    PredictWithUncertaintyAndGradient,
)
from optimizer.problem.penalties import GradientPenalty, Penalty
from optimizer.problem.space import SearchSpace

MAX_STARTS = 5_000  # recorded rows looked at for whether they may be results
_UNIT_OF_LIMIT = 0.25  # standard errors beyond their limit cost as much as a unit of unusualness beyond the gate


@dataclass(frozen=True)
class Problem:
    """Everything that gives a candidate its score: objective, penalties, risk aversion, gate and limit.

    ``score = objective + risk_aversion * uncertainty / scale + weighted penalties + cost of gate and limit``, smaller
    is better, in standard deviations of the objective. All but the objective is what `Candidates.penalties` holds.

    Attributes:
        space: where candidates live.
        predict: maps (n, d) to (n,), called once per generation where caution is off.
        objective: what is searched for.
        penalties: what unrealistic candidates pay.
        predict_with_gradient: maps (n, d) to predictions (n,) and their gradients (n, d), or None.
        starts: (r, d) recorded rows that a method may start from, or None; they need not lie within the space.
        begin_at: (g, d) candidates at which lineages begin in the first generation for certain, or None; methods that
            are `Steerable` know of it.
        predict_with_uncertainty: maps (n, d) to predictions (n,) and one standard error of each (n,), or None; where
            they count it is called once per generation, in the place of ``predict``, along a long curve beside it.
        predict_with_uncertainty_and_gradient: predictions and standard errors, then the gradients (n, d) of either.
        risk_aversion: how many standard errors of the objective a candidate pays; 0 is off.
        gate: how plausible a result has to be, or None.
        uncertainty_limit: standard errors of the objective that a result may have, in its standard deviations; on the
            way there more of them cost what failing the gate does.
        measured: what no result may be, for it was measured already; None where results may. Scores know nothing of
            it, so that a search goes freely through what was measured.
        limits: what other outcomes have to keep, by feasibility first, or None.
        asks_starts: whether recorded rows are predicted to learn which of them may be results; where predictions cost,
            the gate alone says so.

    Raises:
        SpaceError: risk aversion or the limit is below 0, or on without a prediction that tells its uncertainty.
    """

    space: SearchSpace
    predict: Predict
    objective: Objective
    penalties: tuple[Penalty, ...] = ()
    predict_with_gradient: PredictWithGradient | None = None
    starts: np.ndarray | None = field(default=None, repr=False, compare=False)
    begin_at: np.ndarray | None = field(default=None, repr=False, compare=False)
    predict_with_uncertainty: PredictWithUncertainty | None = None
    predict_with_uncertainty_and_gradient: PredictWithUncertaintyAndGradient | None = None
    risk_aversion: float = 0.0
    gate: Gate | None = None
    uncertainty_limit: float = np.inf
    measured: MeasuredRows | None = field(default=None, repr=False, compare=False)
    limits: Limits | None = None
    asks_starts: bool = True

    def __post_init__(self) -> None:
        check_at_least("Risk aversion", self.risk_aversion, 0.0)
        if not self.uncertainty_limit >= 0:
            raise SpaceError(f"The limit on uncertainty must be at least 0, got {self.uncertainty_limit}.")
        if self.counts_uncertainty and self.predict_with_uncertainty is None:
            raise SpaceError(
                "Risk aversion and a limit on uncertainty need a prediction that tells its uncertainty, and this one "
                "does not: leave them out, or give predict_with_uncertainty."
            )

    @cached_property
    def active_penalties(self) -> tuple[Penalty, ...]:
        """What candidates pay without a prediction being asked: the penalties that are on, and the gate."""
        weighing = tuple(penalty for penalty in self.penalties if penalty.weight)
        return weighing if self.gate is None else (*weighing, self.gate)

    @property
    def counts_uncertainty(self) -> bool:
        """Whether a candidate's score depends on how uncertain its prediction is."""
        return self.risk_aversion > 0 or self.uncertainty_limit < np.inf

    @property
    def is_realistic(self) -> bool:
        """Whether anything but the objective counts: a penalty, risk aversion, the gate or the limit."""
        return bool(self.active_penalties) or self.counts_uncertainty

    def evaluate(self, X: np.ndarray) -> Candidates:
        """The candidates ``X`` (n, d) with outcomes, penalties and scores, by one call of the prediction.

        A candidate whose outcome, uncertainty or penalty is not finite gets the score infinity: it is never best.

        Raises:
            SpaceError: the prediction gave something else than one number per row.
        """
        check_matrix("X", X, self.space.n_features)
        costs = np.zeros(len(X))
        if self.counts_uncertainty:
            outcomes, uncertainties = self._with_uncertainty(X)
            costs += self.risk_aversion * uncertainties
            if self.uncertainty_limit < np.inf:
                costs += cost_beyond(self._beyond_limit(uncertainties))
        else:
            outcomes = self.objective.outcomes(X, self.predict)
        for penalty in self.active_penalties:
            costs += penalty.weight * penalty.cost(X)
        return self._scored(X, outcomes, costs)

    @property
    def has_gradient(self) -> bool:
        """Whether prediction, uncertainty and penalties all know their slopes, as far as they count."""
        counts = self.counts_uncertainty
        predicts = self.predict_with_uncertainty_and_gradient if counts else self.predict_with_gradient
        if predicts is None or (self.limits is not None and self.limits.predict_with_gradient is None):
            return False
        return all(isinstance(penalty, GradientPenalty) for penalty in self.active_penalties)

    def evaluate_with_gradient(self, X: np.ndarray) -> tuple[Candidates, np.ndarray]:
        """The candidates of `evaluate` and the gradients (n, d) of their scores.

        Per unit of each feature; 0 for frozen and categorical features, and for a candidate without a finite score. At
        a kink it is the gradient of one of the pieces that meet there.

        Raises:
            SpaceError: prediction or a penalty offers no gradient (see `has_gradient`), or gave something else than
                one number, and one row of numbers, per candidate.
        """
        check_matrix("X", X, self.space.n_features)
        if not self.has_gradient:
            raise SpaceError("This prediction, or one of the penalties, offers no gradient: use evaluate().")
        (outcomes, slopes), (costs, gradients) = self._predicted_with_gradient(X)
        gradients = gradients + slopes * self.objective.score_slopes(outcomes)[:, None]
        for penalty in self.active_penalties:
            assert isinstance(penalty, GradientPenalty)
            own, rises = penalty.cost_with_gradient(X)
            costs += penalty.weight * own
            gradients += penalty.weight * rises
        if self.limits is None:
            candidates = self._scored(X, outcomes, costs)
        else:
            wanted = self.objective.scores(outcomes)
            scores, gradients = self.limits.scored_with_gradient(X, wanted + costs, gradients)
            candidates = _candidates(X, scores, outcomes, _paid(scores, wanted))
        is_known = np.isfinite(candidates.scores)[:, None] & self._is_free_number & np.isfinite(gradients)
        return candidates, np.where(is_known, gradients, 0.0)

    @property
    def is_selective(self) -> bool:
        """Whether some candidates may not become results: by a gate, a limit, or what was measured."""
        return self._is_limited or self.measured is not None

    @property
    def _is_limited(self) -> bool:
        return self.gate is not None or self.uncertainty_limit < np.inf or self.limits is not None

    def believable(self, X: np.ndarray) -> np.ndarray:
        """Whether each candidate (n, d) passes the gate and keeps the limits, measured already or not, (n,)."""
        passes = np.ones(len(X), dtype=bool) if self.gate is None else self.gate.passes(X)
        if self.uncertainty_limit < np.inf and passes.any():
            passes[passes] = self._with_uncertainty(X[passes])[1] <= self.uncertainty_limit
        if self.limits is not None and passes.any():
            passes[passes] = self.limits.violations(X[passes]) == 0
        return passes

    def passes(self, X: np.ndarray) -> np.ndarray:
        """Whether each candidate (n, d) may become a result, (n,): it is believable, and new where that is asked."""
        passes = self.believable(X)
        if self.measured is not None and passes.any():
            passes[passes] = ~self.measured.is_measured(X[passes])
        return passes

    def passing(self, candidates: Candidates) -> Candidates:
        """Those of the candidates that pass, in order: they may become results."""
        return candidates.take(self.passes(candidates.X)) if self.is_selective else candidates

    def new_beside(self, known: Candidates, most: int | None = None) -> Candidates:
        """Evaluated candidates that were not measured, next to these that were; none where results may be anything.

        Args:
            most: how many at most, of more an even sample; None for all.
        """
        if self.measured is None or not len(known):
            return Candidates.empty(self.space.n_features)
        beside = self.measured.neighbours(known.X, self.space)
        if most is not None:
            beside = beside[evenly(len(beside), most)]
        return self.evaluate(beside) if len(beside) else Candidates.empty(self.space.n_features)

    @cached_property
    def passing_starts(self) -> np.ndarray | None:
        """The recorded rows that are believable once they are moved into the space, (s, d); or None without any.

        All of them where every candidate is, or none of them. Of a large table an even sample is looked at.
        """
        if not self._is_limited or self.starts is None or not len(self.starts):
            return self.starts
        rows = self.space.repair(self.starts[evenly(len(self.starts), MAX_STARTS)])
        if self.asks_starts:
            passes = self.believable(rows)
        else:
            passes = np.ones(len(rows), dtype=bool) if self.gate is None else self.gate.passes(rows)
        return rows[passes] if passes.any() else self.starts

    def without_penalties(self) -> "Problem":
        """The same problem with nothing to pay and no gate: the search that a plain optimiser would do."""
        return replace(self, penalties=(), risk_aversion=0.0, gate=None, uncertainty_limit=np.inf, measured=None)

    def with_penalties_only(self) -> "Problem":
        """The same problem without risk aversion, and with results that may be anything."""
        return replace(self, risk_aversion=0.0, gate=None, uncertainty_limit=np.inf, measured=None)

    def _with_uncertainty(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) in their unit, and standard errors (n,) in standard deviations of the objective."""
        assert self.predict_with_uncertainty is not None
        outcomes, uncertainties = self.objective.outcomes_with_uncertainty(
            X, self.predict_with_uncertainty, predict=self.predict
        )
        return outcomes, uncertainties / self.objective.scale

    def _beyond_limit(self, uncertainties: np.ndarray) -> np.ndarray:
        """How far standard errors (n,) lie beyond their limit, in its unit; below 0 within it."""
        return (uncertainties - self.uncertainty_limit) / _UNIT_OF_LIMIT

    @cached_property
    def _is_free_number(self) -> np.ndarray:
        """Which features have a slope, (d,): those that are free and numeric."""
        return np.array([feature.is_free and isinstance(feature, Numeric) for feature in self.space.features])

    def _predicted_with_gradient(self, X: np.ndarray) -> tuple[Field, Field]:
        """The outcomes and the cost of their uncertainty, (n,) each with its gradient (n, d)."""
        if not self.counts_uncertainty:
            assert self.predict_with_gradient is not None
            (outcomes,) = self.objective.outcomes_with_gradient(X, self.predict, self.predict_with_gradient)
            return outcomes, (np.zeros(len(X)), np.zeros(X.shape))
        predict_with_both = self.predict_with_uncertainty_and_gradient
        assert predict_with_both is not None
        outcomes, (widths, slopes) = self.objective.outcomes_and_uncertainty_with_gradient(
            X, self.predict, self.predict_with_gradient, predict_with_both
        )
        widths, slopes = widths / self.objective.scale, slopes / self.objective.scale
        costs, rises = self.risk_aversion * widths, self.risk_aversion * slopes
        if self.uncertainty_limit < np.inf:
            beyond = self._beyond_limit(widths)
            costs += cost_beyond(beyond)
            rises += (slope_beyond(beyond) / _UNIT_OF_LIMIT)[:, None] * slopes
        return outcomes, (costs, rises)

    def _scored(self, X: np.ndarray, outcomes: np.ndarray, costs: np.ndarray) -> Candidates:
        wanted = self.objective.scores(outcomes)
        if self.limits is None:
            return _candidates(X, wanted + costs, outcomes, costs)
        scores = self.limits.scored(X, wanted + costs)
        return _candidates(X, scores, outcomes, _paid(scores, wanted))


def _paid(scores: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # infinity less infinity: what has no score pays nothing that is known
        return scores - wanted


def _candidates(X: np.ndarray, scores: np.ndarray, outcomes: np.ndarray, costs: np.ndarray) -> Candidates:
    return Candidates(X, np.where(np.isfinite(scores), scores, np.inf), outcomes, costs)


@dataclass(frozen=True)
class TimedProblem(Problem):
    """A problem that adds up how long its evaluations take.

    Attributes:
        spans: the seconds of every evaluation.
    """

    spans: list[float] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def of(cls, problem: Problem) -> "TimedProblem":
        """The same problem, timed from now on."""
        return cls(**{each.name: getattr(problem, each.name) for each in fields(Problem)})

    @property
    def seconds(self) -> float:
        """Spent in evaluations."""
        return sum(self.spans)

    def evaluate(self, X: np.ndarray) -> Candidates:
        """As `Problem.evaluate`."""
        started = time.perf_counter()
        results = super().evaluate(X)
        self.spans.append(time.perf_counter() - started)
        return results

    def evaluate_with_gradient(self, X: np.ndarray) -> tuple[Candidates, np.ndarray]:
        """As `Problem.evaluate_with_gradient`."""
        started = time.perf_counter()
        results = super().evaluate_with_gradient(X)
        self.spans.append(time.perf_counter() - started)
        return results
