"""What a measure of unusualness is."""

from typing import Protocol

import numpy as np


class Measure(Protocol):
    """How unusual candidates are against the recorded rows, in a unit of the measure's own; larger is more unusual.

    It looks at scaled rows only (`Scaling.scaled`), is made from such rows, and gives the same numbers for the same
    ones: whatever chance it needs comes from a seed of its own.
    """

    @property
    def recorded(self) -> np.ndarray:
        """(m,) unusualness of recorded rows, each judged by the others: had it not been recorded."""

    @property
    def grain(self) -> float:
        """The smallest difference that means anything, above 0: the unit where all recorded rows are alike."""

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """Return (n,) how unusual scaled rows (n, p) are."""

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) how unusual scaled rows are, and its gradient (n, p) by their columns.

        At a kink it is the gradient of one of the pieces that meet there; 0 where a measure goes in steps.
        """
