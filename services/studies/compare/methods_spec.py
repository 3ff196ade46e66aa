"""What a comparison of methods asks for and what it gives, as documents."""

from collections.abc import Iterable
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from optimizer import FloorKind, QualityFloor
from services.specs.base import Spec
from services.specs.method import MethodSpec, check_methods, method_named
from services.specs.results import ResultDocument
from services.specs.run import BudgetSpec, RunSpec

MAX_SEEDS = 10
USUAL_METHODS = (
    "niches",
    "lineages",
    "differential_evolution",
    "cma_es",
    "multistart",
    "bayesian",
    "random_search",
)
MOST_EVALUATIONS = {"bayesian": 500}
"""Of methods that take long over each candidate themselves: what they are given at most."""


class ComparisonSpec(Spec):
    """Which run is searched, and by which methods: all that a comparison of methods depends on.

    Attributes:
        run: the problem, its budget of evaluations, and its seed; how it is searched does not count, but knobs of a
            method that it sets are kept for that method.
        methods: names out of `METHODS`, each once.
        n_seeds: every method is run so often, with the run's seed and those that follow it.
    """

    version: int = 1
    run: RunSpec
    methods: tuple[str, ...] = Field(default=USUAL_METHODS, min_length=1)
    n_seeds: int = Field(default=1, ge=1, le=MAX_SEEDS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse methods that there are not, and any that is named twice."""
        check_methods(self.methods)
        if len(set(self.methods)) < len(self.methods):
            raise ValueError(f"Each method must be named once, got {', '.join(self.methods)}.")
        return self

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every method's searches."""
        return tuple(range(self.run.seed, self.run.seed + self.n_seeds))

    def asks_as(self, other: "ComparisonSpec") -> bool:
        """Whether another comparison gives the same: what the run says of its own search does not count."""
        is_same = (self.methods, self.seeds) == (other.methods, other.seeds)
        named = other.model_copy(update={"run": other.run.model_copy(update={"name": self.run.name})})
        return is_same and all(self.run_by(name, 0) == named.run_by(name, 0) for name in self.methods)

    def method(self, name: str) -> MethodSpec:
        """A method as it takes part: with the run's own knobs where it is the run's."""
        return self.run.method if self.run.method.name == name else method_named(name)

    def evaluations(self, name: str) -> int:
        """How many candidates a method may evaluate: the run's budget, less for those that are capped."""
        return min(self.run.budget.evaluations, MOST_EVALUATIONS.get(name, self.run.budget.evaluations))

    def run_by(self, name: str, seed: int) -> RunSpec:
        """The search of a method: it ends by its evaluations alone, and nothing is compared or steered."""
        changes: dict[str, object] = {"method": self.method(name), "seed": seed, "is_compared": False}
        changes |= {"budget": BudgetSpec(evaluations=self.evaluations(name))}
        changes |= {"decisions": (), "starts": ()}  # of one method's lineages
        return self.run.revised(**changes)


class Entry(ResultDocument):
    """One search by one method.

    The distinct candidates are all good ones that differ: the best of what the search found, then again and again the
    best of those that lie as far from all before as results have to.

    Attributes:
        method: its name.
        seed: of the search.
        n_evaluations: candidates evaluated.
        seconds: processor time of the search, which does not depend on what else the computer does.
        best: objective of the best candidate that may become a result, or None without one.
        best_score: its score, penalties included.
        best_size: how far it lies from zero, or from the value searched for, in standard deviations of the objective;
            1 at least (see `gaps_to_best`).
        scores: of the distinct candidates, best first.
        plausibility: of these, in %, or None where nothing judges them.
        share_passing: share of all candidates found that pass the gate, or None without a gate.
        share_within_rules: share of them that meet every rule, or None without rules.
        evaluations: evaluations after which the best got better, ascending, and the last.
        course: objective of the best candidate then.
    """

    method: str
    seed: int
    n_evaluations: int
    seconds: float
    best: float | None
    best_score: float | None
    best_size: float = 1.0
    scores: tuple[float, ...] = ()
    plausibility: tuple[float, ...] | None = None
    share_passing: float | None = None
    share_within_rules: float | None = None
    evaluations: tuple[int, ...] = ()
    course: tuple[float, ...] = ()


class LeftOut(ResultDocument):
    """A method that cannot search the problem, or a search that failed.

    Attributes:
        method: its name.
        seed: of the search that failed, or None where the method cannot search such a problem at all.
        words: why, for the user.
    """

    method: str
    seed: int | None = None
    words: str


class ComparisonResult(ResultDocument):
    """What the methods gave, in the order in which they were asked for; after a stop, what was done.

    Attributes:
        spec: what was asked for.
        entries: one for every search that was done.
        left_out: methods that cannot search the problem, and searches that failed.
    """

    version: int = 1
    spec: ComparisonSpec
    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(cls, spec: ComparisonSpec, pieces: Iterable[Entry | LeftOut]) -> "ComparisonResult":
        """What pieces of a comparison, in whatever order they came, make together."""
        ordered = sorted(pieces, key=lambda piece: (spec.methods.index(piece.method), piece.seed or 0))
        entries = tuple(piece for piece in ordered if isinstance(piece, Entry))
        return cls(spec=spec, entries=entries, left_out=tuple(p for p in ordered if isinstance(p, LeftOut)))

    def of_method(self, name: str) -> tuple[Entry, ...]:
        """The searches of a method."""
        return tuple(entry for entry in self.entries if entry.method == name)

    def n_within(self, entry: Entry) -> int:
        """How many of an entry's distinct candidates lie within the floor of the best that any method found."""
        return int((np.array(entry.scores) <= self._floor).sum())

    @property
    def floor_words(self) -> str:
        """Which candidates count as good, in words."""
        floor = self.floor
        if floor.kind is FloorKind.WITHIN:
            return f"within {floor.amount:g} std. dev. of the best that any method found"
        return f"within {floor.amount:g} % of the best that any method found"

    @property
    def floor(self) -> QualityFloor:
        """The run's own floor; the usual one where that is a share of each search's own, which compares nothing."""
        own = self.spec.run.floor
        return QualityFloor() if own.kind is FloorKind.BEST_SHARE else QualityFloor(own.kind, own.amount)

    @property
    def _floor(self) -> float:
        """The worst score that counts as good."""
        scores = [entry.best_score if entry.best_score is not None else np.inf for entry in self.entries]
        if not scores or not np.isfinite(min(scores)):
            return -np.inf
        best = self.entries[int(np.argmin(scores))]
        assert best.best_score is not None
        room = self.floor.amount if self.floor.kind is FloorKind.WITHIN else self.floor.amount / 100 * best.best_size
        return best.best_score + room * (1 + 1e-12) + 1e-12
