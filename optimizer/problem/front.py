"""A problem with several objectives and limits, evaluated a generation at a time; and its candidates."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_matrix
from optimizer.features import Numeric
from optimizer.problem.candidates import Rows
from optimizer.problem.gate import Gate
from optimizer.problem.limits import Limit, PredictOutcomes, PredictOutcomesWithGradient, checked_outcomes, violations
from optimizer.problem.measured import MeasuredRows
from optimizer.problem.objective import Objective
from optimizer.problem.penalties import GradientPenalty, Penalty
from optimizer.problem.space import SearchSpace


@dataclass(frozen=True, slots=True)
class FrontCandidates(Rows):
    """Evaluated candidates of a problem with several objectives, row i of every array belonging to one.

    Attributes:
        X: (n, d) settings of all features.
        scores: (n, m) one score per objective, penalties included, smaller is better; infinite in all of them where one
            is no number.
        outcomes: (n, k) all outcomes that were predicted, each in its own unit.
        violations: (n,) by how much limits are broken, in standard deviations of the outcomes; 0 where all are kept.
        penalties: (n,) weighted penalties and cost of the gate, part of every score.
    """

    X: np.ndarray
    scores: np.ndarray
    outcomes: np.ndarray
    violations: np.ndarray
    penalties: np.ndarray

    @property
    def is_feasible(self) -> np.ndarray:
        """(n,) whether each has scores and keeps all limits."""
        return np.isfinite(self.scores).all(axis=1) & (self.violations == 0)

    @property
    def n_nonfinite(self) -> int:
        """How many got no finite score."""
        return int((~np.isfinite(self.scores).all(axis=1)).sum())


@dataclass(frozen=True)
class FrontProblem:
    """Several objectives and limits on the outcomes of one prediction.

    The scores of a candidate are those of its objectives plus the weighted penalties and the cost of the gate, which
    count in each of them; so what is unrealistic is dominated by what is not.

    Attributes:
        space: where candidates live.
        predict: maps (n, d) to outcomes (n, k), called once per generation. A formula, a bound of an interval or the
            summary of a curve is an outcome like any other.
        objectives: what is searched for, by the column of its outcome; two at least, none of them a curve.
        limits: what outcomes have to keep, by feasibility first.
        penalties: what unrealistic candidates pay.
        gate: how plausible a result has to be, or None.
        starts: (r, d) recorded rows that a search may start from, or None; they need not lie within the space.
        begin_at: (g, d) candidates that are evaluated in the first generation for certain, or None.
        measured: what no result may be, for it was measured already; None where results may.
        predict_with_gradient: maps (n, d) to outcomes (n, k) and their gradients (n, k, d), or None.

    Raises:
        SpaceError: there are fewer than two objectives, or one is a curve.
    """

    space: SearchSpace
    predict: PredictOutcomes
    objectives: Mapping[int, Objective]
    limits: tuple[Limit, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    gate: Gate | None = None
    starts: np.ndarray | None = field(default=None, repr=False, compare=False)
    begin_at: np.ndarray | None = field(default=None, repr=False, compare=False)
    measured: MeasuredRows | None = field(default=None, repr=False, compare=False)
    predict_with_gradient: PredictOutcomesWithGradient | None = None

    def __post_init__(self) -> None:
        if len(self.objectives) < 2:
            raise SpaceError(
                f"A front needs at least two objectives, got {len(self.objectives)}: search for one with a Problem."
            )
        curves = [column for column, objective in self.objectives.items() if objective.curve is not None]
        if curves:
            raise SpaceError(
                f"The objectives of a front are outcomes, and those of the columns {curves} are curves: "
                "give the summary of the curve as an outcome."
            )

    @property
    def n_objectives(self) -> int:
        """How many objectives there are."""
        return len(self.objectives)

    @cached_property
    def active_penalties(self) -> tuple[Penalty, ...]:
        """The penalties that are on, and the gate."""
        weighing = tuple(penalty for penalty in self.penalties if penalty.weight)
        return weighing if self.gate is None else (*weighing, self.gate)

    def evaluate(self, X: np.ndarray) -> FrontCandidates:
        """The candidates ``X`` (n, d) with their outcomes and scores, by one call of the prediction.

        Raises:
            SpaceError: the prediction gave something else than one row of outcomes per candidate.
        """
        check_matrix("X", X, self.space.n_features)
        outcomes = checked_outcomes(self.predict(X.copy()), len(X), self._n_outcomes)
        costs = np.zeros(len(X))
        for penalty in self.active_penalties:
            costs += penalty.weight * penalty.cost(X)
        return self._scored(X, outcomes, costs)

    @property
    def has_gradient(self) -> bool:
        """Whether outcomes and penalties all know their slopes."""
        knows = all(isinstance(penalty, GradientPenalty) for penalty in self.active_penalties)
        return self.predict_with_gradient is not None and knows

    def evaluate_with_gradient(self, X: np.ndarray) -> tuple[FrontCandidates, np.ndarray]:
        """The candidates of `evaluate` and the gradients of their scores (n, m, d), then of their violations (n, d).

        The last of the m + 1 rows of gradients is that of the violations. 0 for frozen and categorical features.

        Raises:
            SpaceError: the prediction or a penalty offers no gradient.
        """
        check_matrix("X", X, self.space.n_features)
        if self.predict_with_gradient is None or not self.has_gradient:
            raise SpaceError("This prediction, or one of the penalties, offers no gradient: use evaluate().")
        values, slopes = self.predict_with_gradient(X.copy())
        outcomes = checked_outcomes(values, len(X), self._n_outcomes)
        costs, rises = np.zeros(len(X)), np.zeros(X.shape)
        for penalty in self.active_penalties:
            assert isinstance(penalty, GradientPenalty)
            own, gradient = penalty.cost_with_gradient(X)
            costs += penalty.weight * own
            rises += penalty.weight * gradient
        of_scores = [
            objective.score_slopes(outcomes[:, column])[:, None] * slopes[:, column] + rises
            for column, objective in self.objectives.items()
        ]
        of_violations = np.zeros(X.shape)
        for limit in self.limits:
            column = outcomes[:, limit.outcome]
            is_broken = limit.beyond(column) > 0
            of_violations += (is_broken * limit.sides(column) / limit.scale)[:, None] * slopes[:, limit.outcome]
        gradients = np.stack([*of_scores, of_violations], axis=1)
        is_number = np.array([feature.is_free and isinstance(feature, Numeric) for feature in self.space.features])
        return self._scored(X, outcomes, costs), np.where(is_number & np.isfinite(gradients), gradients, 0.0)

    def passes(self, X: np.ndarray) -> np.ndarray:
        """Whether each candidate (n, d) may become a result, (n,), as far as plausibility and measured rows go."""
        passes = np.ones(len(X), dtype=bool) if self.gate is None else self.gate.passes(X)
        if self.measured is not None and passes.any():
            passes[passes] = ~self.measured.is_measured(X[passes])
        return passes

    def passing(self, candidates: FrontCandidates) -> FrontCandidates:
        """Those of the candidates that may become results, in order: they keep all limits, too."""
        feasible = candidates.take(candidates.is_feasible)
        return feasible.take(self.passes(feasible.X))

    @property
    def _n_outcomes(self) -> int:
        return 1 + max([*self.objectives, *(limit.outcome for limit in self.limits)])

    def _scored(self, X: np.ndarray, outcomes: np.ndarray, costs: np.ndarray) -> FrontCandidates:
        scores = [objective.scores(outcomes[:, column]) + costs for column, objective in self.objectives.items()]
        matrix = np.column_stack(scores)
        matrix[~np.isfinite(matrix).all(axis=1)] = np.inf
        return FrontCandidates(X, matrix, outcomes, violations(self.limits, outcomes), costs)


@dataclass(frozen=True)
class TimedFrontProblem(FrontProblem):
    """A problem that adds up how long its evaluations take.

    Attributes:
        spans: the seconds of every evaluation.
    """

    spans: list[float] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def of(cls, problem: FrontProblem) -> "TimedFrontProblem":
        """The same problem, timed from now on."""
        return cls(**{each.name: getattr(problem, each.name) for each in fields(FrontProblem)})

    @property
    def seconds(self) -> float:
        """Spent in evaluations."""
        return sum(self.spans)

    def evaluate(self, X: np.ndarray) -> FrontCandidates:
        """As `FrontProblem.evaluate`."""
        started = time.perf_counter()
        results = super().evaluate(X)
        self.spans.append(time.perf_counter() - started)
        return results

    def evaluate_with_gradient(self, X: np.ndarray) -> tuple[FrontCandidates, np.ndarray]:
        """As `FrontProblem.evaluate_with_gradient`."""
        started = time.perf_counter()
        results = super().evaluate_with_gradient(X)
        self.spans.append(time.perf_counter() - started)
        return results
