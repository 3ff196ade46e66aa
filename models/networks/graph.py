"""A model as a graph of operations, computed block by block: predictions forward, gradients backward."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from models.networks.ensemble import MAX_BLOCK_ROWS, MIN_BLOCK_ROWS, Weigh, Write, on_one_thread
from models.networks.operations import Operation

_BLOCK_VALUES = 131_072
"""Values of the widest block, 512 kB."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation in its place.

    Attributes:
        takes: numbers of the blocks that it takes: 0 for the inputs, k for the result of the k-th node, from 1.
    """

    operation: Operation
    takes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """What a model computes from its inputs to one outcome; in the place of an `Ensemble`.

    Attributes:
        n_inputs: numbers that go in per row.
        nodes: in an order in which everything is there before it is taken; the last one gives one number per row.
    """

    n_inputs: int
    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        if self.widths[-1] != 1:
            raise ValueError(f"Expected one output, the outcome; this one has {self.widths[-1]}.")

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Columns of the inputs, then of the result of every node.

        Raises:
            ValueError: a node takes what is not there yet, or what it cannot take.
        """
        found = [self.n_inputs]
        for number, node in enumerate(self.nodes, start=1):
            if not node.takes or not all(0 <= place < number for place in node.takes):
                raise ValueError(f"Node {number} takes the blocks {list(node.takes)}, which are not there yet.")
            found.append(node.operation.width([found[place] for place in node.takes]))
        return tuple(found)

    @property
    def n_members(self) -> int:
        """One: how much its parts disagree is not known."""
        return 1

    @property
    def n_parameters(self) -> int:
        """How many numbers its operations hold."""
        return sum(array.size for node in self.nodes for array in arrays_of(node.operation))

    @property
    def block_rows(self) -> int:
        """How many rows are best computed at once: fewer where blocks are wide."""
        return int(np.clip(_BLOCK_VALUES // max(self.widths), MIN_BLOCK_ROWS, MAX_BLOCK_ROWS))

    def mean(self, inputs: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64 of float32 inputs (n, n_inputs)."""
        return self.run(inputs, lambda rows, block: np.copyto(block, rows))[0][0].astype(float)

    def run(
        self, rows: np.ndarray, write: Write, weigh: Weigh | None = None, n_functions: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Outcomes (1, n) float32, and gradients (m, n, n_inputs) by the inputs of functions of them.

        Args:
            weigh: what each function makes of the outcomes; without it there are no gradients.
        """
        n_rows = len(rows)
        outputs = np.empty((1, n_rows), dtype=np.float32)
        gradients = np.empty((n_functions, n_rows, self.n_inputs), dtype=np.float32)
        with np.errstate(all="ignore"), on_one_thread():
            for start in range(0, n_rows, self.block_rows):
                block = slice(start, min(start + self.block_rows, n_rows))
                inputs = np.empty((block.stop - start, self.n_inputs), dtype=np.float32)
                write(rows[block], inputs)
                blocks = self._forward(inputs)
                outputs[0, block] = blocks[-1][:, 0]
                if weigh is None:
                    continue
                slopes = self._backward(blocks)
                for number, weights in enumerate(weigh(outputs[:, block])):
                    gradients[number, block] = slopes * weights[0][:, None]
        return outputs, gradients

    def _forward(self, inputs: np.ndarray) -> list[np.ndarray]:
        """The inputs and the result of every node."""
        blocks = [inputs]
        for node in self.nodes:
            blocks.append(node.operation.forward([blocks[place] for place in node.takes]))
        return blocks

    def _backward(self, blocks: Sequence[np.ndarray]) -> np.ndarray:
        """The gradient (n, n_inputs) of the outcome by the inputs: reverse-mode differentiation."""
        by_block: list[np.ndarray | None] = [None] * len(blocks)
        by_block[-1] = np.ones_like(blocks[-1])
        for number in range(len(self.nodes), 0, -1):
            node, g = self.nodes[number - 1], by_block[number]
            if g is None:
                continue
            given = [blocks[place] for place in node.takes]
            for place, part in zip(node.takes, node.operation.backward(g, given, blocks[number]), strict=True):
                known = by_block[place]
                by_block[place] = part if known is None else known if part is None else known + part
        slopes = by_block[0]
        return np.zeros_like(blocks[0]) if slopes is None else slopes


def arrays_of(operation: Operation) -> list[np.ndarray]:
    """The arrays of an operation, in the order of its attributes."""
    found = (getattr(operation, field.name) for field in fields(operation))  # type: ignore[arg-type]
    return [value for value in found if isinstance(value, np.ndarray)]
