import numpy as np
import pytest

from models import Column, Dataset, DatasetError
from optimizer import (
    CardinalityConstraint,
    ForbiddenConstraint,
    OrderConstraint,
    RatioConstraint,
    SpaceError,
    SumConstraint,
)
from services.problems.building import build_problem, constraints_error
from services.problems.constraints import (
    build_constraints,
    check_constraint,
    constraint_sentence,
    constraint_words,
    features_that_may_be_0,
    frozen_words,
    recorded_words,
    share_met,
    share_words,
)
from services.results.search import run_spec
from services.specs.outcomes import CurveSpec, ModelRef
from services.specs.run import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ConditionalConstraintSpec,
    DatasetRef,
    ForbiddenConstraintSpec,
    NumericSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    RunSpec,
    SumConstraintSpec,
)
from services.texts.tables import provenance_frame, recorded_frame, results_frame, search_sentence


def never(feature, *categories):
    return ForbiddenConstraintSpec(combination=(CategoriesSpec(feature=feature, categories=categories),))


RULES = (
    SumConstraintSpec(features=("sand", "water"), low=90, high=90),
    RatioConstraintSpec(numerator=("water",), denominator=("sand", "water"), low=0.3, high=None),
    OrderConstraintSpec(smaller="speed", larger="temp"),
    AtMostConstraintSpec(features=("speed", "temp"), most=1, threshold=20.0),
    never("resin", "A", "C"),
)
NEW_RULES = (
    SumConstraintSpec(features=("sand", "water"), high=120, weights=(1.0, 0.5)),
    AtMostConstraintSpec(features=("speed",), most=1, least=3.0),
    ConditionalConstraintSpec(feature="resin", categories=("A",), then="temp", high=30.0),
)


@pytest.fixture
def ruled_spec(plain_spec):
    return plain_spec.revised(constraints=RULES, n_results=4)


def test_rules_come_to_the_engine_as_columns_and_codes(plain_spec, mixed_dataset):
    assert build_constraints(plain_spec.revised(constraints=RULES), mixed_dataset) == (
        SumConstraint((0, 1), 90, 90),
        RatioConstraint((1,), (0, 1), 0.3, np.inf),
        OrderConstraint(3, 2),
        CardinalityConstraint((3, 2), 1, 20.0),
        ForbiddenConstraint(((4, (0, 2)),), labels=(("A", "C"),)),
    )


def test_rules_are_told_in_the_words_of_the_table(plain_spec, mixed_dataset):
    assert constraint_words(build_constraints(plain_spec.revised(constraints=RULES), mixed_dataset), mixed_dataset) == (
        "the sum of sand and water is 90",
        "water / (sand + water) is at least 0.3",
        "speed is at most temp",
        "at most 1 of speed and temp is above 20",
        "never resin A or C",
    )


def test_every_result_meets_every_rule_and_says_so(ruled_spec, mixed):
    result = run_spec(ruled_spec, mixed).result
    X = np.array(result.results.X)
    assert len(X) == 4
    np.testing.assert_allclose(X[:, 0] + X[:, 1], 90, rtol=1e-9)
    assert (X[:, 1] >= 0.3 * 90 - 1e-6).all() and (X[:, 3] <= X[:, 2]).all() and (X[:, 4] == 1).all()
    assert result.results.constraints_met == ((True,) * 5,) * 4
    assert result.constraints == constraint_words(build_constraints(ruled_spec, mixed.dataset), mixed.dataset)
    recorded = np.array(result.best_recorded.constraints_met)
    np.testing.assert_array_equal(recorded[:, 4], np.array(result.best_recorded.X)[:, 4] == 1)
    assert type(result).model_validate_json(result.model_dump_json()) == result


def test_weights_least_amounts_and_conditions_are_met_by_every_result(plain_spec, mixed):
    result = run_spec(plain_spec.revised(constraints=NEW_RULES, n_results=4), mixed).result
    X = np.array(result.results.X)
    assert len(X) and result.results.constraints_met == ((True,) * 3,) * len(X)
    assert (X[:, 0] + 0.5 * X[:, 1] <= 120 + 1e-6).all()
    assert ((X[:, 3] == 0) | (X[:, 3] >= 3)).all()
    assert ((X[:, 4] != 0) | (X[:, 2] <= 30 + 1e-9)).all()
    assert result.constraints == (
        "sand + 0.5 water is at most 120",
        "speed is 0 or at least 3",
        "if resin is A then temp is at most 30",
    )


def test_a_rule_on_the_parts_goes_together_with_a_curve_and_a_penalty(mixed_spec, mixed):
    result = run_spec(mixed_spec.revised(constraints=RULES[:1]), mixed).result
    for rows in (result.results, result.unpenalised):
        np.testing.assert_allclose(rows.densities, 90, rtol=1e-9)
        assert all(met == (True,) for met in rows.constraints_met)


def test_sheets_say_how_many_rules_each_row_meets_and_which_there_were(ruled_spec, plain_spec, mixed):
    result = run_spec(ruled_spec, mixed).result
    assert list(results_frame(result)["rules met"]) == ["5 of 5"] * 4
    assert recorded_frame(result)["rules met"].str.fullmatch("[0-5] of 5").all()
    told = provenance_frame(result).set_index("what")["value"]
    assert [told[f"rule {number}"] for number in range(1, 6)] == list(result.constraints)
    assert search_sentence(result).endswith(" · ".join(f"rule: {rule}" for rule in result.constraints))
    plain = run_spec(plain_spec, mixed).result
    assert plain.constraints == () and plain.results.constraints_met is None
    assert "rules met" not in results_frame(plain)


def test_no_rule_no_word(mixed_dataset):
    assert constraint_words((), mixed_dataset) == ()


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        (SumConstraintSpec(features=("sand", "salt"), low=1), DatasetError, ["['salt']", "does not use", "'water'"]),
        (OrderConstraintSpec(smaller="a", larger="sand"), DatasetError, ["['a']", "does not use"]),
        (SumConstraintSpec(features=("sand", "resin"), low=1), SpaceError, ["numeric", "resin is categorical"]),
        (SumConstraintSpec(features=("sand", "water")), SpaceError, ["no limit"]),
        (SumConstraintSpec(features=(), low=1), SpaceError, ["name at least one"]),
        (SumConstraintSpec(features=("sand", "water"), low=5, high=4), SpaceError, ["between 5 and 4", "swap"]),
        (SumConstraintSpec(features=("sand", "water"), low=900), SpaceError, ["sand and water is at most", "900"]),
        (AtMostConstraintSpec(features=("sand", "water"), most=2), SpaceError, ["from 0 to 1", "got 2"]),
        (never("resin", "Z"), DatasetError, ["['Z']", "'resin'", "['A', 'B', 'C']"]),
        (never("sand", "A"), SpaceError, ["categorical features", "'sand' is numeric"]),
        (never("resin", *"ABC"), SpaceError, ["never resin A or B or C", "every allowed category"]),
    ],
)
def test_a_rule_that_cannot_be_met_is_refused_before_the_run(plain_spec, mixed, rule, error, words):
    with pytest.raises(error) as refused:
        build_problem(plain_spec.revised(constraints=(rule,)), mixed)
    assert [word for word in words if word not in str(refused.value)] == []


def test_no_rule_can_speak_of_the_sweep_feature(mixed_spec, mixed):
    rule = SumConstraintSpec(features=("sand", "age"), low=1)
    with pytest.raises(SpaceError, match=r"runs over all values of 'age'.*leave it out of the rule"):
        build_problem(mixed_spec.revised(constraints=(rule,)), mixed)


def test_a_frozen_feature_counts_with_its_value(plain_spec, mixed, with_feature):
    held = with_feature(plain_spec, "sand", is_free=False, value=60.0)
    space = build_problem(held.revised(constraints=RULES[:1]), mixed).space
    X = space.sample(5, np.random.default_rng(0))
    np.testing.assert_allclose(X[:, :2], [[60, 30]] * 5)


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
    assert share_met(SumConstraintSpec(features=("cement", "ash"), high=30.0), dataset) == 0.75
    assert share_met(OrderConstraintSpec(smaller="cement", larger="ash"), dataset) == 0
    assert share_met(SumConstraintSpec(features=("hours",), high=1.0), dataset) == 0.5


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


def test_features_that_may_be_0_are_free_and_begin_at_0(spec):
    assert features_that_may_be_0(spec) == ("ash", "hours")
    assert features_that_may_be_0(frozen(spec, "ash", 4.0)) == ("hours",)
    assert features_that_may_be_0(spec.revised(curve=CurveSpec(feature="hours", start=0, end=3))) == ("ash",)


def test_a_rule_is_a_sentence_with_its_unit(spec, dataset):
    def said(rule):
        return constraint_sentence(rule, dataset)

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
    assert constraint_sentence(rule, dataset) == "hours is at most 1"
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
    rule = never("resin", "A")
    column = mixed_dataset.X[:, mixed_dataset.index("resin")]
    assert share_met(rule, mixed_dataset) == pytest.approx((column != 0).mean())
    assert recorded_words(rule, mixed_dataset) == ""
