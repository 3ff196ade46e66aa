"""A problem: a space, a prediction, an objective and the penalties, evaluated a generation at a time."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.candidates import Candidates
from optimizer.checks import SpaceError, check_matrix
from optimizer.features import Numeric
from optimizer.gradients import PredictWithGradient, outcomes_with_gradient, score_slopes
from optimizer.objective import Objective, Predict
from optimizer.penalties import GradientPenalty, Penalty
from optimizer.space import SearchSpace


@dataclass(frozen=True)
class Problem:
    """Everything that gives a candidate its score.

    Attributes:
        space: where candidates live.
        predict: maps (n, d) to (n,), called once per generation.
        objective: what is searched for.
        penalties: what unrealistic candidates pay.
        predict_with_gradient: maps (n, d) to predictions (n,) and their gradients (n, d), or None.
        starts: (r, d) recorded rows that a method may start from, or None; they need not lie within the space.
    """

    space: SearchSpace
    predict: Predict
    objective: Objective
    penalties: tuple[Penalty, ...] = ()
    predict_with_gradient: PredictWithGradient | None = None
    starts: np.ndarray | None = field(default=None, repr=False, compare=False)

    def evaluate(self, X: np.ndarray) -> Candidates:
        """Return the candidates ``X`` (n, d) with outcomes, penalties and scores, by one call of ``predict``.

        A candidate whose outcome or penalty is not finite gets the score infinity: it is never best.

        Raises:
            SpaceError: ``predict`` gave something else than one number per row.
        """
        check_matrix("X", X, self.space.n_features)
        outcomes = self.objective.outcomes(X, self.predict)
        penalties = np.zeros(len(X))
        for penalty in self._weighing:
            penalties += penalty.weight * penalty.cost(X)
        return self._judged(X, outcomes, penalties)

    @property
    def has_gradient(self) -> bool:
        """Whether prediction and penalties all know their slopes."""
        return self.predict_with_gradient is not None and all(
            isinstance(penalty, GradientPenalty) for penalty in self._weighing
        )

    def evaluate_with_gradient(self, X: np.ndarray) -> tuple[Candidates, np.ndarray]:
        """Return the candidates of `evaluate` and the gradients (n, d) of their scores.

        Per unit of each feature; 0 for frozen and categorical features, and for a candidate without a finite score. At
        a kink it is the gradient of one of the pieces that meet there.

        Raises:
            SpaceError: prediction or a penalty offers no gradient (see `has_gradient`), or gave something else than
                one number, and one row of numbers, per candidate.
        """
        check_matrix("X", X, self.space.n_features)
        if self.predict_with_gradient is None or not self.has_gradient:
            raise SpaceError("This prediction, or one of the penalties, offers no gradient: use evaluate().")
        outcomes, gradients = outcomes_with_gradient(self.objective, X, self.predict, self.predict_with_gradient)
        gradients = gradients * score_slopes(self.objective, outcomes)[:, None]
        penalties = np.zeros(len(X))
        for penalty in self._weighing:
            assert isinstance(penalty, GradientPenalty)
            costs, slopes = penalty.cost_with_gradient(X)
            penalties += penalty.weight * costs
            gradients += penalty.weight * slopes
        judged = self._judged(X, outcomes, penalties)
        is_known = np.isfinite(judged.scores)[:, None] & self._is_free_number & np.isfinite(gradients)
        return judged, np.where(is_known, gradients, 0.0)

    @cached_property
    def _is_free_number(self) -> np.ndarray:
        """(d,) which features have a slope: those that are free and numeric."""
        return np.array([feature.is_free and isinstance(feature, Numeric) for feature in self.space.features])

    @property
    def _weighing(self) -> list[Penalty]:
        """The penalties that are on."""
        return [penalty for penalty in self.penalties if penalty.weight]

    def _judged(self, X: np.ndarray, outcomes: np.ndarray, penalties: np.ndarray) -> Candidates:
        scores = self.objective.scores(outcomes) + penalties
        return Candidates(X, np.where(np.isfinite(scores), scores, np.inf), outcomes, penalties)

    def without_penalties(self) -> "Problem":
        """Return the same problem with nothing to pay: the search that a plain optimiser would do."""
        return replace(self, penalties=())
