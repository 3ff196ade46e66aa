import numpy as np
import pytest

from models import DatasetError
from services.problems.reference import recorded_reference
from services.results.search import run_spec
from services.studies.what_if.starts import start_of_recorded, start_of_reference, what_if_starts
from services.studies.what_if.variants import Variants


@pytest.fixture(scope="session")
def result(mixed_spec, mixed):
    spec = mixed_spec.revised(budget={"evaluations": 400}, is_compared=False)
    return run_spec(spec, mixed, is_beside_random=False).result


def test_results_come_first_then_the_reference_then_variants(result, mixed):
    kept = Variants().keeping(result.results.X[0]).renamed("Variant 1", "mine").rows
    found = what_if_starts(result.spec, mixed.dataset, result, kept)
    n = len(result.results)
    assert [one.number for one in found] == [*range(1, n + 1), None, None]
    assert found[0].setting == result.results.X[0] and found[0].name.startswith("Result 1")
    assert found[n].setting == result.best_recorded.X[0]
    assert found[n].name == f"Row {result.best_recorded.rows[0]}, the best recorded"
    assert found[-1].name == "mine"


def test_without_a_result_it_is_the_row_that_was_measured_best(plain_spec, mixed):
    found = start_of_reference(plain_spec, mixed.dataset, None)
    best = int(np.argmax(mixed.dataset.y))
    assert found.setting == tuple(mixed.dataset.X[best])
    assert found.name == f"Row {best + 1}, measured best"


def test_the_reference_of_the_run_counts_more(plain_spec, mixed):
    spec = plain_spec.revised(reference=recorded_reference(plain_spec, mixed.dataset, 7))
    assert start_of_reference(spec, mixed.dataset, None) == start_of_recorded(mixed.dataset, 7)


def test_a_row_that_is_not_there_is_refused(mixed):
    with pytest.raises(DatasetError, match="There is no recorded row 81: rows are numbered 1 to 80"):
        start_of_recorded(mixed.dataset, 81)
