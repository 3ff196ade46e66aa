"""Scores with their gradients: from the problem where it knows them, from differences where it does not."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.polish.room import Room
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem

ASIDE = 0.1  # of the reach: how far from the point that is asked for a slope is taken
DIFFERENCE = 0.01  # of the reach
LEAST_DIFFERENCE, LARGEST_DIFFERENCE = 1e-5, 1e-3  # standard deviations: single precision drowns smaller ones


class Slopes(Protocol):
    """What tells how a score rises."""

    @property
    def n_each(self) -> int:
        """Evaluations for one candidate."""

    def evaluate(self, X: np.ndarray, reach: np.ndarray) -> tuple[Candidates, np.ndarray, Candidates]:
        """Return the candidates ``X`` (n, d), and gradients (n, d) with the candidates near by at which they hold.

        Args:
            X: what to evaluate.
            reach: (n,) the scale, in standard deviations, on which the slope is wanted.
        """


def slopes_of(problem: Problem, rng: np.random.Generator) -> Slopes:
    """Return the gradients of a problem, or differences where it offers none."""
    return Known(problem) if problem.has_gradient else Differences(problem, Room.of(problem.space), rng)


@dataclass(frozen=True, slots=True)
class Known:
    """The gradients that a problem offers: one evaluation each."""

    problem: Problem
    n_each: int = 1

    def evaluate(self, X: np.ndarray, reach: np.ndarray) -> tuple[Candidates, np.ndarray, Candidates]:
        """Return the candidates ``X`` (n, d) and the gradients (n, d) of their scores."""
        del reach  # the exact gradient has no scale
        judged, gradients = self.problem.evaluate_with_gradient(X)
        return judged, gradients, judged


@dataclass(frozen=True, slots=True)
class Differences:
    """Gradients from the differences to p neighbours, which are candidates too: within bounds, steps and rules."""

    problem: Problem
    room: Room
    rng: np.random.Generator

    @property
    def n_each(self) -> int:
        """Evaluations for one candidate: itself, one beside it, and a neighbour of that for each number that moves."""
        return 2 + len(self.room.columns)

    def evaluate(self, X: np.ndarray, reach: np.ndarray) -> tuple[Candidates, np.ndarray, Candidates]:
        """Return the candidates ``X`` (n, d), and gradients (n, d) with the candidates at which they hold.

        The candidates that a descent asks for lie where pieces of the score meet, and differences there belong to no
        piece; so they are taken a little aside, where they most likely do. One call of ``predict``.
        Under rules neighbours cannot lie along one feature; the gradient is then the smallest that explains them all.
        """
        n, p = len(X), len(self.room.columns)
        base = self.room.moved(X, ASIDE * reach[:, None] * self.rng.uniform(-1, 1, (n, p)))
        neighbours = self._neighbours(base, reach)
        judged = self.problem.evaluate(np.concatenate([X, base, neighbours]))
        beside = judged.take(np.arange(n, 2 * n))
        ways = (self.room.scaled(neighbours) - np.repeat(self.room.scaled(base), p, axis=0)).reshape(n, p, p)
        with np.errstate(invalid="ignore"):
            rises = judged.scores[2 * n :].reshape(n, p) - beside.scores[:, None]
        is_known = np.isfinite(rises)
        ways, rises = np.where(is_known[:, :, None], ways, 0.0), np.where(is_known, rises, 0.0)
        length = np.abs(ways).max(axis=(1, 2), initial=0.0)[:, None, None]
        length = np.where(length > 0, length, 1.0)
        slopes = np.einsum("npq,nq->np", np.linalg.pinv(ways / length, rcond=1e-6), rises / length[:, :, 0])
        gradients = np.zeros(X.shape)
        gradients[:, self.room.columns] = slopes / self.room.unit
        return judged.take(np.arange(n)), gradients, beside

    def _neighbours(self, X: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """Return (n * p, d) the neighbours of each candidate, one for each number, towards the farther bound."""
        room, p = self.room, len(self.room.columns)
        size = np.clip(DIFFERENCE * reach, LEAST_DIFFERENCE, LARGEST_DIFFERENCE)[:, None] * np.ones(p)
        step = np.where(room.step > 0, room.step, 1.0) / room.unit
        size = np.where(room.step > 0, np.maximum(np.rint(size / step), 1.0) * step, size)
        Z = room.scaled(X)
        sign = np.where(room.high - Z >= Z - room.low, 1.0, -1.0)
        moves = (sign * size)[:, :, None] * np.eye(p)
        return room.moved(np.repeat(X, p, axis=0), moves.reshape(-1, p))
