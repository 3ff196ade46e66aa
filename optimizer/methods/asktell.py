"""Methods that hand out candidates and take in what they are worth: the loop around them."""

import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.trace.outcome import NO_HOOKS, Budget, Hooks, Progress, SearchOutcome, check_first_generation
from optimizer.trace.trace import Decision, Generation

MAX_SHAPE_BYTES = 64 * 2**20
"""Of Gaussians kept in the trace of a search; those of later generations are told, and not kept."""


class AskTell(Protocol):
    """A search that is asked for candidates and told their results, a generation at a time."""

    @property
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give."""

    @property
    def archive(self) -> Candidates:
        """The best candidate of every lineage that ended."""

    @property
    def living(self) -> Candidates:
        """The best candidate of every living lineage."""

    @property
    def good(self) -> Candidates | None:
        """Further good candidates that were evaluated on the way, or None where none are kept."""

    def ask(self) -> np.ndarray:
        """Return (n_asked, d) candidates to evaluate."""

    def tell(self, results: Candidates) -> Generation:
        """Take in what the candidates of the last `ask` are worth, and return the generation they made."""

    def steer(self, decisions: Sequence[Decision]) -> Generation:
        """Heed what the user decided, and return the generation that tells of it; asked after a `tell` only."""


def run_ask_tell(
    search: AskTell,
    problem: Problem,
    budget: Budget,
    hooks: Hooks = NO_HOOKS,
) -> SearchOutcome:
    """Return what an ask/tell search finds within the budget; a stop keeps everything found so far.

    A generation that the budget does not reach for is not begun.

    Args:
        search: a new one; it holds the randomness.
        problem: what is searched.
        budget: when to end.
        hooks: called on the way.

    Raises:
        SpaceError: the budget does not reach for the first generation.
    """
    check_first_generation(search.n_asked, budget.evaluations)
    progress = Progress(budget, hooks)
    trace: list[Generation] = []
    seconds_evaluating, n_shape_bytes = 0.0, 0

    def note(generation: Generation) -> None:
        nonlocal n_shape_bytes
        if generation.covariances is not None:
            n_shape_bytes += generation.covariances.nbytes
        trace.append(generation if n_shape_bytes <= MAX_SHAPE_BYTES else generation.without_shapes())
        hooks.on_generation(generation)

    while (reason := progress.stop_reason(trace[-1].evaluations if trace else 0, search.n_asked)) is None:
        X = search.ask()
        before = time.perf_counter()
        results = problem.evaluate(X)
        seconds_evaluating += time.perf_counter() - before
        generation = search.tell(results)
        progress.note(generation)
        note(generation)
        if decisions := progress.decisions(generation.number):
            note(search.steer(decisions))
            progress.forget()
    return SearchOutcome(
        archive=search.archive,
        living=search.living,
        trace=tuple(trace),
        stop_reason=reason,
        seconds=progress.seconds,
        seconds_evaluating=seconds_evaluating,
        good=search.good,
    )
