"""The search for several objectives, ask and tell: lineages along reference directions, on several hills.

One generation: children of the lineages and, now and then, candidates of hill-valley tests are evaluated in one call.
All candidates that are little behind the front are kept in one archive, with the hill that each stands on. From it the
lineages of the next generation are chosen anew: some serve a direction best, or fill a gap in the front; others are far
from all these in their settings, and no more behind the front than is allowed, which is less and less. So a lineage
goes on at its best child, begins beside its neighbour, or ends.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from optimizer.checks import AskTellError
from optimizer.methods.asktell import ImmigrantSampler
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.front.directions import distances_along, even_directions, nearest_directions
from optimizer.niches.front.dominance import Scaling, farthest_first, gaps, is_feasible_front, leads
from optimizer.niches.front.hills import SpanningTests, renumbered
from optimizer.niches.front.variation import children_of
from optimizer.problem.candidates import Candidates, Rows
from optimizer.problem.front import FrontCandidates
from optimizer.problem.space import SearchSpace
from optimizer.trace import FrontPlaces, Generation, LineageState

EQUAL = 0.01
"""Shares of the front's width: candidates no farther behind it are as good as it."""
BROKEN = 1e3
"""Widths of the front that what breaks a limit is behind it, and more."""
MAX_KEPT = 1_500
_MAX_COMPARED = 150  # rows of the front that others are compared with
_FIRST_BEHIND, _LAST_BEHIND, _NARROW_AT = 0.5, 0.005, 0.6  # how far behind is allowed, and when the least is reached
_TESTS_AT = 0.25, 0.45, 0.65, 0.85  # shares of the budget used
_TESTS_SHARE = 0.02  # of the budget, for each round of tests
_SPREAD = 0.5  # lineages that are chosen for their settings
_SPREAD_LEAST = 0.1  # the same, once it is known that no two hills serve one direction
_SHARED = 0.1  # directions that two hills serve, from which on settings are different for equal outcomes
_NEWS = 1e-3  # of the front's width that a child has to be ahead of it


@dataclass(frozen=True, slots=True)
class Pool(Rows):
    """The archive: candidates with what the search knows of them.

    Attributes:
        found: (n) the candidates.
        hills: (n,) number of the hill that each stands on.
        lineages: (n,) the lineage whose best it is, -1 where it is none's.
        parents: (n,) the lineage that a newcomer is a child of, else -1.
    """

    found: FrontCandidates
    hills: np.ndarray
    lineages: np.ndarray
    parents: np.ndarray


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far candidates are behind the front among them.

    Attributes:
        found: (n) the candidates.
        is_front: (n,) whether each is on it.
        behind: (n,) how far each is behind.
        scaled: (n, m) scores in the front's unit.
        scaling: which that is.
        rivals: (r, m) scaled scores of the front, as many as others are compared with.
    """

    found: FrontCandidates
    is_front: np.ndarray
    behind: np.ndarray
    scaled: np.ndarray
    scaling: Scaling
    rivals: np.ndarray

    @classmethod
    def of(cls, found: FrontCandidates) -> "_Standing":
        is_front = is_feasible_front(found.scores, found.violations)
        scaling = Scaling.of(found.scores[is_front])
        scaled = scaling.scaled(found.scores)
        rivals = scaled[is_front]
        if len(rivals) > _MAX_COMPARED:
            rivals = rivals[farthest_first(rivals, _MAX_COMPARED, rivals.argmin(axis=0))]
        behind = _behind(found, scaled, rivals)
        behind[is_front & found.is_feasible] = 0.0
        return cls(found, is_front, behind, scaled, scaling, rivals)

    def judged(self, found: FrontCandidates) -> tuple[np.ndarray, np.ndarray]:
        """How far other candidates (n) are behind, (n,), and their scaled scores (n, m)."""
        scaled = self.scaling.scaled(found.scores)
        return _behind(found, scaled, self.rivals), scaled


def _behind(found: FrontCandidates, scaled: np.ndarray, rivals: np.ndarray) -> np.ndarray:
    """(n,) infinite for what has no score; what breaks a limit is far behind, by how much it breaks it."""
    behind = np.where(np.isfinite(found.scores).all(axis=1), BROKEN + found.violations, np.inf)
    rows = np.flatnonzero(found.is_feasible)
    behind[rows] = gaps(scaled[rows], rivals)
    return behind


class FrontSearch:
    """Lineages that share one archive; ask for candidates, tell what they are worth.

    Args:
        n_objectives: at least two.
        n_lineages: how many live at once.
        n_children: candidates per generation.
        n_evaluations: the budget, by which the search plans.
        immigrants: draws the first candidates.
        begin_at: (g, d) candidates that are among the first, or None.
    """

    def __init__(
        self,
        space: SearchSpace,
        n_objectives: int,
        n_lineages: int,
        n_children: int,
        n_evaluations: int,
        immigrants: ImmigrantSampler,
        rng: np.random.Generator,
        *,
        begin_at: np.ndarray | None = None,
    ) -> None:
        self._coordinates = Coordinates.of(space)
        self._n_lineages, self._n_children, self._budget, self._rng = n_lineages, n_children, n_evaluations, rng
        self.directions = even_directions(n_objectives, n_lineages)
        self._pool: Pool | None = None
        self._n_evaluations = self._n_generations = self._n_born = self._n_tests = 0
        self._n_hills = 1
        self._progress = 0.0
        self._tests = SpanningTests.of(np.empty((0, space.n_features)), self._coordinates, 0)
        n_first = int(np.clip(n_evaluations // 30, 1, max(3 * n_lineages, 1)))
        self._children = immigrants.first(max(n_first, min(n_lineages, n_evaluations)), begin_at)
        self._parents = np.full(len(self._children), -1)
        self._is_waiting = False
        self._stood: _Standing | None = None

    @property
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give."""
        return len(self._children) + len(self._tests.X)

    @property
    def progress(self) -> float:
        """How far the front has come, smaller is better: only its changes mean something."""
        return self._progress

    def ask(self) -> np.ndarray:
        """(n_asked, d) candidates to evaluate.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        if self._is_waiting:
            raise AskTellError(f"Tell the results of the last {self.n_asked} candidates before asking again.")
        self._is_waiting = True
        return np.concatenate([self._children, self._tests.X])

    def tell(self, results: FrontCandidates) -> Generation:
        """Learn what the candidates of the last `ask` are worth; the generation that they made.

        Raises:
            AskTellError: nothing was asked for, or the number of results differs.
        """
        if not self._is_waiting:
            raise AskTellError("Ask for candidates before telling their results.")
        if len(results) != self.n_asked:
            raise AskTellError(
                f"tell() needs one result per candidate of ask(): expected {self.n_asked}, got {len(results)}."
            )
        self._is_waiting = False
        self._n_evaluations += len(results)
        before = self._living()
        self._sort_by_hills(results.take(np.arange(len(self._children), len(results))))
        return self._learned(results, np.append(self._parents, np.full(len(self._tests.X), -1)), before)

    def tell_more(self, results: FrontCandidates, n_evaluations: int) -> Generation:
        """Learn of candidates that others made of the archive's, between two generations; the generation that they are.

        Args:
            results: the candidates.
            n_evaluations: what they cost.
        """
        self._n_evaluations += n_evaluations
        return self._learned(results, np.full(len(results), -1), self._living())

    def _learned(self, results: FrontCandidates, parents: np.ndarray, before: Pool | None) -> Generation:
        """Take candidates in, choose lineages, plan the next generation; the one that this was."""
        self._take_in(results, parents)
        self._choose()
        generation = self._generation(before, results.n_nonfinite)
        self._n_generations += 1
        self._plan()
        return generation

    def kept(self) -> tuple[FrontCandidates, np.ndarray, np.ndarray]:
        """The archive (n), best first; the hill that each candidate stands on, and how far it is behind, (n,) each."""
        if self._pool is None:
            raise AskTellError("Nothing was evaluated yet.")
        behind = self._standing(self._pool).behind
        order = np.argsort(behind, kind="stable")
        pool = self._pool.take(order)
        return pool.found, pool.hills, behind[order]

    def _living(self) -> Pool | None:
        if self._pool is None:
            return None
        rows = np.flatnonzero(self._pool.lineages >= 0)
        return self._pool.take(rows[np.argsort(self._pool.lineages[rows])])

    def _standing(self, pool: Pool) -> _Standing:
        if self._stood is None or self._stood.found is not pool.found:
            self._stood = _Standing.of(pool.found)
        return self._stood

    def _take_in(self, results: FrontCandidates, parents: np.ndarray) -> None:
        """Add evaluated candidates to the pool, of which the front and what is little behind it stay.

        Args:
            parents: (n,) the lineages that they are children of, else -1.
        """
        none = np.full(len(results), -1)
        new = Pool(results, self._hills_near(results.X), none, parents)
        self._note_progress(results)
        pool = new if self._pool is None else Pool.concatenate([replace(self._pool, parents=self._pool.lineages), new])
        behind = self._standing(pool).behind
        allowed = max(self._allowed, float(np.sort(behind)[min(len(behind), self._n_lineages) - 1]))
        rows = np.flatnonzero((behind <= allowed) & np.isfinite(behind))
        if len(rows) > MAX_KEPT:
            is_other = pool.lineages[rows] < 0
            rows = rows[np.lexsort((self._rng.random(len(rows)), behind[rows], is_other))[:MAX_KEPT]]
        self._pool = pool if len(rows) == len(pool.found) else pool.take(np.sort(rows))

    @property
    def _share_used(self) -> float:
        return self._n_evaluations / self._budget

    @property
    def _allowed(self) -> float:
        """How far behind the front a candidate may be."""
        early = max(0.0, 1 - self._share_used / _NARROW_AT)
        return _LAST_BEHIND + (_FIRST_BEHIND - _LAST_BEHIND) * early**2

    def _note_progress(self, results: FrontCandidates) -> None:
        if self._pool is None or not len(self._pool.found):
            self._progress -= 1.0
            return
        stood = self._standing(self._pool)
        least = self._pool.found.violations[stood.is_front].min()
        is_known = np.isfinite(results.scores).all(axis=1)
        if (results.violations[is_known] < least).any():
            self._progress -= 1.0
            return
        rows = is_known & (results.violations <= least)
        most = float(leads(stood.scaling.scaled(results.scores[rows]), stood.rivals).max(initial=0.0))
        self._progress -= most if most > _NEWS else 0.0

    def _choose(self) -> None:
        """Choose the lineages of the next generation from the pool, and say which goes on as which."""
        assert self._pool is not None
        pool = self._pool
        if not len(pool.found):
            return
        stood = self._standing(pool)
        scaled, is_front = stood.scaled, stood.is_front
        n_spread = int(self._spread * self._n_lineages)
        front = np.flatnonzero(is_front)
        serving = np.unique(distances_along(scaled[front], self.directions).argmin(axis=0))
        n_serving = self._n_lineages - n_spread
        if len(serving) > n_serving:
            serving = serving[farthest_first(scaled[front][serving], n_serving, np.zeros(1, dtype=int))]
        rows = front[farthest_first(scaled[front], n_serving, serving)]
        rows = farthest_first(self._coordinates.keys(pool.found.X), self._n_lineages, rows)
        lineages = np.full(len(pool.found), -1)
        lineages[rows] = pool.lineages[rows]
        new = rows[lineages[rows] < 0]
        gone = set(pool.lineages[pool.lineages >= 0].tolist()) - set(lineages[rows].tolist())
        for row, parent in zip(new.tolist(), pool.parents[new].tolist(), strict=True):
            if parent in gone:  # it goes on at its child
                lineages[row] = parent
                gone.discard(parent)
            else:
                lineages[row] = self._n_born
                self._n_born += 1
        self._pool = replace(pool, lineages=lineages, parents=lineages)

    @property
    def _spread(self) -> float:
        """The share of the lineages that are chosen for their settings."""
        if not self._n_tests:
            return _SPREAD
        assert self._pool is not None
        stood = self._standing(self._pool)
        rows = np.flatnonzero(stood.behind <= EQUAL)
        if not len(rows):
            return _SPREAD
        cells = np.column_stack([nearest_directions(stood.scaled[rows], self.directions), self._pool.hills[rows]])
        n_hills = np.unique(np.unique(cells, axis=0)[:, 0], return_counts=True)[1]
        return _SPREAD if (n_hills > 1).mean() >= _SHARED else _SPREAD_LEAST

    def _hills_near(self, X: np.ndarray) -> np.ndarray:
        """(n,) the hill of the nearest candidate that is known, for each of ``X`` (n, d)."""
        if self._pool is None or not len(self._pool.found) or self._n_hills == 1:
            return np.zeros(len(X), dtype=int)
        tree = cKDTree(self._coordinates.keys(self._pool.found.X))
        return self._pool.hills[tree.query(self._coordinates.keys(X))[1]]

    def _sort_by_hills(self, between: FrontCandidates) -> None:
        """Learn from the last tests which of the pool stand on one hill."""
        living = self._living()
        if living is None or self._tests.n_members != len(living.found) or not self._tests.n_members:
            return
        assert self._pool is not None
        behind, _ = self._standing(self._pool).judged(FrontCandidates.concatenate([living.found, between]))
        members, others = np.split(behind, [len(living.found)])
        hills = renumbered(self._tests.hills(members, others), living.hills, self._n_hills)
        self._n_hills = max(self._n_hills, int(hills.max()) + 1)
        self._n_tests += 1
        tree = cKDTree(self._coordinates.keys(living.found.X))
        nearest = tree.query(self._coordinates.keys(self._pool.found.X))[1]
        self._pool = replace(self._pool, hills=hills[nearest])

    def _plan(self) -> None:
        """Set what to evaluate next within the budget that is left."""
        living = self._living()
        left = self._budget - self._n_evaluations
        nothing = np.empty((0, self._coordinates.space.n_features))
        self._tests = SpanningTests.of(nothing, self._coordinates, 0)
        if living is None or not len(living.found):
            n = min(self._n_children, left)
            self._children = self._coordinates.space.sample(max(n, 1), self._rng)
            self._parents = np.full(len(self._children), -1)
            return
        if self._n_tests < len(_TESTS_AT) and self._share_used >= _TESTS_AT[self._n_tests]:
            at_most = min(int(_TESTS_SHARE * self._budget), max(left - 1, 0))
            self._tests = SpanningTests.of(living.found.X, self._coordinates, at_most)
        n = max(1, min(self._n_children, left - len(self._tests.X)))
        k = len(living.found)
        parents = np.concatenate([self._rng.permutation(k) for _ in range(-(-n // k))])[:n]
        self._children = children_of(living.found.X, parents, self._coordinates, self._rng)
        self._parents = living.lineages[parents]

    def _generation(self, before: Pool | None, n_nonfinite: int) -> Generation:
        """What happened to every lineage; one that ended is told with its last best."""
        now = self._living()
        assert now is not None and self._pool is not None
        ended = now.take(np.zeros(0, dtype=int))
        if before is not None:
            ended = before.take(~np.isin(before.lineages, now.lineages))
        everyone = Pool.concatenate([now, ended])
        everyone = everyone.take(np.argsort(everyone.lineages))
        was = (
            {}
            if before is None
            else {int(i): x.tobytes() for i, x in zip(before.lineages, before.found.X, strict=True)}
        )
        gone = set(ended.lineages.tolist())

        def state(lineage: int, x: np.ndarray) -> LineageState:
            if lineage not in was:
                return LineageState.BORN
            if lineage in gone:
                return LineageState.EXTINCT
            return LineageState.STALLED if x.tobytes() == was[lineage] else LineageState.IMPROVED

        found = everyone.found
        states = [state(int(i), x) for i, x in zip(everyone.lineages, found.X, strict=True)]
        behind, scaled = self._standing(self._pool).judged(found)
        return Generation(
            number=self._n_generations,
            evaluations=self._n_evaluations,
            ids=everyone.lineages,
            states=np.array(states, dtype=int),
            bests=Candidates(found.X, behind, found.outcomes[:, 0], found.penalties),
            n_nonfinite=n_nonfinite,
            places=FrontPlaces(
                outcomes=found.outcomes,
                violations=found.violations,
                directions=nearest_directions(scaled, self.directions),
                hills=everyone.hills,
                is_front=behind <= 0,
            ),
        )
