"""Rows through layers, a block at a time, in memory that is used again."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache, cached_property

import numpy as np
from threadpoolctl import ThreadpoolController

from models.per_thread import PerThread

MIN_BLOCK_ROWS, MAX_BLOCK_ROWS = 256, 2048
BLOCK_VALUES = 65_536
"""Values of one layer's block, 256 kB: a block's intermediate values stay in the processor's own cache, and blocks are
few enough that the time between matrix products does not count."""

Step = Callable[[np.ndarray], np.ndarray]
"""What a layer does to a block of rows, in memory of its own that is used again."""

Fill = Callable[[int, int, np.ndarray], None]
"""Called as fill(start, stop, block) to write the inputs of rows start..stop into a float32 block."""

Write = Callable[[np.ndarray, np.ndarray], None]
"""Called as write(rows, block) to write the inputs of rows into a float32 block."""


def filler(rows: np.ndarray, write: Write) -> Fill:
    """Return what fills blocks with the inputs of rows (n, d)."""

    def fill(start: int, stop: int, block: np.ndarray) -> None:
        write(rows[start:stop], block)

    return fill


class InBlocks(ABC):
    """What computes rows block by block; every thread has memory and steps of its own, made once."""

    @abstractmethod
    def forward_blocks(self, n_rows: int, fill: Fill) -> np.ndarray:
        """Return the float32 outputs of n_rows rows, asking for their inputs block by block."""

    @abstractmethod
    def _make_workspace(self) -> tuple[np.ndarray, list[Step]]:
        """Return the memory of a block's inputs (n_block, n_inputs) float32, and what the layers do to it."""

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        """Return what `forward_blocks` does, of float32 inputs (n, n_inputs)."""
        return self.forward_blocks(len(inputs), filler(inputs, lambda rows, block: np.copyto(block, rows)))

    def _outputs(self, n_rows: int, n_outputs: int, fill: Fill) -> np.ndarray:
        """Return (n_outputs, n_rows) float32: the columns that the last step leaves."""
        outputs = np.empty((n_outputs, n_rows), dtype=np.float32)
        inputs, steps = self._workspace()
        n_block = len(inputs)
        # Products of this size gain little by a second thread, and lose a hundredfold where it has to wait for a core.
        with np.errstate(all="ignore"), blas_threads().limit(limits=1, user_api="blas"):
            for start in range(0, n_rows, n_block):
                stop = min(start + n_block, n_rows)
                x = inputs[: stop - start]
                fill(start, stop, x)
                for step in steps:
                    x = step(x)
                outputs[:, start:stop] = x.T
        return outputs

    @cached_property
    def _workspace(self) -> PerThread[tuple[np.ndarray, list[Step]]]:
        return PerThread(self._make_workspace)


@cache
def blas_threads() -> ThreadpoolController:
    """Return what sets how many threads a matrix product uses."""
    return ThreadpoolController()
