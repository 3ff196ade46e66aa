"""What the predictors of all families do with rows."""

import numpy as np

from models.encoding import Encoding
from models.predictor import as_rows


def as_inputs(encoding: Encoding, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, p) float32 inputs of rows (n, d), 0 where a row has no answer, and (n,) which rows have one.

    Raises:
        ValueError: X has another number of columns than there are features.
    """
    inputs = encoding.encode(as_rows(X, len(encoding.features)))
    is_known = np.isfinite(inputs).all(axis=1)
    inputs[~is_known] = 0
    return inputs, is_known
