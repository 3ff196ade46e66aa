"""Where new lineages begin: drawn anew, crossed from good optima, or hopped from an optimum.

Hops are those of basin hopping, from local optimum to better local optimum, for hills that stand on a larger hill: a
hop is a mutation of an optimum followed by a climb; its length is adapted by success, as the step of a plain lineage
would be. Half of the hops add the difference of two optima near the head: on regular ranges of hills it leads from top
to top (the mutation of R. Storn, K. Price, "Differential Evolution", J. Global Optim. 11, 1997, on optima).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.methods.asktell import MORE_SHARE, ImmigrantSampler, SteeringState
from optimizer.niches.archive import Optima
from optimizer.niches.coordinates import FIRST_SIGMAS, Coordinates
from optimizer.niches.population import Origin

_CROSSED_SIGMAS = 1e-4, 1e-3, 1e-2
_DRAWN_POOLS = 1, 4, 16  # the best of so many becomes the lineage: some begin anywhere, some where it is good already
_CROSSED_POOL, _CROSSED_EVALUATED, _HOPPED_POOL = 16, 4, 8
_LEAST_OPTIMA = 4  # before there is anything to cross or to hop from
_LEAST_SHARES = np.array([0.25, 0.05, 0.2])
_HOPS_FROM = 0.2  # of the budget: first look everywhere
_GAIN_OF_A_MOVE = 0.2  # of a chain to a better optimum, against 1 for one as good as the best
_MEMORY = 0.995
_AROUND_POOL = 4
_KNOWN = 1e-3, 3e-4  # a crossed or hopped start nearer to a known optimum is none

N_CHAINS = 10
_GROWTH = 1.6
_SHORTEST, _FIRST, _LONGEST = 1e-3, 0.05, 0.3  # hops, as shares of the bounds' width
_N_NEAR = 20
_MAX_MERGED = 4
_SHARE_OF_DIFFERENCES = 0.5


class _Start(NamedTuple):
    """One lineage-to-be: candidates (n, d) of which the best begins it, and its first step size."""

    X: np.ndarray
    sigma: float
    origin: Origin = Origin.DRAWN
    chain: int = -1


@dataclass(frozen=True, slots=True)
class Starts:
    """Candidates at which lineages may begin, several to choose from for each.

    Attributes:
        X: (n, d) candidates.
        groups: (n,) number of the lineage-to-be, 0, 1, 2 ... growing.
        sigmas: (g,) first step size of each.
        origins: (g,) ``Origin`` codes.
        chains: (g,) the chain hopped from, else -1.
    """

    X: np.ndarray
    groups: np.ndarray
    sigmas: np.ndarray
    origins: np.ndarray
    chains: np.ndarray

    def __len__(self) -> int:
        return len(self.origins)

    @classmethod
    def none(cls, n_features: int) -> "Starts":
        """No starts."""
        nothing = np.empty(0, dtype=int)
        return cls(np.empty((0, n_features)), nothing, np.empty(0), nothing, nothing)

    def champions(self, scores: np.ndarray) -> np.ndarray:
        """(g,) row of the best candidate of each lineage-to-be."""
        order = np.lexsort((scores, self.groups))
        return order[np.unique(self.groups[order], return_index=True)[1]]


def first_chosen(scores: np.ndarray, n_given: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) at which of the first candidates lineages begin, ``most`` of them.

    At those that the user gave, the best first; then half of the rest at the best of the others, half at any of those.

    Args:
        scores: (n,) of the first candidates.
        n_given: how many of these, the first ones, the user gave.
    """
    order = np.argsort(scores, kind="stable")
    given, others = order[order < n_given], order[order >= n_given]
    n_best = max(most - n_given, 0) // 2
    chosen = np.concatenate([given, others[:n_best], rng.permutation(others[n_best:])])[:most]
    return np.isin(np.arange(len(scores)), chosen)


@dataclass(slots=True)
class HoppingChain:
    """One chain.

    Attributes:
        head: row of the optimum that it hops from, -1 where it is forgotten.
        length: of its hops per coordinate, a share of the bounds' width.
        n_failed: hops since the last better optimum.
        n_merged: hops that climbed a better hill which was known.
    """

    head: int
    length: float = _FIRST
    n_failed: int = 0
    n_merged: int = 0


class BasinHopping:
    """The chains of a search.

    Args:
        scale: (m,) how far hops go along the coordinates by their mutation strengths, 1 for as usual.
    """

    def __init__(self, optima: Optima, rng: np.random.Generator, scale: np.ndarray | float = 1.0) -> None:
        self._optima = optima
        self._scale = scale
        self._rng = rng
        self._all: list[HoppingChain] = []
        self._living: list[int] = []
        self._used: set[int] = set()

    def head(self, chain: int) -> int:
        """Row of the optimum that a chain hops from."""
        return self._all[chain].head

    def head_score(self, chain: int) -> float:
        """Score of the optimum that a chain hops from, minus infinity where it is forgotten."""
        head = self._all[chain].head
        return float(self._optima.scores[head]) if head >= 0 else -np.inf

    def hop(self, n: int) -> tuple[int, np.ndarray, float] | None:
        """A chain, (n, m) coordinates that it may hop to, and a step size to climb with; None without chains."""
        self._begin()
        if not self._living:
            return None
        number = int(self._rng.choice(self._living))
        chain, m = self._all[number], self._optima.U.shape[1]
        head = self._optima.U[chain.head]
        length = float(np.clip(chain.length * np.exp(0.8 * self._rng.standard_normal()), _SHORTEST, _LONGEST))
        if len(self._optima) > 4 and self._rng.random() < _SHARE_OF_DIFFERENCES:  # from top to top
            near, _ = self._optima.nearest(self._optima.keys[[chain.head]], _N_NEAR)
            pairs = np.array([self._rng.choice(near[0], 2, replace=False) for _ in range(n)])
            moves = self._optima.U[pairs[:, 0]] - self._optima.U[pairs[:, 1]]
            sigma = max(0.03 * float(np.median(np.linalg.norm(moves, axis=1))) / np.sqrt(m), 1e-4)
        else:
            moves = length * self._scale * self._rng.standard_normal((n, m))
            sigma = 0.1 * length
        return number, head + moves, sigma

    def note(self, chain: int, optimum: int, is_new: bool) -> bool:
        """Learn that a climb after a hop of ``chain`` ended on an optimum; whether the chain moves on to it."""
        this, optima = self._all[chain], self._optima
        if chain not in self._living:
            return False
        is_better = optima.scores[optimum] < optima.scores[this.head] - 1e-9
        if is_new and is_better:  # hop on from there, as far as it was to there
            gone = float(np.linalg.norm(optima.U[optimum] - optima.U[this.head])) / np.sqrt(optima.U.shape[1])
            this.head, this.n_failed = optimum, 0
            this.length = float(np.clip(gone, _SHORTEST, _LONGEST))
            self._used.add(optimum)
            if optima.is_elite[optimum]:  # nothing better is known that it could lead to
                self._living.remove(chain)
            return True
        # as in a success rule of one in five: a failure shortens by a fourth of what a success would lengthen
        this.n_failed += 1
        this.length = max(this.length * _GROWTH**-0.25, _SHORTEST)
        this.n_merged += is_better and optimum != this.head
        if this.n_merged >= _MAX_MERGED or this.n_failed > 10 + 5 * optima.U.shape[1]:
            self._living.remove(chain)
        return False

    def keep(self, is_kept: np.ndarray) -> None:
        """End the chains whose optimum is forgotten, and follow the others to their new rows; a mask (a,) of optima."""
        rows = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
        for number, chain in enumerate(self._all):
            chain.head = int(rows[chain.head])
            if chain.head < 0 and number in self._living:
                self._living.remove(number)
        self._used = {int(rows[row]) for row in self._used if is_kept[row]}

    def _begin(self) -> None:
        """Begin one more chain, where there are few, at the best of three optima that none has begun at."""
        if len(self._living) >= N_CHAINS:
            return
        is_open = ~self._optima.is_elite
        is_open[list(self._used)] = False
        rows = np.flatnonzero(is_open)
        if not len(rows):
            return
        drawn = self._rng.choice(rows, size=min(len(rows), 3), replace=False)
        head = int(drawn[self._optima.scores[drawn].argmin()])
        self._used.add(head)
        self._living.append(len(self._all))
        self._all.append(HoppingChain(head))


class Initialiser:
    """Draws starts, more often the way that has led to good optima for what it cost."""

    def __init__(
        self,
        coordinates: Coordinates,
        optima: Optima,
        hopping: BasinHopping,
        immigrants: ImmigrantSampler,
        rng: np.random.Generator,
        steering_state: SteeringState,
    ) -> None:
        self._coordinates = coordinates
        self._optima = optima
        self._hopping = hopping
        self._immigrants = immigrants
        self._rng = rng
        self._steering_state = steering_state
        self._costs = np.zeros(len(Origin))
        self._gains = np.zeros(len(Origin))

    def learn(self, origin: int, chain: int, n_evaluations: int, optimum: int, *, is_new: bool) -> None:
        """Learn what a lineage that ended on an optimum, at a row of the archive, has cost and gained."""
        has_moved = chain >= 0 and self._hopping.note(chain, optimum, is_new)
        gain = 1.0 if is_new and self._optima.is_elite[optimum] else _GAIN_OF_A_MOVE * has_moved
        self.credit(origin, n_evaluations, gain)

    def credit(self, origin: int, n_evaluations: int, gain: float) -> None:
        """Note what a lineage of an origin cost, and what it gained: 1 for a new optimum as good as the best."""
        self._costs *= _MEMORY
        self._gains *= _MEMORY
        self._costs[origin] += (n_evaluations + _CROSSED_POOL * (origin == Origin.CROSSED)) / 100
        self._gains[origin] += gain

    def first_sigmas(self, n: int) -> np.ndarray:
        """(n,) step sizes of drawn lineages."""
        return np.exp(self._rng.uniform(np.log(FIRST_SIGMAS[0]), np.log(FIRST_SIGMAS[1]), n))

    def draw(self, n: int, share_used: float) -> Starts:
        """Starts of at most ``n`` lineages.

        Args:
            share_used: of the budget.
        """
        drawing: dict[int, Callable[[], _Start | None]] = {
            Origin.DRAWN: self._drawn,
            Origin.CROSSED: self._crossed,
            Origin.HOPPED: self._hopped,
        }
        starts: list[_Start] = []
        for origin in self._origins(n, share_used).tolist():
            if self._steering_state.favoured and self._rng.random() < MORE_SHARE:
                starts.append(self._around())
            elif (start := drawing[origin]()) is not None:
                starts.append(start)
        if (
            not starts
        ):  # all that was crossed or hopped to is known, and a generation without candidates would be the end
            starts.append(self._drawn())
        return Starts(
            X=np.concatenate([start.X for start in starts]),
            groups=np.repeat(np.arange(len(starts)), [len(start.X) for start in starts]),
            sigmas=np.array([start.sigma for start in starts]),
            origins=np.array([start.origin for start in starts]),
            chains=np.array([start.chain for start in starts]),
        )

    def _origins(self, n: int, share_used: float) -> np.ndarray:
        """(n,) how the next lineages shall begin: more often the way that gained more for its evaluations."""
        if len(self._optima) < _LEAST_OPTIMA:
            return np.full(n, Origin.DRAWN)
        is_open = np.array([1.0, 1.0, float(share_used > _HOPS_FROM)])
        least = _LEAST_SHARES * is_open
        rates = (self._gains + 0.5) / (self._costs + 5) * is_open
        return self._rng.choice(len(Origin), size=n, p=least + (1 - least.sum()) * rates / rates.sum())

    def _around(self) -> _Start:
        return _Start(self._steering_state.around(_AROUND_POOL, self._rng), float(self.first_sigmas(1)[0]))

    def _drawn(self) -> _Start:
        X = self._immigrants.draw(int(self._rng.choice(_DRAWN_POOLS)))
        return _Start(X, float(self.first_sigmas(1)[0]))

    def _crossed(self) -> _Start | None:
        """Candidates that have each feature from one of two good optima, where these are not known yet.

        All that lineages keep comes from the first.
        """
        optima, rng = self._optima, self._rng
        n_good = max(20, int(optima.is_elite.sum()))  # all that are as good as the best, where these are many
        good = np.argsort(optima.scores, kind="stable")[:n_good]
        parents = rng.choice(good, size=(_CROSSED_POOL, 2))
        is_first = rng.random((_CROSSED_POOL, self._coordinates.space.n_features)) < 0.5
        is_first[:, self._coordinates.kept] = True
        X = np.where(is_first, optima.candidates.X[parents[:, 0]], optima.candidates.X[parents[:, 1]])
        X = X[self._is_unknown(X, _KNOWN[0])][:_CROSSED_EVALUATED]
        if not len(X):
            return None
        return _Start(self._coordinates.space.repair(X), float(rng.choice(_CROSSED_SIGMAS)), Origin.CROSSED)

    def _hopped(self) -> _Start | None:
        """Candidates that a chain may hop to, drawn anew where no chain can begin."""
        hop = self._hopping.hop(_HOPPED_POOL)
        if hop is None:
            return self._drawn()
        chain, U, sigma = hop
        bases = np.repeat(self._optima.candidates.X[[self._hopping.head(chain)]], len(U), axis=0)
        X = self._coordinates.candidates(U, bases)
        X = X[self._is_unknown(X, _KNOWN[1])]
        return _Start(X, sigma, Origin.HOPPED, chain) if len(X) else None

    def _is_unknown(self, X: np.ndarray, distance: float) -> np.ndarray:
        _, distances = self._optima.nearest(self._coordinates.keys(X), 1)
        return distances[:, 0] > distance
