"""How many lineages of a search ended where each of its results is."""

import numpy as np

from optimizer import Candidates, Events, LineageState, Problem, QualityFloor


def ends_of(events: Events) -> Candidates:
    """Return where every lineage of a trace ended, in order of birth.

    That is the best candidate of a lineage that went extinct or lived at the end. One that merged ended on the hill of
    another lineage: it counts as ending where that one did, or, where the trace does not tell which, where it merged.
    One that was dropped ended nowhere, and so did those that merged with it.
    """
    ids, first = np.unique(events.ids[::-1], return_index=True)
    last = len(events) - 1 - first  # the last event of each lineage
    hosts = _hosts(events, ids, last)
    ends = last[hosts]
    return events.bests.take(ends[events.states[ends] != LineageState.DROPPED])


def _hosts(events: Events, ids: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return (n,) for each lineage the place, in ``ids``, of the one on whose hill it ended."""
    hosts = np.arange(len(ids))
    if events.merged_into is None or not len(ids):
        return hosts
    into = np.where(events.states[last] == LineageState.MERGED, events.merged_into[last], -1)
    places = np.searchsorted(ids, into).clip(max=len(ids) - 1)
    hosts = np.where((into >= 0) & (ids[places] == into), places, hosts)
    for _ in range(int(np.ceil(np.log2(len(ids) + 1)))):  # a hill may have become part of another one
        hosts = hosts[hosts]
    return hosts


def lineages_behind(chosen: Candidates, ends: Candidates, problem: Problem, floor: QualityFloor) -> tuple[int, ...]:
    """Return (k,) how many lineages ended nearest to each result, of those that ended well enough to be one.

    A lineage counts if where it ended passes the quality floor, the results among the candidates that this is told by,
    and the gate; and then at the result that is nearest in recorded standard deviations over the free features, of
    equally near ones the better. So the numbers add up to the lineages that led to anything worth showing; one that
    went extinct on a poor hill is behind no result.

    Args:
        chosen: the results, best first.
        ends: where each lineage ended; see `ends_of`.
        problem: of the run.
        floor: that results were chosen above.
    """
    if not len(chosen):
        return ()
    passes = floor.passing(Candidates.concatenate([chosen, ends]))[len(chosen) :]
    X = problem.passing(ends.take(passes)).X
    results, counts = problem.space.scaled(chosen.X), np.zeros(len(chosen), dtype=int)
    nearest = np.full(len(X), np.inf)
    owner = np.zeros(len(X), dtype=int)
    scaled = problem.space.scaled(X)
    for k, row in enumerate(results):
        distances = np.linalg.norm(scaled - row, axis=1)
        is_nearer = distances < nearest
        nearest, owner = np.where(is_nearer, distances, nearest), np.where(is_nearer, k, owner)
    np.add.at(counts, owner, 1)
    return tuple(counts.tolist())
