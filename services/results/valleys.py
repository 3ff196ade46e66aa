"""What lies between results: whether a dip separates two of them, or they are one plateau."""

from collections.abc import Iterable
from functools import partial

import numpy as np

from optimizer import Candidates, Categorical, Goal, Problem, SearchSpace
from optimizer.constraints.constraint import listed
from optimizer.features import pairwise_distances
from services.results.names import result_names
from services.specs.digits import MATERIAL_DEVIATIONS, common_decimals, number_words
from services.specs.results import RunResult, Valley

MAX_POINTS, MIN_POINTS = 19, 5  # of a line
MAX_PREDICTIONS = 100_000  # with a curve, each point is one prediction per point of the curve
_LESS_REALISTIC = (
    "the prediction stays about as good, but realism does not: what lies between costs more (penalties, plausibility, "
    "risk aversion)."
)


def find_valleys(problem: Problem, results: Candidates, unit: str, most: int | None = None) -> tuple[Valley, ...]:
    """What lies on the straight lines between results that are neighbours, all asked in one call of the model.

    Neighbours are joined by the shortest lines that connect all results (k - 1 of them), so that each is joined with
    the one nearest to it: between two far ones others lie, and a straight line past these says little. A line's points
    are put on steps and under the rules as every candidate is; categories switch halfway.

    Args:
        most: candidates that may be asked, as far as five points on each line are no more; None for any number.
    """
    pairs = neighbours(problem.space.scaled(results.X))
    if not pairs:
        return ()
    curve = problem.objective.curve
    n_each = MAX_PREDICTIONS // (len(pairs) * (len(curve.grid) if curve else 1))
    if most is not None:
        n_each = min(n_each, most // len(pairs))
    n = int(np.clip(n_each, MIN_POINTS, MAX_POINTS))
    lines = [line(problem.space, results.X[a], results.X[b], n) for a, b in pairs]
    between = problem.evaluate(np.concatenate(lines))
    names = result_names(len(results))
    found = []
    for number, (a, b) in enumerate(pairs):
        ends, middle = results.take(np.array([a, b])), between.take(np.arange(number * n, (number + 1) * n))
        found.append(_between(problem, (a, b), ends, middle, (names[a], names[b]), unit))
    return tuple(found)


def neighbours(scaled: np.ndarray) -> list[tuple[int, int]]:
    """The k - 1 pairs of rows of ``scaled`` (k, p) in the shortest tree that connects all."""
    from scipy.sparse.csgraph import minimum_spanning_tree  # takes its time

    if len(scaled) < 2:
        return []
    # the same for every line, so the tree stays; without it rows that are equal would not be joined
    lengths = np.triu(pairwise_distances(scaled) + 1.0, 1)
    return sorted((int(a), int(b)) for a, b in np.argwhere(minimum_spanning_tree(lengths).toarray()))


def line(space: SearchSpace, a: np.ndarray, b: np.ndarray, n: int) -> np.ndarray:
    """N candidates evenly between two, (n, d), without these themselves."""
    shares = (np.arange(1, n + 1) / (n + 1))[:, None]
    X = a + shares * (b - a)
    for j, feature in enumerate(space.features):
        if isinstance(feature, Categorical):
            X[:, j] = np.where(shares[:, 0] <= 0.5, a[j], b[j])
    return space.repair(X)


def _between(
    problem: Problem, pair: tuple[int, int], ends: Candidates, middle: Candidates, names: tuple[str, str], unit: str
) -> Valley:
    objective, (first, second) = problem.objective, names
    valley = partial(Valley, a=pair[0], b=pair[1])
    if not np.isfinite(middle.scores).all():
        words = f"Between {first} and {second} the model has no finite prediction everywhere."
        return valley(is_plateau=False, dip=0.0, words=words)
    dip = float(objective.scores(middle.outcomes).max() - objective.scores(ends.outcomes).max())
    amount = max(dip, 0.0) * objective.scale
    if middle.scores.max() - ends.scores.max() <= MATERIAL_DEVIATIONS:
        words = f"{first} and {second} lie on one plateau: anything between them does about as well."
        return valley(is_plateau=True, dip=amount, words=words)
    if dip <= MATERIAL_DEVIATIONS:
        words = f"Between {first} and {second} {_LESS_REALISTIC}"
        return valley(is_plateau=False, is_realism=True, dip=amount, words=words)
    size = f"{number_words(amount, common_decimals([amount]))} {unit}".strip()
    words = {
        Goal.MAXIMUM: f"A dip of {size} separates {first} and {second}.",
        Goal.MINIMUM: f"A rise of {size} separates {first} and {second}.",
        Goal.VALUE: f"Between {first} and {second} the prediction is up to {size} farther from the value.",
    }[objective.goal]
    return valley(is_plateau=False, dip=amount, words=words)


def valley_sentences(result: RunResult) -> list[str]:
    """What lies between all results: plateaus first, each as a whole, then what separates neighbours."""
    groups = plateaus(result)
    sentences = [_plateau_words(group, len(result.results)) for group in groups if len(group) > 1]
    sentences += [one.words for one in result.valleys if not (one.is_plateau or one.is_realism)]
    pairs = [f"{one.a + 1} and {one.b + 1}" for one in result.valleys if one.is_realism]
    return [*sentences, f"Between Results {', '.join(pairs)} {_LESS_REALISTIC}"] if pairs else sentences


def neighbour_sentences(result: RunResult, k: int) -> list[str]:
    """What lies between the result at place ``k`` and its neighbours: plateaus, then what separates them."""
    own = [one for one in result.valleys if k in (one.a, one.b)]
    level = _others((one for one in own if one.is_plateau), k)
    costly = _others((one for one in own if one.is_realism), k)
    sentences = [f"It lies on one plateau with {level}: anything between does about as well."] if level else []
    sentences += [one.words for one in own if not (one.is_plateau or one.is_realism)]
    return [*sentences, f"Towards {costly} {_LESS_REALISTIC}"] if costly else sentences


def _others(several: Iterable[Valley], k: int) -> str:
    """Which results lie at the other ends of some lines, such as "Result 3 and Result 4", or ""."""
    names = [f"Result {(one.b if one.a == k else one.a) + 1}" for one in several]
    return listed(names) if names else ""


def plateaus(result: RunResult) -> list[list[int]]:
    """The places of results in groups: those of one plateau together, any other alone."""
    group = list(range(len(result.results)))
    for one in result.valleys:
        if one.is_plateau:
            kept, gone = sorted((group[one.a], group[one.b]))
            group = [kept if place == gone else place for place in group]
    return [[k for k, place in enumerate(group) if place == kept] for kept in sorted(set(group))]


def _plateau_words(group: list[int], n: int) -> str:
    if len(group) == n and n > 2:
        return "All results lie on one plateau: anything between neighbours of them does about as well."
    between = "them" if len(group) == 2 else "neighbours of them"
    numbers = listed([str(k + 1) for k in group])
    return f"Results {numbers} lie on one plateau: anything between {between} does about as well."
