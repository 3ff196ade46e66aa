"""Any Python function as a predictor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.predictor import as_rows


@dataclass(frozen=True, slots=True)
class CallablePredictor:
    """A function of rows in the place of a model.

    Attributes:
        feature_names: names of the features, in the order of the rows' columns.
        function: maps (n, d) float64 rows, categories as codes, to (n,) or (n, 1) outcomes in their unit.
    """

    feature_names: tuple[str, ...]
    function: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(cls, feature_names: Sequence[str], function: Callable[[np.ndarray], np.ndarray]) -> "CallablePredictor":
        """Return the predictor that a function is."""
        return cls(tuple(feature_names), function)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 what the function gives for rows (n, d).

        Raises:
            ValueError: X has another number of columns than there are features, or the function gives anything but one
                number per row.
        """
        rows = as_rows(X, len(self.feature_names))
        given = np.asarray(self.function(rows.copy()), dtype=float)
        if given.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(
                f"The function has to give one number per row, shape ({len(rows)},); it gave {given.shape} for rows of "
                f"shape {rows.shape}."
            )
        return given.reshape(-1)
