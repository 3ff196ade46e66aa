"""Gaussian processes on arrays: their kernel, its weights by restricted likelihood, and what they say of new inputs.

Equations are those of Rasmussen and Williams 2006, Gaussian Processes for Machine Learning; the restricted likelihood
is that of Patterson and Thompson 1971: a flat mean is integrated out, for plain likelihood favours trends.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.cards.settings import Smoothness
from models.networks.ensemble import on_one_thread

_ROOT5 = float(np.sqrt(5.0))  # no NumPy number, which would make double precision of single
_BLOCK_ROWS = 48  # a block's covariances with 1,000 rows stay in the processor's own cache
_JITTER = 1e-8
_STEPS = 60
_FARTHEST = 4.0  # standard deviations of the priors
_IMPOSSIBLE = 1e10
_NEAR = 1e-3  # distance below which the kink of a jagged correlation counts as round


KERNEL_WEIGHTS = ("variance", "linear", "quadratic", "noise")
"""The numbers of a kernel beside its length scales, in squared units of the outcome."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """Covariances of the outcome: ``variance s(x, x') + linear x.x' + quadratic (x.x')^2``, and noise on every row.

    s is 1 at distance 0 and falls as the smoothness says: the part that follows the rows. The other two are a trend
    whose slopes and curvatures are as large as the rows ask for, most often small: a Bayesian response surface.

    Attributes:
        scales: (p,) length scales of the inputs, positive.
        variance: of the part that follows the rows, in squared units of the outcome; 0 leaves the trend alone.
        noise: variance of a measurement around its mean.
    """

    smoothness: Smoothness
    scales: np.ndarray
    variance: float
    linear: float
    quadratic: float
    noise: float

    def between(self, at: np.ndarray, rows: np.ndarray, *, has_gradient: bool = False) -> "Covariances":
        """Covariances of inputs (n, p) with rows (m, p), without noise."""
        values, slopes = np.zeros((len(at), len(rows))), np.zeros((1, 1))
        if self.variance:
            squares = _squares(at / self.scales, rows / self.scales)
            falls, slopes = _fall(self.smoothness, squares, has_slopes=has_gradient)
            values = self.variance * falls
        if self.linear or self.quadratic:
            dots = at @ rows.T
            values += dots * (self.linear + self.quadratic * dots)
        return Covariances(self, at, rows, values, slopes)

    def at(self, at: np.ndarray) -> np.ndarray:
        """Variances (n,) of inputs (n, p) before any row is known, without noise."""
        squares = (at * at).sum(axis=1)
        return self.variance + squares * (self.linear + self.quadratic * squares)

    def scaled(self, factor: float) -> "Kernel":
        """The same kernel of outcomes whose variance is so many times as large."""
        weights = {name: getattr(self, name) * factor for name in KERNEL_WEIGHTS}
        return replace(self, **weights)


@dataclass(frozen=True, eq=False, slots=True)
class Covariances:
    """Covariances of inputs (n, p) with rows (m, p), and what their gradients take.

    Attributes:
        values: (n, m).
        slopes: (n, m) of the correlations that fall with distance, by half the squared distance, if asked for; or 0.
    """

    kernel: Kernel
    at: np.ndarray
    rows: np.ndarray
    values: np.ndarray
    slopes: np.ndarray

    def gradients(self, weights: np.ndarray) -> np.ndarray:
        """Gradients (n, p), by the inputs, of the sums over the rows by weights (n, m) or (m,)."""
        kernel, pulls = self.kernel, self.kernel.variance * self.slopes * weights
        dots = self.at @ self.rows.T
        trend = ((kernel.linear + 2 * kernel.quadratic * dots) * weights) @ self.rows
        return trend + (self.at * pulls.sum(axis=1)[:, None] - pulls @ self.rows) / kernel.scales**2


def _squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)
    dots = a @ b.T
    dots *= 2
    squares -= dots
    return np.maximum(squares, 0, out=squares)


def _fall(smoothness: Smoothness, squares: np.ndarray, *, has_slopes: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """The correlations at squared distances, and their slopes by half the squared distance where they are needed."""
    if smoothness is Smoothness.RBF:
        falls = np.exp(-0.5 * squares)
        return falls, -falls if has_slopes else falls
    if smoothness is Smoothness.EXPONENTIAL:
        distances = np.sqrt(squares)
        falls = np.exp(-distances)
        return falls, falls / -np.maximum(distances, _NEAR) if has_slopes else falls
    # Equation 4.17, Matern with nu = 5/2: (1 + r + r^2 / 3) exp(-r) with r = sqrt(5 squares); its slope is finite at 0.
    distances = _ROOT5 * np.sqrt(squares)
    decay = np.exp(-distances)
    falls = decay * (1 + distances) + (5 / 3) * squares * decay
    return falls, (-5 / 3) * (1 + distances) * decay if has_slopes else falls


def find_kernel(
    inputs: np.ndarray,
    outcomes: np.ndarray,
    owners: np.ndarray,
    smoothness: Smoothness | None,
    *,
    start: np.ndarray | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Kernel, float]:
    """The most likely kernel of standardised rows (m, p) and outcomes (m,), and its cost: less is more evidence.

    Length scales and the weights of trend and noise have weak log-normal priors, so that a few rows do not fit
    anything; a stop returns the best so far.

    Args:
        owners: (p,) which feature each input is of; inputs of one feature share a length scale, so that any two of
            its categories are equally alike.
        smoothness: of the part that follows the rows; None leaves it out, and with it the length scales.
        start: (k,) how far from the middle of the priors the search begins, in their standard deviations, for the k
            length scales and three weights; by default there.
    """
    from scipy.optimize import minimize

    cost = _Cost(inputs, outcomes, owners, smoothness)
    begin = cost.middle if start is None else cost.middle + np.clip(start, -_FARTHEST, _FARTHEST) * cost.widths
    best = (begin, np.inf)

    def ask(logs: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal best
        if should_stop() and np.isfinite(best[1]):
            raise _StoppedError
        value, slopes = cost.of(logs)
        if value < best[1]:
            best = (logs.copy(), value)
        return value, slopes

    with contextlib.suppress(_StoppedError):
        minimize(ask, begin, jac=True, method="L-BFGS-B", bounds=cost.bounds, options={"maxiter": _STEPS})
    return cost.kernel(best[0]), float(best[1])


class _StoppedError(Exception):
    """The user wants no better kernel."""


class _Cost:
    """Minus the log evidence of a kernel's logarithms: length scales, linear, quadratic, noise.

    The variance is 1, or 0 without the part that follows the rows: there the priors alone say how large the three
    weights are, for the overall variance is profiled out, and their ratios are what the rows tell.

    Attributes:
        middle: (k + 3,) of the priors of the logarithms.
        widths: (k + 3,) standard deviations of the priors.
        bounds: between which logarithms make sense: noise enough to tell rows apart, no number too large.
    """

    def __init__(
        self, inputs: np.ndarray, outcomes: np.ndarray, owners: np.ndarray, smoothness: Smoothness | None
    ) -> None:
        self._inputs, self._outcomes, self._smoothness = inputs, outcomes, smoothness
        self._owners = np.unique(owners, return_inverse=True)[1].reshape(-1)
        n = self._n_scales = int(self._owners.max()) + 1 if smoothness else 0
        # two random rows of k features are about sqrt(2 k) apart
        self.middle = np.concatenate([np.full(n, np.log(1.5 * np.sqrt(max(n, 1)))), np.log([0.1, 0.01, 0.02])])
        self.widths = np.concatenate([np.ones(n), [2.0, 2.0, 1.5]])
        self.bounds = list(
            zip(self.middle - _FARTHEST * self.widths, self.middle + _FARTHEST * self.widths, strict=True)
        )
        self._dots = inputs @ inputs.T
        self._squared_dots = self._dots**2

    def kernel(self, logs: np.ndarray) -> Kernel:
        """The kernel of some logarithms."""
        linear, quadratic, noise = (float(weight) for weight in np.exp(logs[self._n_scales :]))
        if self._smoothness is None:
            scales = np.ones(self._inputs.shape[1])
            return Kernel(Smoothness.RBF, scales, 0.0, linear, quadratic, noise)
        scales = np.exp(logs[: self._n_scales])[self._owners]
        return Kernel(self._smoothness, scales, 1.0, linear, quadratic, noise)

    def of(self, logs: np.ndarray) -> tuple[float, np.ndarray]:
        """The cost and its slopes."""
        from scipy.linalg.lapack import dpotrf

        kernel, n = self.kernel(logs), len(self._outcomes)
        scaled = self._inputs / kernel.scales
        covariance = kernel.linear * self._dots + kernel.quadratic * self._squared_dots
        if kernel.variance:
            falls, slopes = _fall(kernel.smoothness, _squares(scaled, scaled))
            covariance += falls
        covariance[np.diag_indices(n)] += kernel.noise + _JITTER
        factor, has_failed = dpotrf(covariance, lower=1)
        away = (logs - self.middle) / self.widths
        if has_failed:  # rounding made it indefinite: so far out the search has no business
            return _IMPOSSIBLE, away
        inverse = _inverse_by(factor)
        # With P = K^-1 - K^-1 1 1' K^-1 / 1' K^-1 1 and s^2 = y'Py / (n - 1), the restricted log-likelihood is
        # -((n - 1) log s^2 + log |K| + log 1' K^-1 1) / 2, and its slope by a parameter is
        # -tr((P - P y y' P / s^2) dK) / 2.
        ones = inverse.sum(axis=0)
        projected = inverse - np.outer(ones, ones) / ones.sum()
        pulled = projected @ self._outcomes
        spread = max(float(self._outcomes @ pulled) / (n - 1), _JITTER)
        value = (n - 1) * np.log(spread) + 2 * np.log(np.diag(factor)).sum() + np.log(ones.sum())
        weights = projected - np.outer(pulled, pulled) / spread
        by_scale: np.ndarray = np.empty(0)
        if kernel.variance:
            pairs = weights * slopes  # the sum over pairs of w_ij (z_i - z_j)^2, input by input, takes two products
            by_input = -2 * (pairs.sum(axis=1) @ scaled**2 - (scaled * (pairs @ scaled)).sum(axis=0))
            by_scale = np.bincount(self._owners, by_input, minlength=self._n_scales)
        by_log = np.append(
            by_scale,
            [
                kernel.linear * (weights * self._dots).sum(),
                kernel.quadratic * (weights * self._squared_dots).sum(),
                kernel.noise * np.trace(weights),
            ],
        )
        return 0.5 * float(value + away @ away), 0.5 * by_log + away / self.widths


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process given rows; equations 2.25, 2.26 and, for the flat mean, 2.41 and 2.42.

    Attributes:
        kernel: in squared units of the outcome.
        rows: (m, p) inputs of the rows it knows.
        mean: where nothing is known.
        weights: (m,) of the rows: K^-1 (y - mean).
        factor: (m, m) lower Cholesky factor of K.
        ones: (m,) K^-1 1.
        mean_variance: of the mean.
    """

    kernel: Kernel
    rows: np.ndarray
    mean: float
    weights: np.ndarray
    factor: np.ndarray
    ones: np.ndarray
    mean_variance: float

    @classmethod
    def given(cls, kernel: Kernel, rows: np.ndarray, outcomes: np.ndarray) -> "Process":
        """The process given rows (m, p) and outcomes (m,); the kernel is scaled to fit them."""
        from scipy.linalg import cho_solve, cholesky

        covariance = kernel.between(rows, rows).values
        covariance[np.diag_indices(len(rows))] += kernel.noise + _JITTER * kernel.variance
        factor = cholesky(covariance, lower=True, check_finite=False)
        ones = cho_solve((factor, True), np.ones(len(rows)), check_finite=False)
        mean = float(ones @ outcomes / ones.sum())
        weights = cho_solve((factor, True), outcomes - mean, check_finite=False)
        scale = max(float((outcomes - mean) @ weights) / max(len(rows) - 1, 1), 1e-12)
        return cls(
            kernel.scaled(scale), rows, mean, weights / scale, factor * np.sqrt(scale), ones / scale, scale / ones.sum()
        )

    def answers(self, at: np.ndarray, *, has_spread: bool = False, has_gradient: bool = False) -> list[np.ndarray]:
        """Means (n,) at inputs (n, p), then standard deviations (n,) and the gradient (n, p) of each, as asked for.

        The standard deviation is that of the mean outcome, without the noise of measuring it.
        """
        starts = range(0, max(1, len(at)), _BLOCK_ROWS)
        # products of small blocks raise flags for what lies beyond their ends, which no number comes from
        with np.errstate(all="ignore"), on_one_thread():
            blocks = [self._of_block(at[start : start + _BLOCK_ROWS], has_spread, has_gradient) for start in starts]
        return [np.concatenate(arrays) for arrays in zip(*blocks, strict=True)]

    def _of_block(self, at: np.ndarray, has_spread: bool, has_gradient: bool) -> list[np.ndarray]:
        known = self.kernel.between(at, self.rows, has_gradient=has_gradient)
        values = [self.mean + known.values @ self.weights]
        gradients = [known.gradients(self.weights)] if has_gradient else []
        if has_spread:
            solved, missing = known.values @ self._inverse, 1 - known.values @ self.ones
            # rounding may take a variance below 0
            variance = self.kernel.at(at) - (solved * known.values).sum(axis=1) + missing**2 * self.mean_variance
            spread = np.sqrt(np.maximum(variance, 0))
            values.append(spread)
            if has_gradient:
                # half of the slope of the variance, by that of the covariances: -K^-1 k - (1 - k'K^-1 1) v K^-1 1
                rises = known.gradients(-solved - missing[:, None] * self.mean_variance * self.ones)
                rises += at * (self.kernel.linear + 2 * self.kernel.quadratic * (at * at).sum(axis=1))[:, None]
                spread = spread[:, None]
                gradients.append(np.divide(rises, spread, out=np.zeros_like(rises), where=spread > 0))
        return values + gradients

    def in_single_precision(self) -> "Process":
        """The same for means and their gradients alone, in half the time and with five digits."""
        kernel = replace(self.kernel, scales=self.kernel.scales.astype(np.float32))
        return replace(self, kernel=kernel, rows=self.rows.astype(np.float32), weights=self.weights.astype(np.float32))

    @property
    def left_out_errors(self) -> np.ndarray:
        """Errors (m,) at the rows it knows, had it not known them, in standard deviations; equations 5.12."""
        return self.weights / np.sqrt(np.diag(self._inverse))

    @cached_property
    def _inverse(self) -> np.ndarray:
        return _inverse_by(self.factor)


def _inverse_by(factor: np.ndarray) -> np.ndarray:
    """The inverse of the matrix (m, m) that has this lower Cholesky factor."""
    from scipy.linalg.lapack import dpotri

    lower = np.tril(dpotri(factor, lower=1)[0])
    return np.asarray(lower + np.tril(lower, -1).T)
