"""A dense ReLU network as arrays: what a proof needs to know of a model."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_matrix

FLOAT32_ROUNDOFF = 2.0**-24
FLOAT64_ROUNDOFF = 2.0**-53


@dataclass(frozen=True, eq=False)
class ReluNetwork:
    """Layers of a dense network from candidates to the outcome; ReLU after each layer but the last.

    Input i is ``(x - means[i]) * scales[i]`` of the candidate's column ``columns[i]``, or, where ``codes[i]`` is not
    NaN, 1 if that column holds this code and else 0.

    Attributes:
        columns: (p,) which column of a candidate each input comes from.
        codes: (p,) the code that a one-hot input stands for, NaN for a number.
        means: (p,) what is subtracted from a number; 0 for one-hot inputs.
        scales: (p,) what a number is multiplied with then; 1 for one-hot inputs.
        kernels: one (n_in, n_out) matrix a layer; the last one has a single output.
        biases: one (n_out,) vector a layer.
        outcome_scale: the network's output is multiplied with this,
        outcome_shift: and this is added, to give the outcome in its unit.
        roundoff: unit roundoff of the arithmetic that predicts (float32 in the shipped predictor); 0 for an exact one.

    Raises:
        SpaceError: shapes do not fit each other, or a number is not finite.
    """

    columns: np.ndarray
    codes: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    outcome_scale: float = 1.0
    outcome_shift: float = 0.0
    roundoff: float = FLOAT32_ROUNDOFF

    def __post_init__(self) -> None:
        for name in ("codes", "means", "scales"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        object.__setattr__(self, "columns", np.asarray(self.columns, dtype=int))
        object.__setattr__(self, "kernels", tuple(np.asarray(kernel, dtype=float) for kernel in self.kernels))
        object.__setattr__(self, "biases", tuple(np.asarray(bias, dtype=float) for bias in self.biases))
        if len(self.kernels) != len(self.biases) or not self.kernels:
            raise SpaceError(
                f"A network needs one bias a layer, got {len(self.kernels)} layers and {len(self.biases)} biases."
            )
        n_values = self.n_inputs
        for number, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True), start=1):
            if kernel.ndim != 2 or kernel.shape[0] != n_values or bias.shape != (kernel.shape[1],):
                raise SpaceError(
                    f"Layer {number} must take {n_values} values, got a kernel {kernel.shape} and a bias {bias.shape}."
                )
            n_values = kernel.shape[1]
        if n_values != 1:
            raise SpaceError(f"The last layer must leave one value, got {n_values}.")
        numbers = (self.means, self.scales, *self.kernels, *self.biases)
        if not all(np.isfinite(array).all() for array in numbers):
            raise SpaceError("A weight of the network is not finite, so nothing can be proven: train the model again.")

    @property
    def n_inputs(self) -> int:
        """How many numbers the first layer takes (p)."""
        return len(self.columns)

    @cached_property
    def is_one_hot(self) -> np.ndarray:
        """Which inputs stand for a category, (p,)."""
        return ~np.isnan(self.codes)

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """The inputs (n, p) of candidates ``X`` (n, d)."""
        values = X[:, self.columns]
        return np.where(self.is_one_hot, values == self.codes, (values - self.means) * self.scales)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes of candidates ``X`` (n, d), in float64, (n,)."""
        check_matrix("X", X, X.shape[-1])
        values = self.inputs(X)
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ kernel + bias, 0.0)
        return (values @ self.kernels[-1] + self.biases[-1])[:, 0] * self.outcome_scale + self.outcome_shift
