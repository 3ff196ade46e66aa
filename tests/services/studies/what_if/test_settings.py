import numpy as np
import pytest

from models import DatasetError
from services.problems.reference import recorded_reference
from services.results.search import run_spec
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.settings import (
    WhatIfStart,
    start_of_recorded,
    start_of_reference,
    variants_frame,
    what_if_starts,
)


def test_the_table_says_what_is_predicted_and_readable_settings(mixed_spec, confident):
    explorer = WhatIfModel.of(mixed_spec, confident)
    X = confident.dataset.X[:2]
    frame = variants_frame(explorer, [("a", X[0]), ("=b", X[1])])
    assert list(frame.columns[:6]) == [
        "variant",
        "predicted area [%·d]",
        "low 90 % [%·d]",
        "high 90 % [%·d]",
        "plausibility [%]",
        "density [kg]",
    ]
    assert "age [d]" not in frame.columns
    np.testing.assert_allclose(frame["predicted area [%·d]"], explorer.outcomes(X).mean)
    np.testing.assert_allclose(frame["density [kg]"], X[:, :2].sum(axis=1))
    assert set(frame["resin"]) <= {"A", "B", "C"}


@pytest.fixture(scope="session")
def result(mixed_spec, mixed):
    spec = mixed_spec.revised(budget={"evaluations": 400}, is_compared=False)
    return run_spec(spec, mixed, is_beside_random=False).result


def test_results_come_first_then_the_reference_then_variants(result, mixed):
    kept = [WhatIfStart("mine", result.results.X[0])]
    found = what_if_starts(WhatIfModel.of(result.spec, mixed), result, kept)
    n = len(result.results)
    assert [one.number for one in found] == [*range(1, n + 1), None, None]
    assert found[0].setting == result.results.X[0] and found[0].name.startswith("Result 1")
    assert found[n].setting == result.best_recorded.X[0]
    assert found[n].name == f"Row {result.best_recorded.rows[0]}, the best recorded"
    assert found[-1].name == "mine"


def test_the_reference_is_that_of_the_run_else_the_row_that_was_measured_best(plain_spec, mixed):
    found = start_of_reference(WhatIfModel.of(plain_spec, mixed), None)
    best = int(np.argmax(mixed.dataset.y))
    assert found.setting == tuple(mixed.dataset.X[best])
    assert found.name == f"Row {best + 1}, measured best"
    spec = plain_spec.revised(reference=recorded_reference(plain_spec, mixed.dataset, 7))
    assert start_of_reference(WhatIfModel.of(spec, mixed), None) == start_of_recorded(mixed.dataset, 7)
    with pytest.raises(DatasetError, match="There is no recorded row 81: rows are numbered 1 to 80"):
        start_of_recorded(mixed.dataset, 81)
