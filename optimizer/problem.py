"""A problem: a space, a prediction, an objective and the penalties, evaluated a generation at a time."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.candidates import Candidates
from optimizer.checks import check_matrix
from optimizer.objective import Objective, Predict
from optimizer.penalties import Penalty
from optimizer.space import SearchSpace


@dataclass(frozen=True)
class Problem:
    """Everything that gives a candidate its score.

    Attributes:
        space: where candidates live.
        predict: maps (n, d) to (n,), called once per generation.
        objective: what is searched for.
        penalties: what unrealistic candidates pay.
    """

    space: SearchSpace
    predict: Predict
    objective: Objective
    penalties: tuple[Penalty, ...] = ()

    def evaluate(self, X: np.ndarray) -> Candidates:
        """Return the candidates ``X`` (n, d) with outcomes, penalties and scores, by one call of ``predict``.

        A candidate whose outcome or penalty is not finite gets the score infinity: it is never best.

        Raises:
            SpaceError: ``predict`` gave something else than one number per row.
        """
        check_matrix("X", X, self.space.n_features)
        outcomes = self.objective.outcomes(X, self.predict)
        penalties = np.zeros(len(X))
        for penalty in self.penalties:
            if penalty.weight:
                penalties += penalty.weight * penalty.cost(X)
        scores = self.objective.scores(outcomes) + penalties
        return Candidates(X, np.where(np.isfinite(scores), scores, np.inf), outcomes, penalties)

    def without_penalties(self) -> "Problem":
        """Return the same problem with nothing to pay: the search that a plain optimiser would do."""
        return replace(self, penalties=())
