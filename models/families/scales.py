"""The kernel of a Gaussian process: its length scales, variance and noise, found by maximum likelihood."""

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from models.families.settings import GaussianProcessSettings, Smoothness

_ROWS_FOR_SCALES = 500
"""More rows than this hardly move the length scales, and their likelihood costs the third power of them."""

_MOST_SCALES = 50
"""With more inputs than this, one length scale serves all."""

_STEPS = 60


def find_kernel(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    settings: GaussianProcessSettings,
    rng: np.random.Generator,
    tell: Callable[[str, float], None],
    should_stop: Callable[[], bool],
) -> Any:
    """Return variance x Matern or RBF + noise, scikit-learn's kernels, most likely given rows (n, p) and outcomes (n,).

    It is looked for on at most 500 of the rows, from one start and as many more as the settings ask for; a stop
    returns the best so far.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor

    climb = _Climb(1 + settings.restarts, tell, should_stop)
    rows = rng.choice(len(inputs), min(len(inputs), _ROWS_FOR_SCALES), replace=False)
    process = GaussianProcessRegressor(
        _first_kernel(inputs.shape[1], settings.smoothness),
        alpha=1e-8,
        optimizer=climb,
        n_restarts_optimizer=settings.restarts,
        random_state=int(rng.integers(2**31)),
    )
    with warnings.catch_warnings():
        # a scale at its bound says that an input does not matter
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(inputs[rows], outcomes[rows])
    return process.kernel_


def _first_kernel(n_inputs: int, smoothness: Smoothness) -> Any:
    """Return the kernel that the search for scales starts from."""
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

    scales = np.full(n_inputs, 2.0) if n_inputs <= _MOST_SCALES else 2.0 * np.sqrt(n_inputs)
    bounds = (0.05, 1e3)
    shape = RBF(scales, bounds) if smoothness is Smoothness.RBF else Matern(scales, bounds, nu=2.5)
    return ConstantKernel(1.0, (1e-2, 1e3)) * shape + WhiteKernel(0.1, (1e-5, 2.0))


class _StoppedError(Exception):
    """The user wants no better scales."""


class _Climb:
    """L-BFGS-B on the likelihood as scikit-learn calls it, once for every start."""

    def __init__(self, n_starts: int, tell: Callable[[str, float], None], should_stop: Callable[[], bool]) -> None:
        self._n_starts = n_starts
        self._tell = tell
        self._should_stop = should_stop
        self._n_done = 0

    def __call__(
        self, cost: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray, bounds: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Return the best logarithms of the parameters that this start leads to, and their cost."""
        from scipy.optimize import minimize

        best = (start, np.inf)

        def watched(theta: np.ndarray) -> tuple[float, np.ndarray]:
            nonlocal best
            if self._should_stop() and np.isfinite(best[1]):
                raise _StoppedError
            value, slopes = cost(theta)
            if value < best[1]:
                best = (theta.copy(), float(value))
            return value, slopes

        if self._n_done and self._should_stop():
            return best
        with contextlib.suppress(_StoppedError):
            minimize(watched, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        self._n_done += 1
        self._tell(f"{self._n_done} of {self._n_starts} searches for length scales", self._n_done / self._n_starts)
        return best
