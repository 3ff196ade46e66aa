"""A Gaussian process: its kernel, and what it answers (Rasmussen and Williams 2006, equations 2.23 to 2.26)."""

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.cards.settings import GaussianProcessSettings, Smoothness
from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.networks.predictor import EncodedPredictor

_ROWS_FOR_SCALES = 500
"""More rows than this hardly move the length scales, and their likelihood costs the third power of them."""

_MOST_SCALES = 50
"""With more inputs than this, one length scale serves all."""

_STEPS = 60
_BLOCK_ROWS = 256
_ROOT5 = np.sqrt(5.0)

Cost = Callable[[np.ndarray], tuple[float, np.ndarray]]


def find_kernel(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    settings: GaussianProcessSettings,
    rng: np.random.Generator,
    report: Callable[[str, float], None],
    should_stop: Callable[[], bool],
) -> Any:
    """The most likely kernel, variance x Matern or RBF + noise, given rows (n, p) and outcomes (n,).

    It is looked for on at most 500 of the rows, from one start and as many more as the settings ask for; a stop
    returns the best so far.
    """
    from scipy.optimize import minimize
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor

    n_starts, n_done = 1 + settings.restarts, 0

    def search(cost: Cost, start: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
        """Logarithms of the parameters, and their cost, that L-BFGS-B finds from a start; scikit-learn calls it."""
        nonlocal n_done
        best = (start, np.inf)

        def cost_or_stop(theta: np.ndarray) -> tuple[float, np.ndarray]:
            nonlocal best
            if should_stop() and np.isfinite(best[1]):
                raise _StoppedError
            value, slopes = cost(theta)
            if value < best[1]:
                best = (theta.copy(), float(value))
            return value, slopes

        if n_done and should_stop():
            return best
        with contextlib.suppress(_StoppedError):
            minimize(cost_or_stop, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        n_done += 1
        report(f"{n_done} of {n_starts} searches for length scales", n_done / n_starts)
        return best

    rows = rng.choice(len(inputs), min(len(inputs), _ROWS_FOR_SCALES), replace=False)
    process = GaussianProcessRegressor(
        _first_kernel(inputs.shape[1], settings.smoothness),
        alpha=1e-8,
        optimizer=search,
        n_restarts_optimizer=settings.restarts,
        random_state=int(rng.integers(2**31)),
    )
    with warnings.catch_warnings():
        # a scale at its bound says that an input does not matter
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(inputs[rows], outcomes[rows])
    return process.kernel_


def _first_kernel(n_inputs: int, smoothness: Smoothness) -> Any:
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    scales = np.full(n_inputs, 2.0) if n_inputs <= _MOST_SCALES else 2.0 * np.sqrt(n_inputs)
    bounds = (0.05, 1e3)
    shape = RBF(scales, bounds) if smoothness is Smoothness.RBF else Matern(scales, bounds, nu=2.5)
    return ConstantKernel(1.0, (1e-2, 1e3)) * shape + WhiteKernel(0.1, (1e-5, 2.0))


class _StoppedError(Exception):
    """The user wants no better scales."""


@dataclass(frozen=True, eq=False)
class GaussianProcessPredictor(EncodedPredictor):
    """The mean of a Gaussian process given rows, and its standard deviation without the noise of measuring.

    Attributes:
        scales: (p,) length scales of the inputs, positive.
        variance: of the outcome, standardised, far away from every row.
        rows: (m, p) inputs of the rows it knows.
        weights: (m,) of the rows: (K + noise I)^-1 y.
        factor: (m, m) lower Cholesky factor of K + noise I.
    """

    encoding: Encoding
    smoothness: Smoothness
    scales: np.ndarray
    variance: float
    rows: np.ndarray
    weights: np.ndarray
    factor: np.ndarray

    def __post_init__(self) -> None:
        if self.rows.shape[1] != self.encoding.n_inputs:
            raise ModelFileError(
                f"The features make {self.encoding.n_inputs} inputs, the Gaussian process takes {self.rows.shape[1]}: "
                "bring the two files that were saved together."
            )

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them."""
        return self._answers(X)[0]

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their standard deviation (n,) in the outcome's unit."""
        return self._answers(X, has_spread=True)

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their gradients (n, d) as `GradientPredictor` has them."""
        return self._answers(X, has_gradient=True)

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The outcomes and spreads (n,) of `predict_with_spread`, and the gradient (n, d) of each."""
        return self._answers(X, has_spread=True, has_gradient=True)

    def _answers(self, X: np.ndarray, *, has_spread: bool = False, has_gradient: bool = False) -> tuple[Any, ...]:
        """Outcomes (n,), their spreads (n,) and the gradient (n, d) of either, as asked for; NaN without an answer."""
        inputs, is_known = self._inputs(X)
        scaled = inputs / self.scales
        starts = range(0, max(1, len(scaled)), _BLOCK_ROWS)
        blocks = [self._of_block(scaled[start : start + _BLOCK_ROWS], has_spread, has_gradient) for start in starts]
        means, *others = (np.concatenate(arrays) for arrays in zip(*blocks, strict=True))
        for array in (means, *others):
            array[~is_known] = np.nan
        outcomes = self.encoding.decode_outcome(means)
        spreads = [spread * self.encoding.outcome_std for spread in others[:has_spread]]
        return outcomes, *spreads, *(self._gradient(slopes, outcomes) for slopes in others[has_spread:])

    def _of_block(self, at: np.ndarray, has_spread: bool, has_gradient: bool) -> list[np.ndarray]:
        kernel, slopes = self._kernel(at)
        values = [kernel @ self.weights]
        gradients = [self._by_inputs(at, slopes * self.weights)] if has_gradient else []
        if has_spread:
            solved = self._solve(kernel.T)
            # Equation 2.26 by the Cholesky factor L: k** - |L^-1 k*|^2, which rounding may take below 0.
            spread = np.sqrt(np.maximum(self.variance - (solved * solved).sum(axis=0), 0))
            values.append(spread)
            if has_gradient:
                # d sqrt(k** - k*' K^-1 k*) = -(K^-1 k*)' dk* / spread
                rises = self._by_inputs(at, -slopes * self._solve(solved, is_transposed=True).T)
                spread = spread[:, None]
                gradients.append(np.divide(rises, spread, out=np.zeros_like(rises), where=spread > 0))
        return values + gradients

    def _kernel(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The covariances (n, m) with the known rows, and their slopes by half the squared distance."""
        known, known_squares = self._scaled_rows
        squares = (at * at).sum(axis=1)[:, None] + known_squares - 2 * (at @ known.T)
        np.maximum(squares, 0, out=squares)
        if self.smoothness is Smoothness.RBF:
            kernel = self.variance * np.exp(-0.5 * squares)
            return kernel, -kernel
        # Matern with nu = 5/2 (equation 4.17): v (1 + r + r^2 / 3) exp(-r) with r = sqrt(5 squares); its derivative by
        # squares / 2 is -5/3 v (1 + r) exp(-r), finite at 0, so that a gradient at a known row needs no special case.
        distances = _ROOT5 * np.sqrt(squares)
        decay = self.variance * np.exp(-distances)
        slopes = (-5 / 3) * (1 + distances) * decay
        return decay * (1 + distances) + (5 / 3) * squares * decay, slopes

    def _solve(self, right: np.ndarray, *, is_transposed: bool = False) -> np.ndarray:
        from scipy.linalg import solve_triangular

        return solve_triangular(self.factor, right, lower=True, trans=int(is_transposed), check_finite=False)

    def _by_inputs(self, at: np.ndarray, pulls: np.ndarray) -> np.ndarray:
        """Gradient (n, p) by the inputs: the sum over the known rows of weights (n, m) times the difference to each."""
        known, _ = self._scaled_rows
        return (at * pulls.sum(axis=1)[:, None] - pulls @ known) / self.scales

    @cached_property
    def _scaled_rows(self) -> tuple[np.ndarray, np.ndarray]:
        scaled = self.rows / self.scales
        return scaled, (scaled * scaled).sum(axis=1)
