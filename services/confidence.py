"""How far a run's predictions can be trusted, seen from where its search goes."""

from models.intervals.conformal import ConformalPredictor, Direction
from optimizer import Goal
from services.material import Material
from services.runspec import RunSpec

_DIRECTIONS = {Goal.MAXIMUM: Direction.ABOVE, Goal.MINIMUM: Direction.BELOW, Goal.VALUE: Direction.EITHER}


def confidence_of(spec: RunSpec, material: Material) -> ConformalPredictor | None:
    """Return the model with its calibrated intervals, for a search that goes where this one does; None without any."""
    return None if material.confidence is None else material.confidence.toward(_DIRECTIONS[spec.goal])
