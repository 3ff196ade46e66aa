import pytest
from hypothesis import given, strategies as st

from services.papers.variants import MAX_NAME, Variants


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
    assert Variants.from_paper(variants.model_dump_json()).of_features(2) == variants


@pytest.mark.parametrize("text", [None, "", "no json", '{"rows": [{"name": "a"}]}', '{"rows": 3}'])
def test_what_is_no_document_of_variants_is_none(text):
    assert Variants.from_paper(text) == Variants()


def test_variants_of_another_model_are_left_out():
    assert three().of_features(3) == Variants()
