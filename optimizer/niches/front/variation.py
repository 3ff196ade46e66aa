"""Children of lineages on a front: crossed with another lineage, moved along differences, and mutated.

Simulated binary crossover and polynomial mutation are those of K. Deb, R. B. Agrawal 1995; differences of two lineages
are added as in H. Li, Q. Zhang, "MOEA/D-DE", IEEE Transactions on Evolutionary Computation 13, 2009. Optima of several
objectives often lie on bounds, so what leaves them is put on them, not mirrored back.
"""

import numpy as np

from optimizer.niches.coordinates import Coordinates

_CROSSED_INDEX, _MUTATED_INDEX = 15.0, 20.0  # the larger, the nearer to the parents
_CROSSING = 0.9
_DIFFERENCE = 0.5
_N_NEAR = 20
_NEAR = 0.8  # children whose other parents are among the nearest lineages
_EXCHANGED = 0.2  # children that take each feature from one of two lineages anywhere


def children_of(X: np.ndarray, parents: np.ndarray, coordinates: Coordinates, rng: np.random.Generator) -> np.ndarray:
    """Children (c, d) of the ``parents`` (c,), rows of the lineages ``X`` (k, d)."""
    U, keys, c = coordinates.coordinates(X), coordinates.keys(X), len(parents)
    others = _others(keys, parents, rng)
    first, second, third = U[parents], U[others[0]], U[others[1]]
    is_crossed = rng.random((c, 1)) < 0.5
    children = np.where(is_crossed, _crossed(first, second, rng), _moved(first, second - third, rng))
    bases = _with_categories_of(X[parents], X[others[0]], coordinates, rng)

    n_exchanged = int(_EXCHANGED * c)
    mates = rng.integers(len(X), size=n_exchanged)
    is_own = rng.random((n_exchanged, coordinates.n)) < 0.5
    exchanged = np.where(is_own, first[:n_exchanged], U[mates])
    children = _mutated(children, coordinates, rng)
    children[:n_exchanged] = exchanged
    bases[:n_exchanged] = _with_categories_of(X[parents[:n_exchanged]], X[mates], coordinates, rng)
    children, bases = coordinates.mixed(children, bases, rng)
    return coordinates.candidates(np.clip(children, 0.0, 1.0), bases)


def _others(keys: np.ndarray, parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(2, c) two other parents of each child, most of them near its first one."""
    c, k = len(parents), len(keys)
    distances = ((keys[parents][:, None] - keys) ** 2).sum(axis=2)
    distances[np.arange(c), parents] = np.inf
    n_near = min(_N_NEAR, max(k - 1, 1))
    near = np.argpartition(distances, n_near - 1, axis=1)[:, :n_near]
    is_near = rng.random(c) < _NEAR
    drawn = near[np.arange(c), rng.integers(n_near, size=(2, c))]
    return np.where(is_near, drawn, rng.integers(k, size=(2, c)))


def _crossed(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    u = rng.random(first.shape)
    power = 1 / (_CROSSED_INDEX + 1)
    beta = np.where(u < 0.5, (2 * u) ** power, (2 * (1 - u)) ** -power)
    children = 0.5 * ((1 + beta) * first + (1 - beta) * second)
    changes = (rng.random(first.shape) < 0.5) & (rng.random((len(first), 1)) < _CROSSING)
    return np.where(changes, children, first)


def _moved(first: np.ndarray, difference: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    share = np.where(rng.random((len(first), 1)) < 0.5, 1.0, 0.5)
    return first + np.where(rng.random(first.shape) < share, _DIFFERENCE * difference, 0.0)


def _mutated(children: np.ndarray, coordinates: Coordinates, rng: np.random.Generator) -> np.ndarray:
    u = rng.random(children.shape)
    power = 1 / (_MUTATED_INDEX + 1)
    steps = np.where(u < 0.5, (2 * u) ** power - 1, 1 - (2 * (1 - u)) ** power)
    changes = rng.random(children.shape) < 1 / max(coordinates.n, 1)
    return children + np.where(changes, steps * coordinates.scale, 0.0)


def _with_categories_of(
    bases: np.ndarray, others: np.ndarray, coordinates: Coordinates, rng: np.random.Generator
) -> np.ndarray:
    """Bases (c, d) of which every other category is that of ``others`` (c, d)."""
    columns = [j for j, _ in coordinates.categorical]
    bases = bases.copy()
    takes = rng.random((len(bases), len(columns))) < 0.5
    bases[:, columns] = np.where(takes, others[:, columns], bases[:, columns])
    return bases
