"""Methods that run in a library's own loop: everything they evaluate goes through one monitor.

The monitor counts evaluations, keeps to the budget, to the clock and to the user's stop, makes generations of what it
sees, and keeps the best of every lineage. It ends a loop that is not ours by an exception, so nothing found is lost
and the budget is never exceeded.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from optimizer.checks import SpaceError
from optimizer.features import Categorical, Numeric
from optimizer.methods.method import CheckedSettings
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace
from optimizer.trace import NO_HOOKS, Budget, Generation, Hooks, LineageState, Recorder, SearchOutcome, StopReason

_DIFFERENCE = 1e-6  # of a feature's range: fine for double precision, and above the rounding of single precision
_NOT_A_NUMBER = 1e50  # given to a library in place of an infinite score: worse than any, and its square is still finite


class BudgetExhausted(Exception):  # noqa: N818 - it is no error
    """The search is over: raised through a library's loop, never to be caught on the way."""


class EvaluationMonitor:
    """Sees every candidate that a method evaluates, and makes lineages, generations and an archive of them.

    A method begins lineages, evaluates candidates for them, and ends them. A lineage is born with its first finite
    score. Its best goes to the archive when it ends.

    Args:
        n_per_generation: evaluations that make a generation, at least.
    """

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        n_per_generation: int,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self._recorder = Recorder(problem, budget, hooks)
        self.problem = self._recorder.problem
        self.n_evaluations = 0
        self.failure: Exception | None = None
        self._budget = budget
        self._n_per_generation = n_per_generation
        self._reason: StopReason | None = None
        self._n_begun = 0
        self._pending: list[tuple[Candidates, np.ndarray]] = []
        self._n_closed = 0  # evaluations in closed generations
        self._ended: set[int] = set()
        nothing = Candidates.empty(problem.space.n_features)
        self._ids, self._bests = np.empty(0, dtype=int), nothing
        self._archive = [nothing]

    def begin(self, n: int = 1) -> np.ndarray:
        """(n,) numbers of new lineages."""
        self._n_begun += n
        return np.arange(self._n_begun - n, self._n_begun)

    def end(self, ids: np.ndarray) -> None:
        """Let these lineages go extinct in the next generation that closes."""
        self._ended.update(ids.tolist())

    def evaluate(self, X: np.ndarray, ids: np.ndarray) -> Candidates:
        """The candidates ``X`` (n, d) with their scores, row i for the lineage ``ids[i]``.

        Raises:
            BudgetExhausted: the search is over. Candidates that the budget still allowed have been evaluated.
        """
        n = self._allowed(len(X))
        with self._kept_failure():
            results = self.problem.evaluate(X[:n])
        return self._noted(results, ids, len(X))

    def evaluate_with_gradient(self, X: np.ndarray, ids: np.ndarray) -> tuple[Candidates, np.ndarray]:
        """What `evaluate` does, and (n, d) the gradient of the score; a row counts as one evaluation.

        Raises:
            BudgetExhausted: the search is over.
        """
        n = self._allowed(len(X))
        with self._kept_failure():
            results, gradient = self.problem.evaluate_with_gradient(X[:n])
        return self._noted(results, ids, len(X)), gradient

    def outcome(self) -> SearchOutcome:
        """What was found so far."""
        if self._pending:
            self._close()
        archive = Candidates.concatenate(self._archive)
        return self._recorder.outcome(archive, self._bests, self._reason or StopReason.NO_IMPROVEMENT)

    def _allowed(self, n: int) -> int:
        """How many of the next ``n`` candidates may be evaluated, at least one."""
        self._reason = self._recorder.stop_reason(self.n_evaluations, 1)
        if self._reason is not None:
            raise BudgetExhausted
        return min(n, self._budget.evaluations - self.n_evaluations)

    @contextmanager
    def _kept_failure(self) -> Iterator[None]:
        """Keep an error of the model or of a listener: the library may make something else of it on its way out."""
        try:
            yield
        except Exception as error:
            self.failure = error
            raise

    def _noted(self, results: Candidates, ids: np.ndarray, n_asked: int) -> Candidates:
        """The results once they are counted, or end the search where fewer came than were asked for."""
        self.n_evaluations += len(results)
        self._pending.append((results, ids[: len(results)]))
        if self.n_evaluations - self._n_closed >= self._n_per_generation:
            with self._kept_failure():
                self._close()
        if len(results) < n_asked:
            self._reason = StopReason.BUDGET
            raise BudgetExhausted
        return results

    def _close(self) -> None:
        """Make a generation of what was evaluated since the last one."""
        results = Candidates.concatenate(part for part, _ in self._pending)
        is_finite = np.isfinite(results.scores)
        n_known, before = len(self._ids), self._ids
        ids = np.concatenate([before, np.concatenate([ids for _, ids in self._pending])[is_finite]])
        everything = Candidates.concatenate([self._bests, results.take(is_finite)])
        order = np.lexsort((everything.scores, ids))  # stable: of equals, what a lineage had is its best
        ids, first = np.unique(ids[order], return_index=True)
        rows = order[first]
        states = np.where(rows < n_known, LineageState.STALLED, LineageState.IMPROVED)
        states[np.isin(ids, before) & np.isin(ids, list(self._ended))] = LineageState.EXTINCT
        states[~np.isin(ids, before)] = LineageState.BORN
        generation = Generation(
            number=len(self._recorder.trace),
            evaluations=self.n_evaluations,
            ids=ids,
            states=states,
            bests=everything.take(rows),
            n_nonfinite=results.n_nonfinite,
        )
        self._pending, self._n_closed = [], self.n_evaluations
        is_gone = generation.states == LineageState.EXTINCT
        self._archive.append(generation.bests.take(is_gone))
        self._ended -= set(generation.ids[is_gone].tolist())
        self._ids, self._bests = generation.ids[~is_gone], generation.bests.take(~is_gone)
        self._recorder.add(generation)


class ExternalMethod(CheckedSettings, ABC):
    """A method that runs in a library's own loop, round after round; what a round does is its own (see `Method`).

    Attributes:
        min_per_generation: evaluations that make a generation, at least; 1 makes one of every call.
    """

    __slots__ = ()
    min_per_generation: ClassVar[int] = 1

    @abstractmethod
    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """A function that does one whole search of the library, which is loaded: the clock starts after this.

        Raises:
            SpaceError: the method cannot search such a space.
        """

    def n_first(self, n_free: int) -> int:
        """One: every budget allows a candidate."""
        return 1

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What rounds find within the budget, until one evaluates nothing; see `Method.run`."""
        search_round = self.rounds(problem, rng)
        monitor = EvaluationMonitor(problem, budget, self.min_per_generation, hooks)
        n_before = -1
        try:
            while monitor.n_evaluations > n_before:
                n_before = monitor.n_evaluations
                search_round(monitor)
        except BudgetExhausted:
            pass
        except Exception:
            if monitor.failure is not None:
                raise monitor.failure from None
            raise
        return monitor.outcome()


@dataclass(frozen=True)
class UnitBox:
    """Unit coordinates of the features that can move, one column each.

    A continuous feature runs over its bounds. One with k values, stepped or categorical, has k bins of equal width.
    Every candidate is repaired, so none breaks a bound, a step or a rule.

    Attributes:
        columns: (m,) columns of the features that can move.
        low: (m,) value at 0: the lower bound, the first multiple of the step, or 0 for categories.
        width: (m,) value at 1 less value at 0 for continuous features; the step of the others.
        n_values: (m,) values that the feature can take, 0 for a continuous one.
        is_numeric: (m,) whether values near each other are alike.
    """

    space: SearchSpace
    columns: np.ndarray
    low: np.ndarray
    width: np.ndarray
    n_values: np.ndarray
    is_numeric: np.ndarray

    @classmethod
    def of(cls, space: SearchSpace) -> "UnitBox":
        """The box of a space.

        Raises:
            SpaceError: no feature can move.
        """
        axes = [(j, *_axis(space.features[j])) for j in space.free.tolist()]
        axes = [axis for axis in axes if axis[3] != 1]
        if not axes:
            raise SpaceError(
                "Every free feature can take one value only, so this method has nothing to search: widen the bounds."
            )
        columns, low, width, n_values, is_numeric = (np.array(values) for values in zip(*axes, strict=True))
        return cls(space, columns, low.astype(float), width.astype(float), n_values, is_numeric)

    @property
    def n(self) -> int:
        """How many coordinates there are."""
        return len(self.columns)

    @cached_property
    def _deviations(self) -> np.ndarray:
        """(d,) standard deviations of the free numeric features, 1 for the others."""
        features = self.space.features
        return np.array([f.std if isinstance(f, Numeric) and f.is_free else 1.0 for f in features])

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The bounds of every coordinate, as SciPy takes them."""
        return [(0.0, 1.0)] * self.n

    @property
    def differences(self) -> np.ndarray:
        """(m,) steps of finite differences: one value further for stepped features, 0 for categorical ones."""
        steps = np.where(self.n_values > 0, 1 / np.maximum(self.n_values, 1), _DIFFERENCE)
        return np.where(self.is_numeric, steps, 0.0)

    def levels(self, U: np.ndarray) -> np.ndarray:
        """(n, m) the number of the value that each coordinate of ``U`` (n, m) stands for, 0 for continuous."""
        return np.clip(np.floor(U * self.n_values), 0, np.maximum(self.n_values - 1, 0))

    def candidates(self, U: np.ndarray) -> np.ndarray:
        """(n, d) the repaired candidates at the coordinates ``U`` (n, m)."""
        U = np.clip(U, 0.0, 1.0)
        values = self.low + self.width * np.where(self.n_values > 0, self.levels(U), U)
        X = np.zeros((len(U), self.space.n_features))
        X[:, self.columns] = values
        for j in self.space.free:
            feature = self.space.features[j]
            if isinstance(feature, Categorical):  # the number of a category among the allowed ones becomes its code
                X[:, j] = np.array(feature.codes)[X[:, j].astype(int)]
        return self.space.repair(X)

    def coordinates(self, X: np.ndarray) -> np.ndarray:
        """(n, m) the coordinates of candidates ``X`` (n, d), the middle of its bin for a stepped value."""
        values = X[:, self.columns].astype(float)
        for i, j in enumerate(self.columns):
            feature = self.space.features[j]
            if isinstance(feature, Categorical):
                values[:, i] = [feature.codes.index(int(code)) for code in X[:, j]]
        relative = (values - self.low) / self.width
        binned = (np.rint(relative) + 0.5) / np.maximum(self.n_values, 1)
        return np.clip(np.where(self.n_values > 0, binned, relative), 0.0, 1.0)

    def slopes(self, gradient: np.ndarray) -> np.ndarray:
        """(n, m) a gradient by the features (n, d) as one by the coordinates, 0 for categorical ones.

        Under rules, a coordinate moves the others that a sum ties to it, for the candidate is repaired: the part of the
        gradient that would change the sum is left out.
        """
        if self.space.constraints:
            # `project_directions` is for directions; times the squared deviations, a gradient becomes one
            squares = self._deviations**2
            gradient = self.space.project_directions(gradient * squares) / squares
        ranges = self.width * np.maximum(self.n_values, 1)
        return np.where(self.is_numeric, gradient[:, self.columns] * ranges, 0.0)


def _axis(feature: Numeric | Categorical) -> tuple[float, float, int, bool]:
    """Low, width, number of values (0 for continuous) and whether it is numeric."""
    if isinstance(feature, Categorical):
        return 0.0, 1.0, len(feature.codes), False
    if feature.step is not None:
        n_values = int(feature.last_step - feature.first_step) + 1
        return feature.first_step * feature.step, feature.step, n_values, True
    return feature.low, feature.high - feature.low, int(feature.high == feature.low), True


def finite(scores: np.ndarray) -> np.ndarray:
    """(n,) the scores with a huge number for the infinite ones, for libraries that stumble over those."""
    return np.where(np.isfinite(scores), scores, _NOT_A_NUMBER)
