"""The settings of the search by niches."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_choice
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource, run_ask_tell, usual_source
from optimizer.methods.lineages import LineageSettings
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.finish import budget_of_polish, polished
from optimizer.niches.search import NicheSearch
from optimizer.problem.problem import Problem
from optimizer.trace.outcome import NO_HOOKS, Budget, Hooks, SearchOutcome, StopReason

MAX_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class NicheSettings:
    """The search by niches: lineages that are good local searches, each on a hill of its own.

    A lineage climbs by CMA-ES, helped by a quadratic model of its own children. Hill-valley tests end one that climbs
    a known hill (merged); one that comes to its end on a hill of its own (extinct) leaves an optimum in the archive.
    New lineages are drawn anew, crossed from good optima or hopped from one. Where gradients are known, the best
    different candidates and some fresh starts follow them at the end to the very optimum. In a space with nothing
    numeric to move, plain lineages search.

    Attributes:
        n_lineages: how many may live at once; fewer where the budget would not bring so many to their end.
        spread: share of the later budget for different good candidates between and beyond the optima; it does not
            find optima.
        immigrants_from: random candidates, recorded rows moved inside the space (`Problem.passing_starts`), or both;
            None for both where there are recorded rows.

    Raises:
        SpaceError: a setting is out of range.
    """

    name: ClassVar[str] = "niches"
    is_steerable: ClassVar[bool] = True

    n_lineages: int = 40
    spread: float = 0.0
    immigrants_from: ImmigrantSource | None = None

    def __post_init__(self) -> None:
        """Refuse settings that leave nothing to search with."""
        check_at_least("The number of lineages", self.n_lineages, 1)
        if not 0 <= self.spread <= MAX_SPREAD:
            raise SpaceError(
                f"The share of the budget that spreads out lies between 0 and {MAX_SPREAD}, got {self.spread}: "
                "what is left finds the optima."
            )
        if self.immigrants_from is not None:
            source = check_choice("Newcomers come from", self.immigrants_from, ImmigrantSource)
            object.__setattr__(self, "immigrants_from", source)  # "recorded" is as good as NewcomersFrom.RECORDED

    def n_first(self, n_free: int) -> int:
        """Return the evaluations of the first generation that it cannot do without."""
        return 1

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What niches find within the budget; see `Method.run`."""
        source = self.immigrants_from or usual_source(problem.starts)
        if not Coordinates.of(problem.space).n:
            plain = LineageSettings(immigrants_from=source)
            return plain.run(problem, budget, rng, hooks)
        immigrants = ImmigrantSampler(problem.space, source, problem.passing_starts, rng)
        kept = budget_of_polish(problem, budget.evaluations)
        climbing = replace(budget, evaluations=budget.evaluations - kept)
        niches = NicheSearch(
            problem.space,
            self.n_lineages,
            self.spread,
            climbing.evaluations,
            immigrants,
            rng,
            begin_at=problem.begin_at,
            distinct=hooks.distinct,
        )
        outcome = run_ask_tell(niches, problem, climbing, hooks)
        if not kept or outcome.stop_reason is not StopReason.BUDGET or hooks.should_stop():
            return outcome
        left = budget.evaluations - outcome.n_evaluations
        return polished(problem, outcome, left, immigrants, rng, hooks.on_generation, niches.is_dropped)
