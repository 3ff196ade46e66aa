"""The operations that a graph is made of: each maps blocks (n, w) float32 to one block, and gradients back.

The gradient of an operation follows from that of its result; None stands for 0, of what jumps from value to value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np

from models.networks.network import Activation

Blocks = Sequence[np.ndarray]
Gradients = Sequence[np.ndarray | None]


class Operation(Protocol):
    """One step of a graph."""

    def width(self, widths: Sequence[int]) -> int:
        """Columns of the result of blocks of these widths.

        Raises:
            ValueError: it takes other ones.
        """
        ...

    def forward(self, xs: Blocks) -> np.ndarray:
        """The result (n, w) of blocks (n, w_i)."""
        ...

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """The gradients (n, w_i) by the blocks, of the gradient (n, w) by the result y."""
        ...


def expect(widths: Sequence[int], *wanted: int) -> None:
    """Raise a ValueError unless blocks have the widths that an operation takes."""
    if tuple(widths) != wanted:
        raise ValueError(f"An operation takes blocks of {list(wanted)} columns, it was given {list(widths)}.")


@dataclass(frozen=True, slots=True, eq=False)
class Multiply:
    """x @ kernel + bias.

    Attributes:
        kernel: (w_in, w) float32.
        bias: (w,) float32.
    """

    kernel: np.ndarray
    bias: np.ndarray

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, len(self.kernel))
        return self.kernel.shape[1]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        out: np.ndarray = xs[0] @ self.kernel
        return np.add(out, self.bias, out=out)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (g @ self.kernel.T,)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """x * scale + shift, column by column.

    Attributes:
        scale: (w,) float32.
        shift: (w,) float32.
    """

    scale: np.ndarray
    shift: np.ndarray

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, len(self.scale))
        return len(self.scale)

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        out: np.ndarray = xs[0] * self.scale
        return np.add(out, self.shift, out=out)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (g * self.scale,)


@dataclass(frozen=True, slots=True, eq=False)
class Standardise:
    """(x - mean) / deviation, column by column: of a large mean, `Scale` would lose the digits.

    Attributes:
        mean: (w,) float32.
        deviation: (w,) float32, above 0.
    """

    mean: np.ndarray
    deviation: np.ndarray

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, len(self.mean))
        return len(self.mean)

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        out: np.ndarray = xs[0] - self.mean
        return np.divide(out, self.deviation, out=out)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (g / self.deviation,)


@dataclass(frozen=True, slots=True, eq=False)
class Activate:
    """A function of every single value."""

    activation: Activation

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        return widths[0]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        return self.activation.values(xs[0])

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (g * self.activation.slopes(xs[0]),)


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """Below a threshold slope * (x - threshold), else x, and ``most`` at most: ReLU with its options, leaky, PReLU.

    Attributes:
        slope: (w,) float32.
        threshold: where it bends.
        most: infinity for no bound.
    """

    slope: np.ndarray
    threshold: float = 0.0
    most: float = np.inf

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, len(self.slope))
        return len(self.slope)

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        (x,) = xs
        low = (x - np.float32(self.threshold)) * self.slope
        return np.where(x < self.threshold, low, np.minimum(x, np.float32(self.most)))

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        (x,) = xs
        return (g * np.where(x < self.threshold, self.slope, (x < self.most).astype(np.float32)),)


@dataclass(frozen=True, slots=True, eq=False)
class Elu:
    """x above 0, alpha * (exp(x) - 1) below (Clevert et al. 2015)."""

    alpha: float

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        return widths[0]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        (x,) = xs
        return np.where(x > 0, x, np.float32(self.alpha) * np.expm1(np.minimum(x, 0)))

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        (x,) = xs
        return (g * np.where(x > 0, np.float32(1), np.float32(self.alpha) * np.exp(np.minimum(x, 0))),)


@dataclass(frozen=True, slots=True, eq=False)
class Softmax:
    """exp(x) over its sum in each row."""

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        return widths[0]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        raised = np.exp(xs[0] - xs[0].max(axis=1, keepdims=True))
        return np.divide(raised, raised.sum(axis=1, keepdims=True), out=raised)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (y * (g - (g * y).sum(axis=1, keepdims=True)),)


@dataclass(frozen=True, slots=True, eq=False)
class Normalise:
    """Every row to mean 0 and deviation 1, then scaled and shifted: layer normalisation (Ba et al. 2016).

    Attributes:
        scale: (w,) float32.
        shift: (w,) float32.
        epsilon: added to the variance.
    """

    scale: np.ndarray
    shift: np.ndarray
    epsilon: float

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, len(self.scale))
        return len(self.scale)

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        return self._standard(xs[0])[0] * self.scale + self.shift

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        z, factor = self._standard(xs[0])
        by_z = g * self.scale
        along = (by_z * z).mean(axis=1, keepdims=True)
        return ((by_z - by_z.mean(axis=1, keepdims=True) - z * along) * factor,)

    def _standard(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows with mean 0 and deviation 1, and what they were multiplied by."""
        centred = x - x.mean(axis=1, keepdims=True)
        factor = 1 / np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(self.epsilon))
        return centred * factor, factor


MERGES = ("add", "subtract", "multiply", "average", "maximum", "minimum")


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """Several blocks as one, value by value; one of a single column counts for all columns.

    Attributes:
        how: one of `MERGES`.
    """

    how: str

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        widest = max(widths, default=0)
        if self.how not in MERGES or len(widths) < 2 or {*widths} - {1, widest}:
            raise ValueError(f"Blocks of {list(widths)} columns cannot be merged by '{self.how}'.")
        if self.how == "subtract" and len(widths) != 2:
            raise ValueError(f"A difference is of two blocks, there are {len(widths)}.")
        return widest

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        combine = {"subtract": np.subtract, "multiply": np.multiply, "maximum": np.maximum, "minimum": np.minimum}
        out = xs[0]
        for x in xs[1:]:
            out = combine.get(self.how, np.add)(out, x)
        return out / np.float32(len(xs)) if self.how == "average" else out

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return [_as_wide(self._part(g, xs, y, i), xs[i].shape[1]) for i in range(len(xs))]

    def _part(self, g: np.ndarray, xs: Blocks, y: np.ndarray, i: int) -> np.ndarray:
        """The gradient by block i, as wide as the result."""
        match self.how:
            case "subtract" if i == 1:
                return -g
            case "average":
                return g / np.float32(len(xs))
            case "multiply":
                for x in (*xs[:i], *xs[i + 1 :]):
                    g = g * x
                return g
            case "maximum" | "minimum":
                is_first = xs[i] == y  # of equal ones the first counts
                for x in xs[:i]:
                    is_first = is_first & (x != y)
                return g * is_first
        return g


def _as_wide(g: np.ndarray, width: int) -> np.ndarray:
    """A gradient (n, w) for a block that counted for all columns if it has one."""
    return g.sum(axis=1, keepdims=True) if width == 1 and g.shape[1] > 1 else g


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """Blocks side by side."""

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        return sum(widths)

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        return np.concatenate(xs, axis=1)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        ends = accumulate((x.shape[1] for x in xs), initial=0)
        return [g[:, first:last] for first, last in pairwise(ends)]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Some columns of a block, from ``first`` up to ``last``."""

    first: int
    last: int

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        if len(widths) != 1 or not 0 <= self.first < self.last <= widths[0]:
            raise ValueError(f"There are no columns {self.first} to {self.last} in blocks of {list(widths)}.")
        return self.last - self.first

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        return xs[0][:, self.first : self.last]

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        out = np.zeros_like(xs[0])
        out[:, self.first : self.last] = g
        return (out,)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Every value replaced by what a list has for it.

    Attributes:
        keys: (m,) float32, increasing.
        values: (m,) float32, for each of them.
        other: for what is no key.
    """

    keys: np.ndarray
    values: np.ndarray
    other: float

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        if not len(self.keys) or len(self.keys) != len(self.values) or (np.diff(self.keys) <= 0).any():
            raise ValueError("A list needs increasing keys and a value for each.")
        return widths[0]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        (x,) = xs
        at = np.minimum(np.searchsorted(self.keys, x), len(self.keys) - 1)
        return np.where(self.keys[at] == x, self.values[at], np.float32(self.other))

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (None,)


COUNTS = ("multi_hot", "count")


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """Whether, or how often, each code from 0 on stands in a row; other codes count for nothing.

    Attributes:
        n: codes.
        how: one of `COUNTS`.
    """

    n: int
    how: str

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        if self.how not in COUNTS or self.n < 1:
            raise ValueError(f"Codes cannot be counted by '{self.how}'.")
        return self.n

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        counts = (xs[0][:, :, None] == np.arange(self.n, dtype=np.float32)).sum(axis=1, dtype=np.float32)
        return np.minimum(counts, np.float32(1)) if self.how == "multi_hot" else counts

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (None,)


@dataclass(frozen=True, slots=True, eq=False)
class Embed:
    """The row of a table that each code names, side by side; a code that names none gives NaN.

    Attributes:
        table: (m, k) float32.
    """

    table: np.ndarray

    def width(self, widths: Sequence[int]) -> int:
        """See `Operation`."""
        expect(widths, *widths[:1])
        return widths[0] * self.table.shape[1]

    def forward(self, xs: Blocks) -> np.ndarray:
        """See `Operation`."""
        codes = xs[0]
        is_known = (codes >= 0) & (codes < len(self.table)) & (codes == np.floor(codes))
        found = self.table[np.where(is_known, codes, 0).astype(int)]
        found[~is_known] = np.nan
        return found.reshape(len(codes), -1)

    def backward(self, g: np.ndarray, xs: Blocks, y: np.ndarray) -> Gradients:
        """See `Operation`."""
        return (None,)
