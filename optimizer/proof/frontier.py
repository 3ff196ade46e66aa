"""The boxes that may still hold something better."""

import numpy as np


class Frontier:
    """Open boxes in arrays that grow by doubling.

    Args:
        n_features: columns of a box (d).
        n_cuts: columns of a box's cuts (m - 1).
    """

    def __init__(self, n_features: int, n_cuts: int) -> None:
        self._n = 0
        self._bounds = np.empty(0)
        self._columns = np.empty(0, dtype=int)
        self._low, self._high = np.empty((0, n_features)), np.empty((0, n_features))
        self._cuts = np.empty((0, n_cuts), dtype=bool)

    def __len__(self) -> int:
        return self._n

    @property
    def lowest(self) -> float:
        """The lowest bound, infinity without a box."""
        return float(self._bounds[: self._n].min(initial=np.inf))

    def add(self, bounds: np.ndarray, columns: np.ndarray, low: np.ndarray, high: np.ndarray, cuts: np.ndarray) -> None:
        """Take in k boxes: bounds (k,), the columns to split next (k,) or -1, ends (k, d), cuts (k, m - 1)."""
        start, stop = self._n, self._n + len(bounds)
        if stop > len(self._bounds):
            self._grow(max(2 * len(self._bounds), stop, 1024))
        for kept, new in zip(self._arrays(), (bounds, columns, low, high, cuts), strict=True):
            kept[start:stop] = new
        self._n = stop

    def pop(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the n boxes with the lowest bounds, or all, in the order of `add`'s arguments, and forget them."""
        n = min(n, self._n)
        order = np.argpartition(self._bounds[: self._n], n - 1) if n < self._n else np.arange(self._n)
        taken = order[:n]
        popped = tuple(array[taken] for array in self._arrays())
        self._keep_all_but(taken)
        return popped  # type: ignore[return-value]

    def prune(self, cutoff: float) -> None:
        """Forget the boxes whose bound is not below ``cutoff``."""
        self._keep_all_but(np.flatnonzero(self._bounds[: self._n] >= cutoff))

    def _keep_all_but(self, gone: np.ndarray) -> None:
        """Close the holes with boxes from the end."""
        n_left = self._n - len(gone)
        is_gone = np.zeros(self._n, dtype=bool)
        is_gone[gone] = True
        holes = np.flatnonzero(is_gone[:n_left])
        movers = n_left + np.flatnonzero(~is_gone[n_left:])
        for array in self._arrays():
            array[holes] = array[movers]
        self._n = n_left

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self._bounds, self._columns, self._low, self._high, self._cuts

    def _grow(self, capacity: int) -> None:
        grown = []
        for array in self._arrays():
            bigger = np.empty((capacity, *array.shape[1:]), dtype=array.dtype)
            bigger[: self._n] = array[: self._n]
            grown.append(bigger)
        self._bounds, self._columns, self._low, self._high, self._cuts = grown
