import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from models.cards.intervals import ErrorCard


def card(**changes: float) -> ErrorCard:
    return ErrorCard(**({"constant": 0.04, "spread": 2.0, "distance": 0.25, "scores": (0.2, 0.6, 1.0, 1.9)} | changes))


def test_expected_error_is_the_root_of_the_summed_parts() -> None:
    expected = card().expected(np.array([0.0, 0.1]), np.array([0.0, 2.0]))
    assert expected == pytest.approx([0.2, np.sqrt(0.04 + 2 * 0.01 + 0.25 * 4)])


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
def test_expected_error_never_falls_with_distance(spread: float, near: float, more: float) -> None:
    first, second = card().expected(np.full(2, spread), np.array([near, near + more]))
    assert second >= first


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_higher_level_takes_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert card().factor(low) <= card().factor(high)


def test_factors_are_quantiles_of_the_scores() -> None:
    many = card(scores=tuple(np.linspace(0.0, 2.0, 201)))
    assert many.factor(0.5) == pytest.approx(1.0, abs=0.01)
    assert many.factor(0.9) == pytest.approx(1.8, abs=0.02)


@pytest.mark.parametrize("change", [{"constant": -1.0}, {"distance": float("nan")}, {"scores": ()}, {"other": 1.0}])
def test_refuses_what_is_no_calibration(change: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        card(**change)
