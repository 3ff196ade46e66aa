import pytest

from models.intervals.conformal import Direction
from optimizer import Goal
from services.catalog.intervals import confidence_of


@pytest.mark.parametrize(
    ("goal", "direction"),
    [(Goal.MAXIMUM, Direction.ABOVE), (Goal.MINIMUM, Direction.BELOW), (Goal.VALUE, Direction.EITHER)],
)
def test_errors_count_on_the_side_that_the_search_goes_to(plain_spec, confident, goal, direction):
    spec = plain_spec.revised(goal=goal, value=50.0 if goal is Goal.VALUE else None)
    confidence = confidence_of(spec, confident)
    assert confidence is not None and confidence.direction is direction
    assert confidence.predictor is confident.predictor


def test_a_model_without_intervals_has_no_confidence(plain_spec, mixed):
    assert confidence_of(plain_spec, mixed) is None
