"""Lineages and optima made by hand, in a unit box where candidates and coordinates are the same."""

import numpy as np
import pytest

from optimizer import Candidates, SearchSpace
from optimizer.niches.archive import Optima
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.gaussians import Gaussians, Strategy
from optimizer.niches.population import Origin, Population


def _candidates(X, scores):
    X, scores = np.atleast_2d(np.asarray(X, dtype=float)), np.atleast_1d(np.asarray(scores, dtype=float))
    return Candidates(X, scores, scores.copy(), np.zeros(len(X)))


@pytest.fixture(scope="session")
def candidates():
    """Candidates (n, d) with scores (n,)."""
    return _candidates


@pytest.fixture(scope="session")
def box():
    """The coordinates of a box [0, 1]^m."""
    return lambda m: Coordinates.of(SearchSpace.from_bounds([(0, 1)] * m))


@pytest.fixture(scope="session")
def lineages():
    """Lineages 0, 1, 2 ... at coordinates (k, m)."""

    def born(U, scores=None, sigma=0.1, X=None):
        U = np.atleast_2d(np.asarray(U, dtype=float))
        k = len(U)
        bests = _candidates(U if X is None else X, np.zeros(k) if scores is None else scores)
        nothing = np.full(k, -1)
        gaussians, c = Gaussians.round(U, np.full(k, sigma)), Strategy.of(U.shape[1]).n_children
        return Population.born(np.arange(k), bests, gaussians, np.full(k, Origin.DRAWN), nothing, c)

    return born


@pytest.fixture(scope="session")
def archive():
    """Optima at coordinates (a, m) with scores (a,), the ends of lineages 100, 101, 102 ..."""

    def of(U, scores):
        U = np.atleast_2d(np.asarray(U, dtype=float))
        optima = Optima(Coordinates.of(SearchSpace.from_bounds([(0, 1)] * U.shape[1])))
        for row, (u, score) in enumerate(zip(U, scores, strict=True)):
            assert optima.add(100 + row, _candidates(u, score)) == row
        return optima

    return of
