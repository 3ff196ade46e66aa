import numpy as np
import pytest

from optimizer import Goal
from services.results.robustness import worst_cases
from services.results.search import run_spec


@pytest.fixture(scope="module")
def result(plain_spec, mixed):
    """Three results with made-up bands."""
    found = run_spec(plain_spec, mixed).result
    rows = found.results.model_copy(update={"robust_low": (1.0, 3.0, 2.0), "robust_high": (9.0, 5.0, 12.0)})
    return found.model_copy(update={"results": rows})


@pytest.mark.parametrize(
    ("goal", "value", "worst"),
    [("maximum", None, [1, 3, 2]), ("minimum", None, [9, 5, 12]), ("value", 6.0, [1, 3, 12])],
)
def test_the_worst_case_is_the_worse_end_of_the_band(result, goal, value, worst):
    changed = result.model_copy(update={"goal": Goal(goal), "spec": result.spec.revised(goal=goal, value=value)})
    np.testing.assert_array_equal(worst_cases(changed, changed.results), worst)


def test_documents_of_before_know_no_worst_case(result):
    old = result.results.model_copy(update={"robust_low": None, "robust_high": None})
    assert worst_cases(result, old) is None
