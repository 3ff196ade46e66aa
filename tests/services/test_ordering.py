import numpy as np
import pytest

from optimizer import Goal
from services.ordering import SortBy, order_of, orders, worst_cases
from services.search import run_spec


@pytest.fixture(scope="module")
def result(plain_spec, mixed):
    """Three results with made-up bands and plausibilities."""
    found = run_spec(plain_spec, mixed).result
    rows = found.results.model_copy(
        update={"robust_low": (1.0, 3.0, 2.0), "robust_high": (9.0, 5.0, 12.0), "plausibility": (10.0, 10.0, 60.0)}
    )
    return found.model_copy(update={"results": rows})


@pytest.mark.parametrize(
    ("goal", "value", "worst", "order"),
    [
        ("maximum", None, [1, 3, 2], [1, 2, 0]),
        ("minimum", None, [9, 5, 12], [1, 0, 2]),
        ("value", 6.0, [1, 3, 12], [1, 0, 2]),
    ],
)
def test_the_worst_case_is_the_worse_end_of_the_band(result, goal, value, worst, order):
    changed = result.model_copy(update={"goal": Goal(goal), "spec": result.spec.revised(goal=goal, value=value)})
    np.testing.assert_array_equal(worst_cases(changed, changed.results), worst)
    assert order_of(changed, SortBy.WORST_CASE).tolist() == order


def test_the_most_plausible_comes_first_and_equals_keep_their_order(result):
    assert order_of(result, SortBy.PLAUSIBILITY).tolist() == [2, 0, 1]
    assert order_of(result, SortBy.CHOSEN).tolist() == [0, 1, 2]
    assert orders(result) == list(SortBy)


def test_documents_of_before_have_one_order(result):
    old = result.results.model_copy(update={"robust_low": None, "robust_high": None, "plausibility": None})
    before = result.model_copy(update={"results": old})
    assert orders(before) == [SortBy.CHOSEN]
    assert worst_cases(before, old) is None
    for by in SortBy:
        assert order_of(before, by).tolist() == [0, 1, 2]
