"""Several goals of a run as the engine searches for them: a column for each outcome, and what is kept behind them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer import Goal, Limit, Objective
from optimizer.problem.objective import Field
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.specs.outcomes import OutcomeSpec


@dataclass(frozen=True)
class FrontColumns:
    """What a search for several goals is told of candidates.

    The first columns are the goals themselves, in the order of the run. Where risk aversion counts, a column for each
    goal that knows its uncertainty follows, so many standard errors worse; then all that has to be kept.

    Attributes:
        risk_aversion: how many standard errors count against a prediction.
    """

    outcomes: RunOutcomes
    risk_aversion: float

    @cached_property
    def goals(self) -> tuple[OutcomeSpec, ...]:
        """The outcomes that have a goal."""
        return tuple(each for each in self.outcomes.asked if each.goal is not None)

    @cached_property
    def _careful(self) -> tuple[OutcomeSpec, ...]:
        """The goals of which uncertainty counts; coming near to a value is no matter of more or less."""
        if self.risk_aversion <= 0:
            return ()
        return tuple(
            each
            for each in self.goals
            if each.goal is not Goal.VALUE and self.outcomes.uncertainty(each.name) is not None
        )

    @property
    def objectives(self) -> dict[int, Objective]:
        """What is searched for, by its column."""
        careful = {each.name: j for j, each in enumerate(self._careful, start=len(self.goals))}
        return {
            careful.get(each.name, j): Objective(
                each.goal or Goal.MAXIMUM, scale=self.outcomes.scales[each.name], value=each.value
            )
            for j, each in enumerate(self.goals)
        }

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What has to be kept, by its column."""
        first = len(self.goals) + len(self._careful)
        return tuple(
            Limit(first + each.outcome, each.at_least, each.at_most, each.scale) for each in self.outcomes.kept
        )

    def predict(self, X: np.ndarray) -> np.ndarray:
        """All columns (n, k) of candidates (n, d)."""
        told = {}
        for each in self._careful:
            tell = self.outcomes.uncertainty(each.name)
            assert tell is not None
            told[each.name] = tell(X)
        others = [each.name for each in self.goals if each.name not in told]
        values = self.outcomes.values(X, others) | {name: mean for name, (mean, _) in told.items()}
        careful = [told[each.name][0] - self._sign(each) * told[each.name][1] for each in self._careful]
        columns = [values[each.name] for each in self.goals]
        return np.column_stack([*columns, *careful, self.outcomes.kept_values(X)])

    @property
    def has_gradient(self) -> bool:
        """Whether all columns know their slopes."""
        confidences = [self.outcomes.confidence(each.name) for each in self._careful]
        knows = all(confidence is not None and confidence.has_gradient for confidence in confidences)
        names = [each.name for each in self.goals]
        return knows and self.outcomes.has_gradient(names) and self.outcomes.kept_have_gradients

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All columns (n, k) of candidates (n, d) and their gradients (n, k, d)."""
        told = {each.name: self.outcomes.uncertainty_with_gradient(each.name, X) for each in self._careful}
        others = [each.name for each in self.goals if each.name not in told]
        fields = self.outcomes.values_with_gradients(X, others) | {name: mean for name, (mean, _) in told.items()}
        shown: list[Field] = [fields[each.name] for each in self.goals]
        for each in self._careful:
            (mean, slopes), (error, rises) = told[each.name]
            shown.append((mean - self._sign(each) * error, slopes - self._sign(each) * rises))
        kept, slopes_kept = self.outcomes.kept_values_with_gradients(X)
        values = np.column_stack([*(value for value, _ in shown), kept])
        return values, np.concatenate([np.stack([slopes for _, slopes in shown], axis=1), slopes_kept], axis=1)

    def _sign(self, outcome: OutcomeSpec) -> float:
        return self.risk_aversion if outcome.goal is Goal.MAXIMUM else -self.risk_aversion
