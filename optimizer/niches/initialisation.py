"""Where new lineages begin: drawn anew, crossed from good optima, or hopped from an optimum."""

from dataclasses import dataclass

import numpy as np

from optimizer.methods.asktell import MORE_SHARE, ImmigrantSampler, SteeringState
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.hopping import BasinHopping
from optimizer.niches.optima import Optima
from optimizer.niches.population import Origin

FIRST_SIGMAS = 0.01, 0.1  # step sizes of drawn lineages, shares of the bounds' width
_CROSSED_SIGMAS = 1e-4, 1e-3, 1e-2
_DRAWN_POOLS = 1, 4, 16  # the best of so many becomes the lineage: some begin anywhere, some where it is good already
_CROSSED_POOL, _CROSSED_EVALUATED, _HOPPED_POOL = 16, 4, 8
_LEAST_OPTIMA = 4  # before there is anything to cross or to hop from
_LEAST_SHARES = np.array([0.25, 0.05, 0.2])
_HOPS_FROM = 0.2  # of the budget: first look everywhere
_MEMORY = 0.995
_AROUND_POOL = 4
_KNOWN = 1e-3, 3e-4  # a crossed or hopped start nearer to a known optimum is none


@dataclass(frozen=True, slots=True)
class Starts:
    """Candidates out of which lineages are born, several to choose from for each.

    Attributes:
        X: (n, d) candidates.
        groups: (n,) number of the lineage-to-be, 0, 1, 2 ... growing.
        sigmas: (g,) first step size of each.
        origins: (g,) ``Origin`` codes.
        hopping: (g,) the chain hopped from, else -1.
    """

    X: np.ndarray
    groups: np.ndarray
    sigmas: np.ndarray
    origins: np.ndarray
    hopping: np.ndarray

    def __len__(self) -> int:
        return len(self.origins)

    @classmethod
    def none(cls, n_features: int) -> "Starts":
        """Return no starts."""
        nothing = np.empty(0, dtype=int)
        return cls(np.empty((0, n_features)), nothing, np.empty(0), nothing, nothing)

    def champions(self, scores: np.ndarray) -> np.ndarray:
        """Return (g,) row of the best candidate of each lineage-to-be."""
        order = np.lexsort((scores, self.groups))
        return order[np.unique(self.groups[order], return_index=True)[1]]


def first_chosen(scores: np.ndarray, n_told: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return (n,) at which of the first candidates lineages begin, ``most`` of them.

    Where they are told to, the best first; then half of the rest at the best of the others, half at any of those.

    Args:
        scores: (n,) of the first candidates.
        n_told: how many of these, the first ones, were told.
        most: lineages.
        rng: for the last of them.
    """
    order = np.argsort(scores, kind="stable")
    told, others = order[order < n_told], order[order >= n_told]
    n_best = max(most - n_told, 0) // 2
    chosen = np.concatenate([told, others[:n_best], rng.permutation(others[n_best:])])[:most]
    return np.isin(np.arange(len(scores)), chosen)


class Initialiser:
    """Draws starts, more often the way that has led to good optima for what it cost.

    Args:
        coordinates: the coordinates.
        optima: the archive.
        hopping: of hops.
        immigrants: draws candidates anew.
        rng: the only source of randomness.
        steering_state: of the user, who may want more of some lineages.
    """

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

    def credit(self, origin: int, n_evaluations: int, gain: float) -> None:
        """Note what a lineage of an origin cost, and what it gained: 1 for a new optimum as good as the best."""
        self._costs *= _MEMORY
        self._gains *= _MEMORY
        self._costs[origin] += (n_evaluations + _CROSSED_POOL * (origin == Origin.CROSSED)) / 100
        self._gains[origin] += gain

    def first_sigmas(self, n: int) -> np.ndarray:
        """Return (n,) step sizes of drawn lineages."""
        return np.exp(self._rng.uniform(np.log(FIRST_SIGMAS[0]), np.log(FIRST_SIGMAS[1]), n))

    def draw(self, n: int, share_used: float) -> Starts:
        """Return starts of at most ``n`` lineages.

        Args:
            n: lineages wanted.
            share_used: of the budget.
        """
        parts = []
        for origin in self._origins(n, share_used).tolist():
            if self._steering_state.favoured and self._rng.random() < MORE_SHARE:
                parts.append(self._around())
                continue
            start = {Origin.CROSSED: self._crossed, Origin.HOPPED: self._hopped}.get(origin, self._drawn)()
            if start is not None:
                parts.append(start)
        if not parts:  # all that was crossed or hopped to is known
            parts.append(self._drawn())
        return Starts(
            X=np.concatenate([X for X, _, _, _ in parts]),
            groups=np.repeat(np.arange(len(parts)), [len(X) for X, _, _, _ in parts]),
            sigmas=np.array([sigma for _, sigma, _, _ in parts]),
            origins=np.array([origin for _, _, origin, _ in parts]),
            hopping=np.array([chain for _, _, _, chain in parts]),
        )

    def _origins(self, n: int, share_used: float) -> np.ndarray:
        """Return (n,) how the next lineages shall begin."""
        if len(self._optima) < _LEAST_OPTIMA:
            return np.full(n, Origin.DRAWN)
        can_hop = share_used > _HOPS_FROM
        is_open = np.array([1.0, 1.0, float(can_hop)])
        least = _LEAST_SHARES * is_open
        rates = (self._gains + 0.5) / (self._costs + 5) * is_open
        return self._rng.choice(len(Origin), size=n, p=least + (1 - least.sum()) * rates / rates.sum())

    def _around(self) -> tuple[np.ndarray, float, int, int]:
        X = self._steering_state.around(_AROUND_POOL, self._rng)
        return X, float(self.first_sigmas(1)[0]), Origin.DRAWN, -1

    def _drawn(self) -> tuple[np.ndarray, float, int, int]:
        X = self._immigrants.draw(int(self._rng.choice(_DRAWN_POOLS)))
        return X, float(self.first_sigmas(1)[0]), Origin.DRAWN, -1

    def _crossed(self) -> tuple[np.ndarray, float, int, int] | None:
        """Return candidates that have each coordinate from one of two good optima, where these are not known yet."""
        optima, rng = self._optima, self._rng
        n_good = max(20, int(optima.is_elite.sum()))
        good = np.argsort(optima.scores, kind="stable")[:n_good]
        parents = rng.choice(good, size=(_CROSSED_POOL, 2))
        is_first = rng.random((_CROSSED_POOL, self._coordinates.space.n_features)) < 0.5
        X = np.where(is_first, optima.candidates.X[parents[:, 0]], optima.candidates.X[parents[:, 1]])
        X = X[self._is_unknown(X, _KNOWN[0])][:_CROSSED_EVALUATED]
        if not len(X):
            return None
        return self._coordinates.space.repair(X), float(rng.choice(_CROSSED_SIGMAS)), Origin.CROSSED, -1

    def _hopped(self) -> tuple[np.ndarray, float, int, int] | None:
        hop = self._hopping.hop(_HOPPED_POOL)
        if hop is None:
            return self._drawn()
        chain, U, sigma = hop
        bases = np.repeat(self._optima.candidates.X[[self._hopping.head(chain)]], len(U), axis=0)
        X = self._coordinates.candidates(U, bases)
        X = X[self._is_unknown(X, _KNOWN[1])]
        return (X, sigma, Origin.HOPPED, chain) if len(X) else None

    def _is_unknown(self, X: np.ndarray, distance: float) -> np.ndarray:
        _, distances = self._optima.nearest(self._coordinates.places(X), 1)
        return distances[:, 0] > distance
