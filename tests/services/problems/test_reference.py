import json

import numpy as np
import pytest

from models import DatasetError
from optimizer import Goal
from services.problems.building import build_problem, build_space
from services.problems.reference import (
    moving_only,
    outside_words,
    recorded_reference,
    reference_of,
    reference_row,
    setting_words,
    suggested_row,
    typed_reference,
    with_reference,
)
from services.results.baselines import baseline_sentence
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import ReferenceSpec, RunSpec
from services.texts.tables import comparison_frame, provenance_frame

SAND, WATER, TEMP, SPEED, RESIN, AGE = range(6)
TYPED = {"sand": 60.0, "water": 30.0, "temp": 20.0, "speed": 4.0, "resin": "B", "age": 7.0}


@pytest.fixture
def dataset(mixed):
    """The recorded rows of the small table."""
    return mixed.dataset


def at_row(spec, dataset, number):
    return spec.revised(reference=recorded_reference(spec, dataset, number))


def typed(spec, dataset, **changes):
    return spec.revised(reference=typed_reference(spec, dataset, TYPED | changes, "Monday's mix"))


def features_of(spec):
    return {feature.name: feature for feature in spec.features}


@pytest.fixture(scope="module")
def improved(mixed_spec, mixed):
    """A run that improves row 12 by sand and temp alone, and its result."""
    spec = moving_only(at_row(mixed_spec, mixed.dataset, 12), ["sand", "temp"])
    return run_spec(spec, mixed).result


def test_a_recorded_row_is_found_by_its_number(mixed_spec, dataset):
    spec = at_row(mixed_spec, dataset, 12)
    np.testing.assert_array_equal(reference_row(spec, dataset), dataset.X[11])
    assert spec.reference.values[RESIN] in dataset.features[RESIN].categories


def test_numbers_are_those_of_the_file(mixed_spec, dataset):
    later = dataset.taken(np.arange(40, 80))
    spec = at_row(mixed_spec, later, 41)
    np.testing.assert_array_equal(reference_row(spec, later), dataset.X[40])
    with pytest.raises(DatasetError, match="There is no recorded row 12: rows are numbered 41 to 80"):
        recorded_reference(mixed_spec, later, 12)


def test_a_setting_that_was_typed_in_is_told_by_its_name_and_values(mixed_spec, dataset):
    spec = typed(mixed_spec, dataset)
    assert reference_row(spec, dataset).tolist() == [60, 30, 20, 4, 1, 7]
    assert setting_words(spec, dataset) == "sand 60.0 kg, water 30.0 kg, temp 20.0, speed 4, resin B"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resin": "D"}, "has 'D' for 'resin', expected one of"),
        ({"resin": 1.0}, "for 'resin', expected one of"),
        ({"sand": "much"}, "has 'much' for 'sand', expected a number"),
        ({"sand": float("nan")}, "for 'sand', expected a number"),
        ({"sand": float("inf")}, "for 'sand', expected a number"),
    ],
)
def test_values_that_are_none_are_refused(mixed_spec, dataset, changes, words):
    with pytest.raises(DatasetError, match=words):
        typed(mixed_spec, dataset, **changes)


def test_a_feature_without_a_value_is_refused(mixed_spec, dataset):
    with pytest.raises(DatasetError, match=r"says nothing about \['age'\]"):
        typed_reference(mixed_spec, dataset, {name: TYPED[name] for name in TYPED if name != "age"})


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (ReferenceSpec(values=(1.0, 2.0)), "one value for each of the 6 features of the run, got 2"),
        (ReferenceSpec(row=3, values=(60.0, 30.0, 20.0, 4.0, "B", 7.0)), "its values are not those of that row"),
        (ReferenceSpec(row=999, values=(60.0, 30.0, 20.0, 4.0, "B", 7.0)), "There is no recorded row 999"),
    ],
)
def test_a_document_whose_reference_is_wrong_is_refused_before_it_is_searched(mixed_spec, mixed, reference, words):
    with pytest.raises(DatasetError, match=words):
        build_problem(mixed_spec.revised(reference=reference), mixed)


def test_a_run_has_no_reference_unless_it_says_so(mixed_spec):
    document = json.loads(mixed_spec.model_dump_json())
    del document["reference"]
    assert RunSpec.model_validate(document) == mixed_spec
    assert mixed_spec.reference is None


def test_all_but_what_may_move_is_held_at_the_reference(mixed_spec, dataset):
    spec = moving_only(at_row(mixed_spec, dataset, 12), ["sand", "temp"])
    features = features_of(spec)
    assert [name for name, feature in features.items() if feature.is_free] == ["sand", "temp", "age"]  # age is swept
    assert (features["sand"].low, features["sand"].high) == (mixed_spec.features[SAND].low, mixed_spec.features[0].high)
    held = dict(zip(features, spec.reference.values, strict=True))
    assert all(features[name].value == held[name] for name in ("water", "speed", "resin"))
    freed = moving_only(spec, [feature.name for feature in spec.features])
    assert all(feature.is_free for feature in freed.features)


def test_bounds_give_way_to_what_is_held_outside_of_them(mixed_spec, dataset, with_feature):
    narrow = with_feature(mixed_spec, "water", low=39.0, high=39.5)
    spec = moving_only(at_row(narrow, dataset, 12), ["sand"])
    water = features_of(spec)["water"]
    assert water.low <= water.value <= water.high == 39.5
    build_space(spec, dataset)  # and is not refused


def test_another_reference_takes_along_what_was_held_at_the_former(mixed_spec, dataset, with_feature):
    spec = moving_only(at_row(mixed_spec, dataset, 12), ["sand", "temp"])
    spec = with_feature(spec, "speed", value=spec.features[SPEED].value + 1)  # by hand
    moved = with_reference(spec, recorded_reference(spec, dataset, 30))
    assert features_of(moved)["water"].value == dataset.X[29, WATER]
    assert features_of(moved)["speed"].value == features_of(spec)["speed"].value
    assert features_of(moved)["sand"].is_free
    assert with_reference(moved, None).features == moved.features


def test_where_the_search_cannot_return_to_the_reference_is_said(mixed_spec, dataset, with_feature):
    spec = typed(mixed_spec, dataset)
    assert outside_words(spec, dataset) == ""
    spec = with_feature(with_feature(spec, "sand", low=65.0), "resin", allowed=("A", "C"))
    spec = with_feature(spec, "temp", step=3.0)
    words = outside_words(spec, dataset)
    assert "sand 60 kg is not between 65 and " in words
    assert "resin B is not allowed" in words and "temp 20 is no multiple of its step 3" in words
    assert "sand" not in outside_words(with_feature(spec, "sand", is_free=False), dataset)


@pytest.mark.parametrize(("goal", "best"), [(Goal.MAXIMUM, np.argmax), (Goal.MINIMUM, np.argmin)])
def test_the_row_that_is_suggested_is_the_best_measured(plain_spec, dataset, goal, best):
    assert suggested_row(plain_spec.revised(goal=goal), dataset) == dataset.numbers[best(dataset.y)]


def test_the_row_that_is_suggested_for_a_value_is_the_nearest_to_it(plain_spec, dataset):
    spec = plain_spec.revised(goal=Goal.VALUE, value=float(dataset.y[5]) + 1e-6)
    assert suggested_row(spec, dataset) == 6


def test_a_result_says_of_its_reference_what_it_says_of_results(improved, mixed):
    name, row = reference_of(improved)
    assert (name, len(row), row.rows) == ("Row 12", 1, (12,))
    assert row.measured == (mixed.dataset.y[11],)
    assert row.plausibility is not None and row.densities is not None and row.curves is not None
    assert row.robust_low[0] <= row.outcomes[0] <= row.robust_high[0]
    X, reference = np.array(improved.results.X), np.array(row.X[0])
    held = [WATER, SPEED, RESIN]
    assert (X[:, held] == reference[held]).all()
    assert RunResult.model_validate_json(improved.model_dump_json()).reference == improved.reference


def test_a_typed_reference_has_a_nearest_recorded_row(mixed_spec, mixed):
    spec = typed(mixed_spec, mixed.dataset).revised(budget={"evaluations": 200})
    name, row = reference_of(run_spec(spec, mixed).result)
    assert name == "Monday's mix"
    assert row.measured is None and row.nearest is not None


def test_without_a_reference_it_is_the_best_recorded_row(mixed_spec, mixed):
    result = run_spec(mixed_spec.revised(budget={"evaluations": 200}), mixed).result
    name, row = reference_of(result)
    assert name == f"Row {result.best_recorded.rows[0]}"
    assert row == result.best_recorded.only(0)
    assert result.best_recorded.X[:1] == row.X and row.nearest is None


def test_tables_and_sentences_have_the_reference(improved):
    frame = comparison_frame(improved)
    assert frame["candidate"].iloc[len(improved.results)] == "Reference: Row 12"
    assert "; reference (Row 12): predicted " in baseline_sentence(improved)
    provenance = dict(provenance_frame(improved).itertuples(index=False))
    assert provenance["reference"].startswith("Row 12: sand ")
