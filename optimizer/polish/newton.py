"""The linear systems of an interior-point method: one for each of many programs, in the smaller of two forms."""

from collections.abc import Callable

import numpy as np

Solve = Callable[[np.ndarray], np.ndarray]
"""From right-hand sides (m, p + 1 + q) to the changes of the numbers, the height and the prices of the equalities."""

_RIDGE = 1e-12  # keeps dependent equalities solvable
_HEAVIER = 100.0


def newton_solver(rows: np.ndarray, equalities: np.ndarray, weights: np.ndarray) -> Solve:
    """Return what solves ``[rows' W rows + D, equalities'; equalities, 0] x = right``.

    With many more numbers than rows these are eliminated, for they only meet in the rows; the cost then grows linearly
    with how many numbers there are.

    Args:
        rows: (m, k, p + 1).
        equalities: (m, q, p + 1), 0 in the last column.
        weights: (m, k + 2 p) of the rows (W), and of the upper and lower bounds, which add up to D; 0 for the height.
    """
    k, p = rows.shape[1], rows.shape[2] - 1
    of_rows, of_bounds = weights[:, :k], weights[:, k : k + p] + weights[:, k + p :]
    direct = p <= 2 * (k + equalities.shape[1])
    return (_direct if direct else _eliminated)(rows, equalities, of_rows, of_bounds)


def _direct(rows: np.ndarray, equalities: np.ndarray, of_rows: np.ndarray, of_bounds: np.ndarray) -> Solve:
    """Return the solver that sets up the whole system, p + 1 + q in size."""
    p, q = rows.shape[2] - 1, equalities.shape[1]
    matrix = np.zeros((len(rows), p + 1 + q, p + 1 + q))
    matrix[:, : p + 1, : p + 1] = np.matmul(rows.transpose(0, 2, 1), rows * of_rows[:, :, None])
    inner = np.arange(p)
    matrix[:, inner, inner] += of_bounds
    matrix[:, p + 1 :, : p + 1] = equalities
    matrix[:, : p + 1, p + 1 :] = equalities.transpose(0, 2, 1)
    inverse = _inverse(matrix, np.where(np.arange(p + 1 + q) <= p, 1.0, -1.0))
    return lambda right: np.einsum("mij,mj->mi", inverse, right)


def _eliminated(rows: np.ndarray, equalities: np.ndarray, of_rows: np.ndarray, of_bounds: np.ndarray) -> Solve:
    """Return the solver that sets up a system for the prices of the rows, of the equalities, and the height.

    With C the rows and equalities in the p numbers, y their prices and h the coefficients of the height, the numbers
    are ``(right - C' y) / D``, and what remains is ``(C / D C' + 1 / W) y - h height = C / D right - below``.
    """
    k, p, q = rows.shape[1], rows.shape[2] - 1, equalities.shape[1]
    both = np.concatenate([rows[:, :, :p], equalities[:, :, :p]], axis=1)
    shared = both / of_bounds[:, None]
    height = np.concatenate([rows[:, :, p], np.zeros((len(rows), q))], axis=1)
    matrix = np.zeros((len(rows), k + q + 1, k + q + 1))
    matrix[:, : k + q, : k + q] = np.matmul(shared, both.transpose(0, 2, 1))
    of_prices = np.arange(k)
    matrix[:, of_prices, of_prices] += 1 / of_rows
    matrix[:, : k + q, -1], matrix[:, -1, : k + q] = -height, height
    inverse = _inverse(matrix, np.ones(k + q + 1))

    def solve(right: np.ndarray) -> np.ndarray:
        known = np.einsum("mkp,mp->mk", shared, right[:, :p])
        known[:, k:] -= right[:, p + 1 :]
        prices = np.einsum("mij,mj->mi", inverse, np.hstack([known, right[:, p : p + 1]]))
        numbers = right[:, :p] / of_bounds - np.einsum("mkp,mk->mp", shared, prices[:, :-1])
        return np.hstack([numbers, prices[:, -1:], prices[:, k : k + q]])

    return solve


def _inverse(matrix: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Return (m, n, n) inverses, with a small ridge of these signs (n,) on the diagonals."""
    every = np.arange(matrix.shape[1])
    matrix[:, every, every] += _RIDGE * signs
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:  # a program so near its optimum that its weights span more digits than there are
        matrix[:, every, every] += _RIDGE * _HEAVIER * signs * np.abs(matrix).max(axis=(1, 2))[:, None]
        return np.linalg.inv(matrix)
