import json

import pytest
from hypothesis import given, strategies as st

from services.specs.run import CategoricalSpec, NumericSpec
from ui.web.settings_board.component import what_is_set
from ui.web.settings_board.reading import read_edits

FEATURES = (
    NumericSpec(name="sand", low=50.0, high=70.0, value=60.0, step=0.1),
    CategoricalSpec(name="resin", allowed=("A", "B"), value="A"),
)
CATEGORIES = {"resin": ("A", "B", "C")}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from(["is_free", "low", "high", "value", "mutation_strength", "step", "tolerance", "allowed"]), JSON
)


def edit(name, **fields):
    return read_edits(FEATURES, [{"name": name} | fields], CATEGORIES)


def test_what_is_set_is_read_as_it_was():
    sent = json.loads(json.dumps([{"name": feature.name} | what_is_set(feature) for feature in FEATURES]))
    assert read_edits(FEATURES, sent, CATEGORIES) == (FEATURES, "")


def test_a_feature_is_set():
    sand = edit("sand", is_free=False, low=51, high=52.5, value=52, mutation_strength=0.3, step=None, tolerance=2)[0][0]
    assert sand == NumericSpec(
        name="sand", is_free=False, low=51, high=52.5, value=52, mutation_strength=0.3, step=None, tolerance=2
    )
    assert isinstance(sand.low, float)
    assert edit("resin", allowed=["C", "A", "A"])[0][1].allowed == ("A", "C")
    assert edit("sand", step=0)[0][0].step is None


REFUSED = [
    ("sand", "low", "abc", "Min of 'sand' is a number, got 'abc': type one, such as 50."),
    ("sand", "high", None, "Max of 'sand' is a number, got nothing"),
    ("sand", "low", True, "Min of 'sand' is a number, got True"),
    ("sand", "value", 10**400, "The value of 'sand' is a number"),
    ("sand", "mutation_strength", float("nan"), "The mutation strength of 'sand' is a number, got nan"),
    ("sand", "step", float("inf"), "The step of 'sand' is a number, got inf"),
    ("sand", "tolerance", -1, "The dosing tolerance of 'sand' is 0 or more, got -1"),
    ("sand", "is_free", "no", "The switch of 'sand' is on or off, got 'no'"),
    ("sand", "low", ["x"] * 1000, "got ['x', 'x'"),
    ("resin", "allowed", ["D"], "The allowed categories of 'resin' are some of ['A', 'B', 'C'], got ['D']"),
    ("resin", "allowed", "A", "got 'A': choose among them"),
    ("resin", "allowed", [["A"]], "got [['A']]"),
    ("resin", "value", "D", "The value of 'resin' is one of ['A', 'B', 'C'], got 'D'"),
    ("resin", "value", {}, "got {}"),
]


@pytest.mark.parametrize(("name", "field", "value", "words"), REFUSED)
def test_what_makes_no_sense_is_refused_and_all_stays(name, field, value, words):
    features, refusal = edit(name, **{field: value})
    assert words in refusal
    assert len(refusal) < 200
    assert features == FEATURES


def test_a_number_of_thousands_of_digits_is_refused_as_any_other():
    assert "got a number too long to show" in edit("sand", value=10**5000)[1]


def test_one_wrong_field_does_not_take_the_others_along():
    (sand, _), _ = edit("sand", low="abc", high=65)
    assert sand.high == 65 and sand.low == 50


def test_many_refusals_are_told_as_some():
    _, refusal = edit("sand", low="a", high="b", value="c", mutation_strength="d", step="e")
    assert refusal.endswith("2 more like that.")


def test_what_is_unknown_changes_nothing():
    sent = [
        {"name": "gravel", "low": 1},
        {"name": "sand", "name_of": 2, "kind": "categorical"},
        "sand",
        None,
        {"low": 3},
    ]
    assert read_edits(FEATURES, sent, CATEGORIES)[0] == FEATURES
    assert edit("sand", allowed=["A"])[0] == FEATURES


@given(JSON, FIELDS, FIELDS)
def test_whatever_comes_the_features_stay_features(anything, sand, resin):
    read_edits(FEATURES, anything, CATEGORIES)
    for feature in read_edits(FEATURES, [sand | {"name": "sand"}, resin | {"name": "resin"}], CATEGORIES)[0]:
        assert type(feature).model_validate(feature.model_dump()) == feature
