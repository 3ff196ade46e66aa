"""Staying within bounds without piling up on them."""

import numpy as np


def reflect(X: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return ``X`` folded back into ``[low, high]`` as by mirrors at both bounds."""
    width = high - low
    period = np.where(width > 0, 2 * width, 1.0)
    folded = np.mod(X - low, period)
    return np.clip(low + np.minimum(folded, period - folded), low, high)
