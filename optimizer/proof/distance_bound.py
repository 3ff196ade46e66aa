"""The gate as boxes see it: whatever passes lies near a recorded row."""

from optimizer.plausibility.neighbours import Neighbours
from optimizer.problem.gate import Gate
from optimizer.problem.penalties import DistancePenalty

PRICE = 20.0  # standard deviations of the objective per one of distance; any is right, a high one bounds sharply
_ROUNDING = 1e-9


def distance_bound_of(gate: Gate) -> DistancePenalty | None:
    """Return a cost that nothing pays which passes the gate, or None for a gate that is not by distance.

    Where the mean distance to the nearest rows is at most so much, that to the nearest one is. So a bound on objective
    plus this cost is one for everything that passes; it is wider than it had to be, for more than what passes is free.
    """
    measure, scaling = gate.plausibility.measure, gate.plausibility.scaling
    if not isinstance(measure, Neighbours) or not len(scaling.numeric):
        return None
    rows = scaling.unscaled(measure.rows)
    threshold = max(gate.level, 0.0) * (1 + _ROUNDING) + _ROUNDING
    return DistancePenalty(rows, scaling.stds, scaling.n_codes, threshold, PRICE)
