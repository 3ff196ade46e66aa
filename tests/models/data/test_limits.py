"""Limits that physics sets to an outcome: what they may be, what they do to values, and which rows break them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models import Dataset, DatasetError, PhysicalLimits
from models.data.limits import NO_LIMITS

ENDS = st.one_of(st.none(), st.floats(-1e6, 1e6))


@pytest.fixture
def dataset():
    frame = pd.DataFrame({"a": np.arange(5.0), "yield": [3.0, 0.0, 40.0, 100.0, 7.5]})
    return Dataset.from_frame(frame, name="shares", outcome="yield", features=["a"], units={"yield": "%"})


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (float("nan"), None, "'Lowest possible' has to be a finite number, or nothing for no limit; got nan"),
        (None, float("inf"), "'Highest possible' has to be a finite number, or nothing for no limit; got inf"),
        ("abc", None, "'Lowest possible' has to be a finite number, or nothing for no limit; got abc"),
        (5, 2, "'Lowest possible' has to be below 'Highest possible'; got 5 and 2"),
        (5, 5, "'Lowest possible' has to be below 'Highest possible'; got 5 and 5"),
    ],
)
def test_ends_that_are_none_are_refused_in_words(low, high, words):
    with pytest.raises(DatasetError, match=words):
        PhysicalLimits(low, high)


@given(low=ENDS, high=ENDS, values=st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=9))
def test_what_is_clipped_lies_within_and_what_lay_within_stays(low, high, values):
    if low is not None and high is not None and low >= high:
        return
    limits, values = PhysicalLimits(low, high), np.array(values, dtype=float)
    clipped = limits.clip(values)
    known = ~np.isnan(values)
    assert (np.isnan(clipped) == np.isnan(values)).all()
    assert limits.holds(clipped[known])
    within = known & (values >= (-np.inf if low is None else low)) & (values <= (np.inf if high is None else high))
    assert (clipped[within] == values[within]).all()
    assert limits.is_open == (low is None and high is None)


def test_limits_are_said_in_words():
    assert PhysicalLimits(0, 100).words("%") == "always within 0 to 100 %"
    assert PhysicalLimits(0).words("MPa") == "never below 0 MPa"
    assert PhysicalLimits(high=1.5).words() == "never above 1.5"
    assert NO_LIMITS.words("MPa") == ""


def test_an_area_has_limits_of_its_own():
    assert PhysicalLimits(0, 100).scaled(27) == PhysicalLimits(0, 2700)
    assert NO_LIMITS.scaled(27) == NO_LIMITS


def test_rows_beyond_a_limit_are_counted_and_the_worst_is_named(dataset):
    assert replace(dataset, limits=PhysicalLimits(0, 100)).limits == PhysicalLimits(0, 100)
    with pytest.raises(DatasetError) as error:
        replace(dataset, limits=PhysicalLimits(0, 30))
    assert str(error.value) == (
        "'Highest possible' of yield is set to 30 %, but 2 recorded rows lie above it: 100 in row 4, the farthest. Set "
        "'Highest possible' to that value or above it, leave it empty for no limit, or correct that row."
    )
    with pytest.raises(DatasetError, match=r"'Lowest possible' .* 1 recorded row lies below it: 0 in row 2\. Set"):
        replace(dataset, limits=PhysicalLimits(1))


def test_limits_are_part_of_the_digest_and_no_limits_are_not(dataset):
    several = ((None, None), (0, None), (-1, None), (0, 100))
    digests = {replace(dataset, limits=PhysicalLimits(*ends)).digest for ends in several}
    assert len(digests) == 4 and dataset.digest in digests
    assert replace(dataset, limits=PhysicalLimits(-0.0)).digest == replace(dataset, limits=PhysicalLimits(0)).digest


def test_the_digest_without_limits_is_that_of_before(dataset):
    assert dataset.digest == "3f70cd8cbb7c48e014d576b900149638aaf0067fe3a684751d89c198a2e1b76b"


def test_they_go_along_with_some_of_the_rows_and_with_other_features(dataset):
    limited = replace(dataset, limits=PhysicalLimits(0, 100))
    assert limited.taken(np.array([1, 2])).limits == limited.limits
    assert limited.with_features(limited.features, limited.X * 2).limits == limited.limits
