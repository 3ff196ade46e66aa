"""The living lineages of a search by niches, as arrays."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np

from optimizer.problem.candidates import Candidates


class Origin(IntEnum):
    """How a lineage began."""

    DRAWN = 0
    CROSSED = 1
    HOPPED = 2


@dataclass(slots=True)
class Population:
    """The living lineages, one row each, in order of birth; m coordinates, d features.

    Attributes:
        ids: (k,) number of the lineage.
        bests: (k) its best candidate so far.
        origins: (k,) ``Origin`` codes.
        hopping: (k,) the chain that it hopped from, -1 for the others.
        means: (k, m) centre of the Gaussian that it draws from.
        sigmas: (k,) its step size.
        axes: (k, m, m) eigenvectors of the covariance, one per column.
        lengths: (k, m) square roots of its eigenvalues, growing.
        covariances: (k, m, m) without the step size.
        sigma_paths: (k, m) evolution path of the step size.
        covariance_paths: (k, m) evolution path of the covariance.
        ages: (k,) generations since birth.
        anchors: (k,) score from which improvement is counted.
        stalled: (k,) generations since the last improvement.
        spreads: (k,) how far apart the scores of its last parents were.
        tested: (k,) age at its last hill-valley test.
        is_settled: (k,) whether it has come to its end but for the last tests.
        recent_children: (k, h, c, m) coordinates of its last h generations of children, newest first, NaN before.
        recent_scores: (k, h, c) their scores.
        guesses: (k, m) where a quadratic model has its minimum, NaN where there is no model.
        misfits: (k,) error of that model, in standard deviations of the scores it was fitted to.
        model_ages: (k,) age at which it is worth while to fit the next one.
    """

    ids: np.ndarray
    bests: Candidates
    origins: np.ndarray
    hopping: np.ndarray
    means: np.ndarray
    sigmas: np.ndarray
    axes: np.ndarray
    lengths: np.ndarray
    covariances: np.ndarray
    sigma_paths: np.ndarray
    covariance_paths: np.ndarray
    ages: np.ndarray
    anchors: np.ndarray
    stalled: np.ndarray
    spreads: np.ndarray
    tested: np.ndarray
    is_settled: np.ndarray
    recent_children: np.ndarray
    recent_scores: np.ndarray
    guesses: np.ndarray
    misfits: np.ndarray
    model_ages: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def born(
        cls,
        ids: np.ndarray,
        bests: Candidates,
        U: np.ndarray,
        sigmas: np.ndarray,
        origins: np.ndarray,
        hopping: np.ndarray,
        recent: tuple[int, int],
    ) -> "Population":
        """Return newborn lineages at ``U`` (k, m) that remember (generations, children) of their past."""
        k, m = U.shape
        identity = np.tile(np.eye(m), (k, 1, 1))
        return cls(
            ids=ids,
            bests=bests,
            origins=origins,
            hopping=hopping,
            means=U.copy(),
            sigmas=sigmas.astype(float),
            axes=identity,
            lengths=np.ones((k, m)),
            covariances=identity.copy(),
            sigma_paths=np.zeros((k, m)),
            covariance_paths=np.zeros((k, m)),
            ages=np.zeros(k, dtype=int),
            anchors=bests.scores.copy(),
            stalled=np.zeros(k, dtype=int),
            spreads=np.full(k, np.inf),
            tested=np.zeros(k, dtype=int),
            is_settled=np.zeros(k, dtype=bool),
            recent_children=np.full((k, *recent, m), np.nan),
            recent_scores=np.full((k, *recent), np.nan),
            guesses=np.full((k, m), np.nan),
            misfits=np.full(k, np.inf),
            model_ages=np.full(k, recent[0]),
        )

    def take(self, rows: np.ndarray) -> "Population":
        """Return the lineages at these rows (indices or a mask)."""
        values: list[Any] = [getattr(self, name) for name in _NAMES]
        taken: list[Any] = [v.take(rows) if isinstance(v, Candidates) else v[rows] for v in values]
        return Population(*taken)

    def joined(self, other: "Population") -> "Population":
        """Return these lineages and the others."""
        if not len(other):
            return self
        if not len(self):
            return other
        pairs: list[Any] = [(getattr(self, name), getattr(other, name)) for name in _NAMES]
        both: list[Any] = [
            Candidates.concatenate(pair) if isinstance(pair[0], Candidates) else np.concatenate(pair) for pair in pairs
        ]
        return Population(*both)

    @property
    def reaches(self) -> np.ndarray:
        """(k,) standard deviation along the longest axis of each Gaussian."""
        return self.sigmas * self.lengths[:, -1]

    def whitened(self, V: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return (k, n, m) vectors ``V`` (k, n, m) in standard deviations along the axes at ``rows``."""
        return np.matmul(V, self.axes[rows]) / (self.lengths[rows] * self.sigmas[rows, None])[:, None]

    def unwhitened(self, Z: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return (k, n, m) the vectors that are ``Z`` (k, n, m) standard deviations along these lineages' axes."""
        lengths = (self.lengths[rows] * self.sigmas[rows, None])[:, None]
        return np.matmul(Z * lengths, self.axes[rows].transpose(0, 2, 1))


_NAMES = tuple(field.name for field in fields(Population))
