"""Figures of a quality check in words."""

import pytest

from services.studies.quality.spec import Figure
from services.studies.quality.texts import with_spread


@pytest.mark.parametrize(
    ("value", "spread", "unit", "words"),
    [
        (5.7812, 1.134, "MPa", "5.8 ± 1.1 MPa"),
        (4.1499, 0.6712, "MPa", "4.15 ± 0.67 MPa"),
        (12345.6, 321.0, "kg", "12,346 ± 321 kg"),
        (0.012345, 0.00067, "", "0.01235 ± 0.00067"),
        (4.1499, None, "MPa", "4.15 MPa"),
        (4.1499, 0.0, "", "4.15"),
    ],
)
def test_a_figure_has_the_digits_that_its_spread_leaves(value, spread, unit, words):
    assert with_spread(Figure(value=value, spread=spread), unit) == words
