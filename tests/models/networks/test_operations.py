"""Every operation: the width that it promises, and gradients that are those of its values."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models.networks.network import ACTIVATIONS
from models.networks.operations import (
    MERGES,
    Activate,
    Bend,
    Columns,
    Count,
    Elu,
    Embed,
    Join,
    Look,
    Merge,
    Multiply,
    Normalise,
    Scale,
    Softmax,
    Standardise,
)

RNG = np.random.default_rng(5)


def row(*values):
    return np.array(values, dtype=np.float32)


SMOOTH = {
    "multiply": (Multiply(RNG.normal(size=(3, 2)).astype("f4"), row(1, 2)), (3,)),
    "scale": (Scale(row(1, -2, 3), row(0, 1, 2)), (3,)),
    "standardise": (Standardise(row(1, 2, 3), row(2, 1, 0.5)), (3,)),
    "elu": (Elu(0.7), (3,)),
    "bend": (Bend(row(0.1, 0.2, 0.3), 0.05, 1.5), (3,)),
    "softmax": (Softmax(), (4,)),
    "normalise": (Normalise(row(1, 2, 3, 4), row(0, 1, 0, 1), 1e-3), (4,)),
    "join": (Join(), (2, 3)),
    "columns": (Columns(1, 3), (4,)),
    **{f"merge {how}": (Merge(how), (3, 3)) for how in MERGES},
    **{f"merge {how} of three": (Merge(how), (3, 1, 3)) for how in MERGES if how != "subtract"},
    **{name: (Activate(activation), (3,)) for name, activation in ACTIVATIONS.items()},
}


STEP = 1e-5


def moved_value(operation, xs, i, by, g):
    """Return g times the result, row by row, with block ``i`` moved, in float64."""
    moved = [x.astype(float) + (by if j == i else 0) for j, x in enumerate(xs)]
    return (operation.forward(moved) * g).sum(axis=1)


@pytest.mark.parametrize("name", SMOOTH)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_gradients_are_those_of_the_values(name, seed):
    operation, widths = SMOOTH[name]
    rng = np.random.default_rng(seed)
    xs = [rng.normal(size=(5, width)).astype(np.float32) for width in widths]
    y = operation.forward(xs)
    assert y.dtype == np.float32 and y.shape == (5, operation.width(widths))
    g = rng.normal(size=y.shape).astype(np.float32)
    for i, part in enumerate(operation.backward(g, xs, y)):
        assert part.shape == xs[i].shape
        direction = rng.normal(size=xs[i].shape)
        above, below = (moved_value(operation, xs, i, sign * STEP * direction, g) for sign in (1, -1))
        slope = (above - below) / (2 * STEP)
        expected = (part * direction).sum(axis=1)
        off = ~np.isclose(slope, expected, rtol=2e-3, atol=2e-3)
        assert off.sum() <= 1, (slope, expected)  # a kink may lie between the two


@pytest.mark.parametrize(
    ("operation", "xs", "expected"),
    [
        (Look(row(10, 20, 30), row(2, 1, 5), 0), [[10.0], [30.0], [15.0], [99.0]], [[2.0], [5.0], [0.0], [0.0]]),
        (Count(3, "multi_hot"), [[0.0, 2.0], [1.0, 1.0], [7.0, -1.0]], [[1, 0, 1], [0, 1, 0], [0, 0, 0]]),
        (Count(3, "count"), [[0.0, 2.0], [1.0, 1.0]], [[1, 0, 1], [0, 2, 0]]),
        (Embed(np.array([[1, 2], [3, 4]], dtype="f4")), [[1.0, 0.0]], [[3, 4, 1, 2]]),
        (Embed(np.array([[1, 2], [3, 4]], dtype="f4")), [[2.0], [-1.0], [0.5]], [[np.nan] * 2] * 3),
        (Bend(row(0.1), 1.0, 6.0), [[0.0], [1.0], [7.0]], [[-0.1], [1.0], [6.0]]),
    ],
)
def test_what_jumps_from_value_to_value_has_no_slope(operation, xs, expected):
    x = np.array(xs, dtype=np.float32)
    y = operation.forward([x])
    np.testing.assert_allclose(y, np.array(expected, dtype=np.float32), rtol=1e-6)
    assert operation.width([x.shape[1]]) == y.shape[1]
    if not isinstance(operation, Bend):
        assert operation.backward(np.ones_like(y), [x], y) == (None,)


@pytest.mark.parametrize(
    ("operation", "widths"),
    [
        (Multiply(np.ones((3, 2), dtype="f4"), row(1, 2)), (2,)),
        (Scale(row(1, 2), row(1, 2)), (3,)),
        (Columns(1, 5), (4,)),
        (Columns(2, 2), (4,)),
        (Columns(0, 1), (4, 4)),
        (Merge("add"), (2, 3)),
        (Merge("add"), (2,)),
        (Merge("subtract"), (2, 2, 2)),
        (Merge("os.system"), (2, 2)),
        (Count(0, "count"), (1,)),
        (Count(3, "weights"), (1,)),
        (Look(row(2, 1), row(1, 2), 0), (1,)),
        (Look(row(1, 1), row(1, 2), 0), (1,)),
        (Softmax(), (2, 2)),
    ],
)
def test_what_does_not_fit_is_refused(operation, widths):
    with pytest.raises(ValueError, match=r"columns|merged|difference|counted|keys"):
        operation.width(widths)
