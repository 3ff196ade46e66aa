"""A whole search in one call: by any method for a problem, and for any function of arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError
from optimizer.features import Numeric
from optimizer.methods.bayesian import Bayesian
from optimizer.methods.cma_es import CmaEs
from optimizer.methods.lineages import LineageSettings
from optimizer.methods.method import Method, is_steerable
from optimizer.methods.random_search import RandomSearch
from optimizer.methods.scipy_methods import DifferentialEvolution, DualAnnealing, Multistart
from optimizer.niches.archive import LEVEL
from optimizer.niches.settings import NicheSettings
from optimizer.problem.answers import Answers
from optimizer.problem.candidates import Candidates
from optimizer.problem.objective import Goal, Objective
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace
from optimizer.results import QualityFloor, representatives
from optimizer.trace import NO_HOOKS, Budget, Generation, Hooks, SearchOutcome, check_first_generation

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        NicheSettings(),
        LineageSettings(),
        DifferentialEvolution(),
        DualAnnealing(),
        Multistart(),
        CmaEs(),
        Bayesian(),
        RandomSearch(),
    )
}
"""Every method by its name, with its default settings."""

DEFAULT_METHOD = "niches"


N_SCALE_SAMPLES = 256  # candidates that give the unit of scores
_SAME_HILL = 0.005  # distance, in widths of the bounds, within which two equally good candidates are taken for one


def method_of(given: Method | str) -> Method:
    """The method that a name stands for, with its default settings, or the method given.

    Raises:
        SpaceError: there is no method of that name, or it is no method.
    """
    if isinstance(given, str):
        if given not in METHODS:
            raise SpaceError(f"There is no method '{given}'; there are {', '.join(METHODS)}.")
        return METHODS[given]
    if isinstance(given, type):
        raise SpaceError(f"A method is an object, got the class {given.__name__}: write {given.__name__}().")
    if not isinstance(given, Method):
        raise SpaceError(
            f"A method is a name ({', '.join(METHODS)}) or an object with `name`, `n_first` and `run`, "
            f"got {type(given).__name__}."
        )
    return given


def search(
    problem: Problem,
    method: Method,
    budget: Budget,
    rng: np.random.Generator,
    hooks: Hooks = NO_HOOKS,
) -> SearchOutcome:
    """What a method finds within the budget; a stop keeps everything found so far.

    Args:
        rng: the same state gives the same outcome, trace included.

    Raises:
        SpaceError: the budget does not reach for the first generation, the method cannot search such a space, or it
            shall be steered and cannot be.
    """
    check_first_generation(method.n_first(len(problem.space.free)), budget.evaluations)
    if hooks.decide is not None and not is_steerable(method):
        raise SpaceError(
            f"The method '{method.name}' cannot be steered while it runs, for its lineages are not its own: "
            "search by 'niches' or 'lineages', or leave the decisions out."
        )
    return method.run(problem, budget, rng, hooks=hooks)


@dataclass(frozen=True, slots=True)
class Optimum:
    """What `optimize` found.

    Attributes:
        representatives: different good candidates, best first.
        archive: the optima found, with their values, best first. By niches, each hill once and only those as good as
            the best one; by the other methods, the best candidate of every lineage, several of which may be one hill's.
    """

    representatives: Candidates
    archive: Candidates
    search: SearchOutcome


def optimize(
    function: Callable[[np.ndarray], np.ndarray],
    bounds: Sequence[tuple[float, float]],
    *,
    budget: int = 20_000,
    seed: int = 0,
    method: Method | str = DEFAULT_METHOD,
    n_results: int = 5,
    maximize: bool = False,
    floor: QualityFloor | None = None,
    distinct: float = 0.3,
    on_generation: Callable[[Generation], None] | None = None,
) -> Optimum:
    """Several different good optima of a function.

    Args:
        function: maps (n, d) to (n,); called once per generation, for rows that it was not asked before.
        bounds: (low, high) of each of the d variables.
        budget: evaluations at most, 256 of which give the scale of the function.
        seed: the same seed gives the same result.
        method: how to search: a name out of `METHODS`, or a method with settings of your own.
        n_results: representatives wanted; fewer come back when fewer differ.
        maximize: search for the maximum instead of the minimum.
        floor: which candidates may become representatives; by default a percentage of the best.
        distinct: two representatives are at least this far apart, in standard deviations of a uniform draw.

    Raises:
        SpaceError: bounds or budget are out of range, there is no such method, or the function gives something else
            than (n,) numbers.
    """
    chosen_method = method_of(method)
    rng = np.random.default_rng(seed)
    space = SearchSpace.from_bounds(bounds)
    n_samples = min(N_SCALE_SAMPLES, max(budget // 20, 2), max(budget - 1, 0))  # one is left for the search
    answers = Answers()

    def ask(X: np.ndarray) -> np.ndarray:
        return answers.of(X, function)

    values = ask(space.sample(n_samples, rng)) if n_samples else np.empty(0)
    spread = float(np.std(values[np.isfinite(values)])) if np.isfinite(values).any() else 0.0
    objective = Objective(Goal.MAXIMUM if maximize else Goal.MINIMUM, scale=spread or 1.0)
    hooks = Hooks(on_generation) if on_generation else NO_HOOKS
    found = search(Problem(space, ask, objective), chosen_method, Budget(budget - n_samples), rng, hooks)
    chosen = representatives(found.found, space, n_results, floor or QualityFloor(), rng, distinct)
    return Optimum(chosen, _optima(found, space, chosen_method), found)


def _optima(found: SearchOutcome, space: SearchSpace, method: Method) -> Candidates:
    everyone = Candidates.concatenate([found.archive, found.living]).by_score()
    if not isinstance(method, NicheSettings) or not len(everyone):
        return everyone
    elites = found.archive.take(found.archive.scores <= everyone.scores[0] + LEVEL)
    living = found.living.take(found.living.scores <= everyone.scores[0] + LEVEL)
    widths = np.array([(f.high - f.low) or 1.0 for f in space.features if isinstance(f, Numeric)])
    for k in range(len(living)):  # one that the budget kept from its last test may be on a hill already known
        one = living.take(np.array([k]))
        if (np.linalg.norm((elites.X - one.X) / widths, axis=1) > _SAME_HILL).all():
            elites = Candidates.concatenate([elites, one])
    return elites.by_score()
