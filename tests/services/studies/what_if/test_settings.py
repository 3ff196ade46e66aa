import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import DatasetError
from services.problems.reference import recorded_reference
from services.results.search import run_spec
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.settings import (
    MAX_NAME,
    Variants,
    start_of_recorded,
    start_of_reference,
    variants_frame,
    what_if_starts,
)


def three():
    return Variants().keeping([1, 2]).keeping([3, 4]).keeping([5, 6])


def names(variants):
    return [row.name for row in variants.rows]


def test_variants_are_numbered_never_named_twice_and_put_back():
    variants = three()
    assert names(variants) == ["Variant 1", "Variant 2", "Variant 3"]
    again = variants.without("Variant 2").keeping([7, 8])
    assert names(again) == ["Variant 1", "Variant 3", "Variant 2"]
    assert again.rows[-1].setting == (7.0, 8.0)
    variants = three()
    assert variants.without("Variant 2").with_back(1, variants.rows[1]) == variants
    variants = three()
    gone = variants.without("Variant 2")
    assert gone.without("Variant 2") == gone.renamed("Variant 2", "new") == gone
    assert names(gone.keeping([7, 8]).with_back(1, variants.rows[1])) == [
        "Variant 1",
        "Variant 3",
        "Variant 2",
        "Variant 4",
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  less   water ", "less water"),
        ("", "Variant 2"),
        ("x" * 99, "x" * MAX_NAME),
        ("Variant 2", "Variant 2"),
        ("Variant 3", "Variant 3 2"),
    ],
)
def test_names_are_tidied(given, kept):
    assert names(three().renamed("Variant 2", given))[1] == kept


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2), max_size=4))
def test_documents_hold_settings_to_the_bit(settings):
    variants = Variants()
    for setting in settings:
        variants = variants.keeping(setting)
    assert Variants.of_text(variants.model_dump_json(), 2) == variants


@pytest.mark.parametrize("text", [None, "", "no json", '{"rows": [{"name": "a"}]}', '{"rows": 3}'])
def test_what_is_no_document_of_variants_is_none(text):
    assert Variants.of_text(text, 2) == Variants()


def test_variants_of_another_model_are_left_out():
    assert Variants.of_text(three().model_dump_json(), 3) == Variants()


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
    kept = Variants().keeping(result.results.X[0]).renamed("Variant 1", "mine").rows
    found = what_if_starts(result.spec, mixed.dataset, result, kept)
    n = len(result.results)
    assert [one.number for one in found] == [*range(1, n + 1), None, None]
    assert found[0].setting == result.results.X[0] and found[0].name.startswith("Result 1")
    assert found[n].setting == result.best_recorded.X[0]
    assert found[n].name == f"Row {result.best_recorded.rows[0]}, the best recorded"
    assert found[-1].name == "mine"


def test_the_reference_is_that_of_the_run_else_the_row_that_was_measured_best(plain_spec, mixed):
    found = start_of_reference(plain_spec, mixed.dataset, None)
    best = int(np.argmax(mixed.dataset.y))
    assert found.setting == tuple(mixed.dataset.X[best])
    assert found.name == f"Row {best + 1}, measured best"
    spec = plain_spec.revised(reference=recorded_reference(plain_spec, mixed.dataset, 7))
    assert start_of_reference(spec, mixed.dataset, None) == start_of_recorded(mixed.dataset, 7)
    with pytest.raises(DatasetError, match="There is no recorded row 81: rows are numbered 1 to 80"):
        start_of_recorded(mixed.dataset, 81)
