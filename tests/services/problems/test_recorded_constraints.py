import numpy as np
import pytest

from models import Column, Dataset
from optimizer import SpaceError
from services.problems.building import constraints_error
from services.problems.constraints import check_constraint, constraint_sentence
from services.problems.recorded_constraints import (
    amounts_that_may_be_absent,
    frozen_words,
    recorded_words,
    share_met,
    share_words,
)
from services.specs.constraints import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    SumConstraintSpec,
)
from services.specs.run import CurveSpec, DatasetRef, ModelRef, NumericSpec, RunSpec

X = np.array([[10.0, 0.0, 1.0], [20.0, 4.0, 2.0], [30.0, 0.0, 3.0], [40.0, 8.0, 0.0]])


@pytest.fixture
def dataset():
    """Four mixes of cement and ash in kg, and hours without a unit."""
    columns = (Column("cement", unit="kg"), Column("ash", unit="kg"), Column("hours"))
    return Dataset(name="mixes", features=columns, outcome=Column("y"), X=X, y=X.sum(axis=1))


@pytest.fixture
def spec(dataset):
    lows, highs = X.min(axis=0), X.max(axis=0)
    features = tuple(
        NumericSpec(name=name, low=low, high=high, value=high)
        for name, low, high in zip(dataset.feature_names, lows, highs, strict=True)
    )
    return RunSpec(dataset=DatasetRef(name="mixes", digest=dataset.digest), model=ModelRef(name="m"), features=features)


def frozen(spec, name, value):
    features = tuple(
        f.model_copy(update={"is_free": False, "value": value}) if f.name == name else f for f in spec.features
    )
    return spec.revised(features=features)


def test_the_recorded_range_of_what_a_rule_limits_is_told_with_its_unit(dataset):
    total = SumConstraintSpec(features=("cement", "ash"))
    assert recorded_words(total, dataset) == "Recorded: this sum lies between 10.0 and 48.0 kg, on average 28.0."
    one = SumConstraintSpec(features=("hours",))
    assert recorded_words(one, dataset).startswith("Recorded: hours lies between 0.00 and 3.00, on average 1.50")
    mixed = SumConstraintSpec(features=("cement", "hours"))
    assert "kg" not in recorded_words(mixed, dataset)


def test_a_ratio_is_told_over_the_rows_where_there_is_one(dataset):
    ratio = RatioConstraintSpec(numerator=("cement",), denominator=("hours",))
    assert recorded_words(ratio, dataset) == "Recorded: this ratio is 10 in every row."
    never = Dataset(name="none", features=dataset.features, outcome=dataset.outcome, X=X * [1.0, 0.0, 1.0], y=dataset.y)
    by_ash = RatioConstraintSpec(numerator=("cement",), denominator=("ash",))
    assert recorded_words(by_ash, never) == "The denominator is above 0 in no recorded row."


def test_how_many_are_recorded_is_told_for_at_most_so_many(dataset):
    rule = AtMostConstraintSpec(features=("cement", "ash"), most=1, threshold=5.0)
    assert recorded_words(rule, dataset) == "Recorded rows have 1 to 2 of them above 5."


@pytest.mark.parametrize(
    "rule",
    [
        SumConstraintSpec(features=()),
        RatioConstraintSpec(numerator=("cement",), denominator=()),
        AtMostConstraintSpec(features=(), most=1),
        OrderConstraintSpec(smaller="ash", larger="cement"),
    ],
)
def test_where_there_is_no_number_nothing_is_told(rule, dataset):
    assert recorded_words(rule, dataset) == ""


def test_the_share_of_rows_that_meet_a_rule_is_counted(spec, dataset):
    assert share_met(SumConstraintSpec(features=("cement", "ash"), high=30.0), spec, dataset) == 0.75
    assert share_met(OrderConstraintSpec(smaller="cement", larger="ash"), spec, dataset) == 0
    swept = spec.revised(curve=CurveSpec(feature="hours", start=0, end=3))
    assert share_met(SumConstraintSpec(features=("hours",), high=1.0), swept, dataset) == 0.5


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "no recorded row meets it"),
        (0.001, "under 1 % of the recorded rows meet it"),
        (0.5, "50 % of the recorded rows meet it"),
        (0.9999, "over 99 % of the recorded rows meet it"),
        (1.0, "every recorded row meets it"),
    ],
)
def test_shares_are_told_from_none_and_all(share, words):
    assert share_words(share) == words


def test_what_is_frozen_is_told_for_the_features_of_the_rule_alone(spec, dataset):
    rule = SumConstraintSpec(features=("cement", "hours"), high=30.0)
    assert frozen_words(rule, spec, dataset) == ""
    held = frozen(frozen(spec, "cement", 20.0), "ash", 4.0)
    assert frozen_words(rule, held, dataset) == "cement is frozen at 20 kg"
    assert frozen_words(SumConstraintSpec(features=(), high=1.0), held, dataset) == ""


def test_amounts_that_may_be_absent_are_free_and_begin_at_0(spec):
    assert amounts_that_may_be_absent(spec) == ("ash", "hours")
    assert amounts_that_may_be_absent(frozen(spec, "ash", 4.0)) == ("hours",)
    assert amounts_that_may_be_absent(spec.revised(curve=CurveSpec(feature="hours", start=0, end=3))) == ("ash",)


def test_a_rule_is_a_sentence_with_its_unit(spec, dataset):
    def said(rule):
        return constraint_sentence(rule, spec, dataset)

    assert said(SumConstraintSpec(features=("cement", "ash"), low=20)) == "the sum of cement and ash is at least 20 kg"
    assert said(SumConstraintSpec(features=("cement", "hours"), low=20)) == "the sum of cement and hours is at least 20"
    assert (
        said(RatioConstraintSpec(numerator=("ash",), denominator=("cement",), high=0.2))
        == "ash / cement is at most 0.2"
    )
    assert said(AtMostConstraintSpec(features=("cement", "ash"), most=1)) == "at most 1 of cement and ash is above 0 kg"


def test_a_sentence_is_told_even_where_the_curve_forbids_the_rule(spec, dataset):
    swept = spec.revised(curve=CurveSpec(feature="hours", start=0, end=3))
    rule = SumConstraintSpec(features=("hours",), high=1)
    assert constraint_sentence(rule, swept, dataset) == "hours is at most 1"
    with pytest.raises(SpaceError, match="no rule can speak of it"):
        check_constraint(rule, swept, dataset)


def test_a_rule_that_is_there_already_is_refused(spec, dataset):
    rule = OrderConstraintSpec(smaller="ash", larger="cement")
    check_constraint(rule, spec, dataset)
    with pytest.raises(SpaceError, match="There is this rule already: ash is at most cement"):
        check_constraint(rule, spec.revised(constraints=(rule,)), dataset)


def test_what_is_wrong_with_rules_is_told_apart_from_what_is_wrong_with_features(spec, dataset):
    too_much = spec.revised(constraints=(SumConstraintSpec(features=("cement", "ash"), low=99.0),))
    assert constraints_error(spec, dataset) == ""
    assert "cannot be met: the sum of cement and ash is at most 48" in constraints_error(too_much, dataset)
    possible = spec.revised(constraints=(SumConstraintSpec(features=("cement", "ash"), low=40.0),))
    assert constraints_error(possible, dataset) == ""
    swapped = too_much.features[0].model_copy(update={"low": 50.0})
    assert constraints_error(too_much.revised(features=(swapped, *too_much.features[1:])), dataset) == ""


def test_a_forbidden_combination_is_counted_over_recorded_rows(mixed_dataset, plain_spec):
    rule = ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="resin", categories=("A",)),))
    column = mixed_dataset.X[:, mixed_dataset.index("resin")]
    assert share_met(rule, plain_spec, mixed_dataset) == pytest.approx((column != 0).mean())
    assert recorded_words(rule, mixed_dataset) == ""
